"""All schemas: valid, explained, and the same for editors, for the command and in a fleet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gitops_regconf.fleet import layout
from gitops_regconf.fleet.validate import _inlined
from tests.support import ROOT, FleetRepo

FILES = sorted((ROOT / "schemas").glob("*.json"))
DEFINITIONS = "definitions.schema.json"
# Where a schema holds others: by name, or one.
OF_NAMES = ("$defs", "properties", "dependentSchemas")
OF_ONE = ("items", "additionalProperties", "propertyNames", "not", "if", "then", "else")


def content(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "schemas" / name).read_text("utf-8"))
    return found


SHARED: dict[str, Any] = content(DEFINITIONS)["$defs"]


def parts(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """A schema and all that it holds."""
    yield path, schema
    below = {name: schema[name] for name in OF_ONE if name in schema}
    for keyword in OF_NAMES:
        below |= {f"{keyword}/{name}": value for name, value in schema.get(keyword, {}).items()}
    for name, value in below.items():
        if isinstance(value, dict):
            yield from parts(value, f"{path}/{name}")


def is_property(path: str) -> bool:
    """Whether it is something that an editor shows, and not a condition on it."""
    *_, above, name = ("", *path.split("/"))
    conditions = ("dependentSchemas", "if", "not", "propertyNames")
    if any(step in conditions for step in path.split("/")):
        return False
    return not path or above in ("$defs", "properties") or name == "else"


@pytest.fixture(params=FILES, ids=lambda path: path.name)
def schema(request: pytest.FixtureRequest) -> dict[str, Any]:
    return content(request.param.name)


def test_it_is_valid_under_its_own_name(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert (ROOT / "schemas" / schema["$id"]) in FILES


def test_all_that_an_editor_shows_has_a_title_and_a_description(schema: dict[str, Any]) -> None:
    shown = {
        path: _inlined({key: part.get(key, "") for key in ("$ref",) if key in part}, SHARED) | part
        for path, part in parts(schema)
        if is_property(path) or part.get("type") == "object"
    }
    lacking = [
        (path, key)
        for path, part in shown.items()
        for key in ("title", "description")
        if not part.get(key)
    ]
    assert lacking == []


def test_every_reference_leads_to_a_definition(schema: dict[str, Any]) -> None:
    for path, part in parts(schema):
        if "$ref" in part:
            file, _, name = part["$ref"].partition("#/$defs/")
            assert file == DEFINITIONS, path
            assert name in SHARED, path


def test_no_reference_is_left_where_definitions_are_inlined(schema: dict[str, Any]) -> None:
    inlined = _inlined(schema, SHARED)
    Draft202012Validator.check_schema(inlined)
    assert '"$ref"' not in json.dumps(inlined)


def test_every_definition_is_used() -> None:
    used = {
        part["$ref"].rpartition("/")[2]
        for file in FILES
        for _, part in parts(content(file.name))
        if "$ref" in part
    }
    assert set(SHARED) - used == set()


def test_patterns_are_of_the_subset_that_all_languages_read(schema: dict[str, Any]) -> None:
    """No look-around, which Go has not; a brace is a count or escaped, as JavaScript wants."""
    for path, part in parts(schema):
        pattern = part.get("pattern", "")
        assert "(?" not in pattern, path
        for index, character in enumerate(pattern):
            if character == "{" and pattern[index - 1] != "\\":
                assert pattern[index + 1].isdigit(), path


def test_every_fleet_has_a_copy_of_each(fleet: FleetRepo) -> None:
    copies = fleet.root / layout.SCHEMAS
    assert {path.name for path in copies.iterdir()} == {path.name for path in FILES}
    for path in FILES:
        assert (copies / path.name).read_bytes() == path.read_bytes()


def test_the_readme_has_a_line_on_each() -> None:
    readme = Path(ROOT / "schemas/README.md").read_text("utf-8")
    assert [path.name for path in FILES if f"`{path.name}`" not in readme] == []
