"""An ignore is explicit and narrow: one line, named rules, a reason; and it is used."""

from __future__ import annotations

import pytest

from gitops_regconf.findings import Finding
from gitops_regconf.lint.ignores import ignores, without_effect, without_ignored, without_reason
from gitops_regconf.source.position import Position

RULES = {"a-rule", "another-rule"}


def finding(line: int, rule: str = "a-rule") -> Finding:
    return Finding(rule, Position("f", line, 1), "x")


def left(text: str, *findings: Finding) -> list[Finding]:
    return without_ignored(findings, ignores(text, "f"))


def about(text: str, *findings: Finding, chosen: set[str] | None = None) -> list[str]:
    found = ignores(text, "f")
    without_ignored(findings, found)
    chosen = RULES if chosen is None else chosen
    both = (*without_reason(found), *without_effect(found, RULES, chosen))
    return [f"{one.at.line}:{one.rule}: {one.message}" for one in both]


@pytest.mark.parametrize(
    "text",
    [
        "x # regconf: ignore[a-rule] it is an example",
        "# regconf: ignore[a-rule] it is an example\nx",
        "// regconf: ignore[a-rule] it is an example\nx",
        "; regconf: ignore[a-rule] it is an example\nx",
        "-- regconf: ignore[a-rule] it is an example\nx",
        "<!-- regconf: ignore[a-rule] it is an example -->\nx",
        "/* regconf: ignore[a-rule] it is an example */\nx",
        "{{/* regconf: ignore[a-rule] it is an example */}}\nx",
        "{{- /* regconf: ignore[a-rule] it is an example */ -}}\nx",
        "# regconf: ignore[another-rule, a-rule] it is an example\r\nx",
    ],
)
def test_an_ignore_is_for_its_own_line_or_the_one_below(text: str) -> None:
    line = text.count("\n") + 1
    assert left(text, finding(line)) == []
    assert about(text, finding(line), finding(line, "another-rule")) in ([], about(text))[:1]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("# regconf: ignore[a-rule] reason\n\nx", 3, "two lines below"),
        ("x\n# regconf: ignore[a-rule] reason", 1, "the line above"),
        ("x # regconf: ignore[another-rule] reason", 1, "another rule"),
        ("x # regconf: ignore[a-rule] reason\ny", 2, "it stands behind something"),
        ("x # regconf: ignore[a-rule]", 1, "no reason"),
        ("x # regconf: ignore[a-rule]   ", 1, "blanks are no reason"),
        ("x <!-- regconf: ignore[a-rule] -->", 1, "the end of a comment is no reason"),
        ("x # regconf: ignore reason", 1, "no rule"),
        ("x # regconf: ignore[] reason", 1, "no rule in the brackets"),
        ("x # regconf: ignore[*] reason", 1, "no rule has this name"),
        ("x regconf: ignore[a-rule] reason", 1, "it is in no comment"),
        ("x # gitleaks:allow", 1, "another tool"),
    ],
)
def test_what_does_not_count(text: str, line: int, why: str) -> None:
    assert left(text, finding(line)) == [finding(line)], why


def test_without_a_reason_or_a_rule_it_is_a_finding_itself() -> None:
    assert about("# regconf: ignore[a-rule]\n# regconf: ignore why") == [
        "1:ignore-without-reason: this ignore gives no reason, and is not followed",
        "2:ignore-without-reason: this ignore names no rule, and is not followed",
    ]


def test_one_that_matches_nothing_is_a_finding() -> None:
    (message,) = about("# regconf: ignore[a-rule] reason")
    assert message.startswith("1:ignore-without-effect: this ignore is for a-rule, which finds")
    assert about("x # regconf: ignore[a-rule] reason", finding(1)) == []


def test_each_of_its_rules_must_match() -> None:
    (message,) = about("x # regconf: ignore[a-rule, another-rule] reason", finding(1))
    assert "another-rule" in message


def test_a_rule_that_does_not_exist() -> None:
    (message,) = about("x # regconf: ignore[a-rul] reason")
    assert "there is no rule 'a-rul'" in message


def test_of_a_rule_that_was_not_run_it_cannot_be_told() -> None:
    assert about("# regconf: ignore[a-rule] reason", chosen={"another-rule"}) == []
