"""SARIF reports against the JSON schema that OASIS publishes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft4Validator

from gitops_regconf.errors import CannotCheck
from gitops_regconf.lint.documentation import documented_rules
from gitops_regconf.lint.outcome import Outcome
from gitops_regconf.report.sarif import SCHEMA, report
from gitops_regconf.source.position import Position
from tests.interop.conftest import peer
from tests.report.outcomes import finding, outcome, outcomes


@pytest.fixture(scope="session")
def published() -> dict[str, Any]:
    """The schema, which the library has as a raw string of Go."""
    source = Path(peer("sarif-schema")).read_text(encoding="utf-8")
    _, text, _ = source.split("`")
    data: dict[str, Any] = json.loads(text)
    return data


@pytest.fixture(scope="session")
def schema(published: dict[str, Any]) -> Draft4Validator:
    Draft4Validator.check_schema(published)
    return Draft4Validator(published)


def log_of(result: Outcome) -> Any:
    return json.loads(report(result, documented_rules(), "1.2.3"))


def test_it_is_the_schema_of_the_standard(published: dict[str, Any]) -> None:
    assert published["id"] == SCHEMA
    assert published["title"] == "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema"
    assert published["$schema"] == "http://json-schema.org/draft-04/schema#"


@pytest.mark.parametrize(
    "result",
    [
        outcome(),
        outcome(finding(), finding(severity="warning", length=3), finding(at=Position("a"))),
        outcome(errors=(CannotCheck("git is missing"), CannotCheck("no", at=Position("a", 1, 1)))),
    ],
    ids=["nothing", "findings", "errors"],
)
def test_reports_fit_the_schema(schema: Draft4Validator, result: Outcome) -> None:
    schema.validate(log_of(result))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=40)
@given(outcomes())
def test_whatever_is_in_them_reports_fit_the_schema(
    schema: Draft4Validator, result: Outcome
) -> None:
    schema.validate(log_of(result))


@pytest.mark.parametrize(
    "path",
    [
        ["runs", 0, "columnKind"],
        ["runs", 0, "results", 0, "level"],
        ["runs", 0, "results", 0, "locations", 0, "physicalLocation", "region", "startLine"],
        ["runs", 0, "invocations", 0, "executionSuccessful"],
    ],
    ids=lambda path: str(path[-1]),
)
def test_the_schema_is_not_passed_over(schema: Draft4Validator, path: list[str | int]) -> None:
    log = log_of(outcome(finding()))
    *above, last = path
    node = log
    for step in above:
        node = node[step]
    node[last] = "wrong"
    assert not schema.is_valid(log)
