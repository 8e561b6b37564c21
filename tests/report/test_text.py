"""Findings as people read them."""

from __future__ import annotations

import re

from hypothesis import given, settings

from gitops_regconf.errors import CannotCheck
from gitops_regconf.lint.outcome import Outcome
from gitops_regconf.report.summary import problems
from gitops_regconf.report.text import report
from gitops_regconf.source.position import Position
from tests.report.outcomes import AT, finding, outcome, outcomes


def test_findings_come_first_then_what_could_not_be_checked_then_numbers() -> None:
    first = finding(at=AT, length=9)
    result = outcome(
        first,
        finding("this is odd", at=Position("b.yaml", 7, 1), severity="warning", mend=""),
        errors=(
            CannotCheck("it is not UTF-8", at=Position("c.yaml"), mend="Save it as UTF-8."),
            CannotCheck("git is missing"),
        ),
        checked={"files": 3},
        excerpts={first: "    https://x"},
    )
    assert report(result) == (
        "clusters/alpha.yaml:3:5: error: this is no host [endpoint-form]\n"
        "  |     https://x\n"
        "  |     ^^^^^^^^^\n"
        "  = Write the host alone.\n"
        "\n"
        "b.yaml:7:1: warning: this is odd [endpoint-form]\n"
        "\n"
        "c.yaml: not checked: it is not UTF-8\n"
        "  = Save it as UTF-8.\n"
        "\n"
        "not checked: git is missing\n"
        "\n"
        "1 finding, 1 warning, 1 file could not be checked, 1 check could not be made; "
        "3 files checked"
    )


def test_without_findings_there_are_only_numbers() -> None:
    assert report(outcome(checked={"files": 2})) == "no findings; 2 files checked"


def test_a_message_of_several_lines_stays_below_its_place() -> None:
    result = outcome(errors=(CannotCheck("kustomize failed:\n::error::x\nb", at=AT, mend="a\nb"),))
    assert report(result).splitlines()[:5] == [
        "clusters/alpha.yaml:3:5: not checked: kustomize failed:",
        r"  = \x3a:error::x",
        "  = b",
        "  = a",
        "  = b",
    ]


def test_bytes_that_are_no_utf_8_and_control_characters_are_shown() -> None:
    path = b"caf\xe9\x1b[2J.yaml".decode("utf-8", "surrogateescape")
    assert report(outcome(finding(at=Position(path, 1, 2)))).startswith(
        r"caf\xe9\x1b[2J.yaml:1:2: error: "
    )


def test_colours_change_nothing_else() -> None:
    first, second = finding(length=2), finding(severity="warning")
    result = outcome(
        first,
        second,
        errors=(CannotCheck("no"),),
        excerpts=dict.fromkeys((first, second), "    https://x"),
    )
    colored = report(result, color=True)
    assert "\x1b[31merror\x1b[0m" in colored
    assert "\x1b[33mwarning\x1b[0m" in colored
    assert "  |     \x1b[31m^^\x1b[0m\n" in colored
    assert re.sub(r"\x1b\[\d+m", "", colored) == report(result)


@settings(deadline=None)
@given(outcomes())
def test_whatever_is_in_it_only_places_begin_at_the_margin(result: Outcome) -> None:
    text = report(result)
    text.encode()
    lines = text.split("\n")
    assert all(line.isprintable() for line in lines)
    assert not any(re.match(r"\s*::", line) or "##[" in line for line in lines)
    *blocks, _ = text.split("\n\n")
    assert len(blocks) == len(result.findings) + len(problems(result))
    for block in blocks:
        first, *more = block.split("\n")
        assert first
        assert all(line.startswith(("  | ", "  = ")) for line in more)
