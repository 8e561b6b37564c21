"""SOPS files are verified by the rules that each name one kind of problem."""

from __future__ import annotations

import re

import pytest

from gitops_regconf import sops
from gitops_regconf.lint import rule_set
from gitops_regconf.lint.encrypted import is_candidate
from gitops_regconf.lint.file import File

WHOLE = sops.encrypt(
    {"kind": "Secret", "stringData": {"a": "red", "b": "blue"}},
    recipients=[sops.generate_key()[1]],
    encrypted_regex="^(data|stringData)$",
)


def found(text: str, path: str = "a.yaml") -> list[str]:
    """The rules that find something in a file, as the gate runs them."""
    file = File(path, text.encode())
    if not is_candidate(file.content):
        return []
    rules = [rule_set.rule(name) for name in sorted(rule_set.names()) if name.startswith("sops-")]
    return [finding.rule for rule in rules for finding in rule.checks["of_file"](file)]


def test_a_whole_file_is_clean() -> None:
    assert found(WHOLE) == []


def test_a_file_that_has_lost_its_block_is_found() -> None:
    assert found(WHOLE[: WHOLE.index("sops:")]) == ["sops-malformed"]


@pytest.mark.parametrize("left", ["sops: {}\n", "sops:\n  age: []\n", "sops:\n"])
def test_a_file_of_whose_block_little_is_left_is_found(left: str) -> None:
    assert found(WHOLE[: WHOLE.index("sops:")] + left) == ["sops-malformed"]


def test_a_file_that_has_lost_its_mac_is_found() -> None:
    assert "sops-malformed" in found(re.sub(r"\n +mac: .*", "", WHOLE))


@pytest.mark.parametrize(
    "text",
    ["a: b\n", "sops:\n  enabled: true\n", "sops: {}\n", "# ENC[AES256_GCM,…]\na: 'ENC[x]'\n"],
)
def test_what_only_speaks_of_sops_is_no_such_file(text: str) -> None:
    assert found(text) == []
