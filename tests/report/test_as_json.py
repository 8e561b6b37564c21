"""Findings as programs read them."""

from __future__ import annotations

import json

from hypothesis import given, settings

from gitops_regconf.errors import CannotCheck, InvalidInput, Several
from gitops_regconf.lint.outcome import Outcome
from gitops_regconf.report.as_json import report
from gitops_regconf.report.summary import problems
from gitops_regconf.source.position import Position
from tests.report.outcomes import finding, outcome, outcomes


def test_everything_is_a_field_of_its_own() -> None:
    problem = CannotCheck("it is not UTF-8", at=Position("c.yaml", 2, 1), mend="Save it.")
    result = outcome(
        finding(),
        finding("odd", severity="warning", mend=""),
        errors=(Several([problem, InvalidInput("no such fleet")]),),
        checked={"files": 3},
    )
    assert json.loads(report(result)) == {
        "findings": [
            {
                "rule": "endpoint-form",
                "path": "clusters/alpha.yaml",
                "line": 3,
                "column": 5,
                "message": "this is no host",
                "severity": "error",
                "help": "Write the host alone.",
            },
            {
                "rule": "endpoint-form",
                "path": "clusters/alpha.yaml",
                "line": 3,
                "column": 5,
                "message": "odd",
                "severity": "warning",
                "help": None,
            },
        ],
        "errors": [
            {
                "path": "c.yaml",
                "line": 2,
                "column": 1,
                "message": "it is not UTF-8",
                "help": "Save it.",
                "exitCode": 3,
            },
            {
                "path": None,
                "line": 0,
                "column": 0,
                "message": "no such fleet",
                "help": None,
                "exitCode": 2,
            },
        ],
        "checked": {"files": 3},
    }


def test_without_findings_every_part_is_there() -> None:
    assert json.loads(report(outcome())) == {"findings": [], "errors": [], "checked": {}}


def test_excerpts_are_for_people() -> None:
    one = finding()
    assert "masked" not in report(outcome(one, excerpts={one: "password: <masked>"}))


@settings(deadline=None)
@given(outcomes())
def test_whatever_is_in_it_it_is_json_in_utf_8(result: Outcome) -> None:
    data = json.loads(report(result).encode())
    assert [one["line"] for one in data["findings"]] == [one.at.line for one in result.findings]
    assert len(data["errors"]) == len(problems(result))
