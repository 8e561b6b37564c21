"""One problem is one finding, also where several rules see it."""

from __future__ import annotations

from gitops_regconf.findings import Finding
from gitops_regconf.lint.doubles import without_doubles
from gitops_regconf.source.position import Position

AT = Position("a.yaml", 3, 5)


def left(*rules: str, at: Position = AT) -> list[str]:
    return [finding.rule for finding in without_doubles(Finding(rule, at, "x") for rule in rules)]


def test_the_same_finding_counts_once() -> None:
    assert left("endpoint-form", "endpoint-form") == ["endpoint-form"]


def test_a_rule_gives_way_to_the_one_that_it_names() -> None:
    assert left("sops-plaintext", "plaintext-credentials") == ["plaintext-credentials"]
    assert left("sops-plaintext", "sops-comment") == ["sops-plaintext", "sops-comment"]


def test_a_rule_that_gives_way_to_any_other_one() -> None:
    assert left("interface-schema", "endpoint-form") == ["endpoint-form"]
    assert left("interface-schema") == ["interface-schema"]


def test_elsewhere_nothing_gives_way() -> None:
    other = Finding("endpoint-form", Position("a.yaml", 3, 6), "x")
    schema = Finding("interface-schema", AT, "x")
    assert without_doubles([schema, other]) == [schema, other]


def test_what_is_about_a_file_as_a_whole_stays() -> None:
    file = Position("a.yaml")
    assert left("invalid-input", "split-paths", at=file) == ["invalid-input", "split-paths"]
