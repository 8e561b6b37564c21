"""The rule of `.sops.yaml` for a file: of the nearest one above it, the first that matches."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_regconf.lint.claims import Claims
from gitops_regconf.sops import first_match, generate_key, parse_rules
from gitops_regconf.source.worktree import WorkTree


def claims(root: Path, **files: str) -> Claims:
    for directory, text in files.items():
        place = root / directory.replace("top", ".") / ".sops.yaml"
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)
    return Claims(WorkTree(root))


def rules(*expressions: str) -> str:
    _, recipient = generate_key()
    return "creation_rules:\n" + "".join(
        f"- path_regex: {expression}\n  age: {recipient}\n" for expression in expressions
    )


def test_the_first_that_matches(tmp_path: Path) -> None:
    found = claims(tmp_path, top=rules("a/", "secret", ".*")).of("a/secret")
    assert found
    assert found.path_regex == "a/"


def test_the_nearest_file_counts_alone_and_for_paths_below_it(tmp_path: Path) -> None:
    both = claims(tmp_path, top=rules("."), sub=rules("^x$"))
    assert both.of("sub/x")
    assert both.of("sub/y") is None
    assert both.of("other/y")


def test_the_rules_claim_not_themselves(tmp_path: Path) -> None:
    assert claims(tmp_path, top=rules(".*")).of(".sops.yaml") is None


def test_without_rules_nothing_is_claimed(tmp_path: Path) -> None:
    assert claims(tmp_path).of("a") is None
    assert claims(tmp_path, top="creation_rules: []").of("a") is None


def test_thousands_of_rules_are_the_same_as_one_by_one(tmp_path: Path) -> None:
    text = rules(*(rf"clusters/c{number}/.*secret\.yaml$" for number in range(3000)), "c1")
    found = claims(tmp_path, top=text)
    parsed = parse_rules(text)
    for path in ("clusters/c2999/a-secret.yaml", "clusters/c17/x", "clusters/x"):
        assert found.of(path) == first_match(parsed, path)


@pytest.mark.parametrize("text", ["a: [", rules("(")])
def test_rules_that_cannot_be_read_are_told_once(tmp_path: Path, text: str) -> None:
    found = claims(tmp_path, top=text)
    assert [found.of(path) for path in ("a", "b", "c/d")] == [None, None, None]
    (error,) = found.errors
    assert error.exit_code == 3
    assert ".sops.yaml" in str(error)
