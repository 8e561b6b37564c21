"""The hooks are declared once, and the template of a fleet runs all of them on the same files."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
import yaml

from tests.support import ROOT

MANIFEST: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
OF_A_FLEET = ("check-fleet-drift", "check-fleet-references")
OF_FILES = ("forbid-plaintext-credentials", "check-registry-interface", "check-encrypted-files")


def hook(name: str) -> dict[str, Any]:
    return next(hook for hook in MANIFEST if hook["id"] == name)


def test_there_are_five() -> None:
    assert sorted(hook["id"] for hook in MANIFEST) == sorted((*OF_A_FLEET, *OF_FILES))


@pytest.mark.parametrize("one", MANIFEST, ids=lambda hook: hook["id"])
def test_a_hook_is_a_console_script_with_a_module_of_its_name(one: dict[str, Any]) -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    module = one["id"].replace("-", "_")
    assert one["entry"] == one["id"]
    assert scripts[one["id"]] == f"gitops_regconf.hooks.{module}:main"
    assert (ROOT / "hooks" / f"{module}.py").is_file()


@pytest.mark.parametrize("page", ["README.md", "docs/lint.md"])
def test_every_hook_is_in_the_docs(page: str) -> None:
    text = (ROOT / page).read_text()
    assert [hook["id"] for hook in MANIFEST if hook["id"] not in text] == []


@pytest.mark.parametrize("one", MANIFEST, ids=lambda hook: hook["id"])
def test_the_template_runs_every_hook_on_the_same_files(one: dict[str, Any]) -> None:
    template = yaml.safe_load((ROOT / "fleet-template/.pre-commit-config.yaml").read_text())
    local = {hook["id"]: hook for repo in template["repos"] for hook in repo["hooks"]}[one["id"]]
    for key in ("files", "types", "args", "always_run", "pass_filenames", "require_serial"):
        assert local.get(key) == one.get(key)
    assert [*local["stages"], "manual"] == one["stages"]
    assert set(one["stages"]) - {"manual"} <= set(template["default_install_hook_types"])


@pytest.mark.parametrize("name", OF_A_FLEET)
def test_hooks_about_a_fleet_run_whatever_is_changed(name: str) -> None:
    """A deletion is no file, and what a cluster is built from may stand in any directory."""
    assert hook(name)["always_run"] is True
    assert "files" not in hook(name)


@pytest.mark.parametrize("name", [*OF_FILES, "check-fleet-drift"])
def test_no_name_of_a_file_is_taken_for_an_option(name: str) -> None:
    assert hook(name)["args"] == ["--"]


def test_a_file_in_utf16_is_not_left_out() -> None:
    """By its content it is binary: `types: [text]` would leave it out."""
    assert hook("forbid-plaintext-credentials")["types"] == ["file"]
