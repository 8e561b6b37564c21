"""Findings as annotations of GitHub Actions."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

from gitops_regconf.errors import CannotCheck
from gitops_regconf.findings import Finding
from gitops_regconf.lint.outcome import Outcome
from gitops_regconf.report.github import LIMIT, report
from gitops_regconf.report.summary import problems
from gitops_regconf.source.position import Position
from tests.report.outcomes import finding, outcome, outcomes

COMMAND = re.compile(r"::(?P<name>error|warning|notice)(?: (?P<properties>.*?))?::(?P<data>.*)")


def unescaped(text: str) -> str:
    for character in "\r\n:,":
        text = text.replace(f"%{ord(character):02X}", character)
    return text.replace("%25", "%")


def read(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner reads it: its name, its properties, its data."""
    found = COMMAND.fullmatch(line)
    assert found, line
    pairs = [pair.split("=", 1) for pair in (found["properties"] or "").split(",") if pair]
    properties = {name: unescaped(value) for name, value in pairs}
    return found["name"], properties, unescaped(found["data"])


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    return [read(line) for line in text.split("\n") if line.startswith("::")]


def test_a_finding_is_an_annotation_at_its_place() -> None:
    assert report(outcome(finding(), checked={"files": 2})) == (
        "::error file=clusters/alpha.yaml,line=3,col=5,title=endpoint-form"
        "::this is no host%0AWrite the host alone.\n"
        "1 finding; 2 files checked"
    )


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (
            finding(at=Position("a.yaml"), mend="", severity="warning"),
            "::warning file=a.yaml,title=endpoint-form::this is no host",
        ),
        (
            finding("50 %\r\nmore: a, b", at=Position("a,b:c%.yaml", 1, 2), mend=""),
            "::error file=a%2Cb%3Ac%25.yaml,line=1,col=2,title=endpoint-form::50 %25%0Amore: a, b",
        ),
    ],
)
def test_properties_and_data_are_escaped_as_github_defines(one: Finding, line: str) -> None:
    assert report(outcome(one)).splitlines()[0] == line


def test_what_could_not_be_checked_comes_first() -> None:
    problems = (
        CannotCheck("git is missing"),
        CannotCheck("odd", at=Position("a"), mend="Mend it."),
    )
    assert report(outcome(finding(), errors=problems)).splitlines()[:2] == [
        "::error title=not checked::git is missing",
        "::error file=a,title=not checked::odd%0AMend it.",
    ]


def test_what_github_would_drop_is_text_and_a_notice_says_so() -> None:
    many = [finding(f"number {number}") for number in range(33)]
    warnings = [finding(severity="warning")] * 12
    lines = report(outcome(*many, *warnings, errors=(CannotCheck("no"),))).splitlines()
    assert [line.startswith("::error ") for line in lines[:10]] == [True] * 10
    assert [line.startswith("::warning ") for line in lines[10:20]] == [True] * 10
    assert lines[20] == "error: clusters/alpha.yaml:3:5: number 9 [endpoint-form]"
    assert lines[-3] == "warning: clusters/alpha.yaml:3:5: this is no host [endpoint-form]"
    assert lines[-2:] == [
        "::notice::… and 24 more errors and 2 more warnings; the log has them all",
        "33 findings, 12 warnings, 1 check could not be made",
    ]
    assert len(lines) == 20 + 24 + 2 + 2


def test_one_too_many_is_one_error() -> None:
    assert "::… and 1 more error; the log has them all\n" in report(outcome(*[finding()] * 11))
    assert "more" not in report(outcome(*[finding()] * 10))


@settings(deadline=None)
@given(outcomes())
def test_whatever_is_in_it_each_command_is_one_of_ours(result: Outcome) -> None:
    text = report(result)
    text.encode()
    lines = text.split("\n")
    assert all(line.isprintable() for line in lines)
    said = commands(text)
    for name in ("error", "warning"):
        assert sum(one == name for one, _, _ in said) <= LIMIT
    for line in lines:
        if not line.startswith("::"):
            assert not re.match(r"\s*::", line)
            assert "##[" not in line
    for _, properties, _ in said:
        assert {*properties} <= {"file", "line", "col", "title"}
    annotated = sum(name != "notice" for name, _, _ in said)
    plain = sum(line.startswith(("error: ", "warning: ")) for line in lines)
    assert annotated + plain == len(result.findings) + len(problems(result))
