"""Findings for programs, in a form of our own."""

from __future__ import annotations

from typing import Any

from gitops_regconf.errors import RegconfError
from gitops_regconf.findings import Finding
from gitops_regconf.lint.outcome import Outcome
from gitops_regconf.report.encoding import json_text
from gitops_regconf.report.summary import problems


def report(outcome: Outcome) -> str:
    """A JSON object with `findings`, `errors` (what could not be checked) and `checked` (counts).

    A `line` of 0 means the file as a whole. An error that is about no file has
    null as its `path`. `help` is what to do, null where nothing is said about it.
    """
    data = {
        "findings": [_finding(finding) for finding in outcome.findings],
        "errors": [_problem(error) for error in problems(outcome)],
        "checked": dict(outcome.checked),
    }
    return json_text(data)


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "path": finding.at.path,
        "line": finding.at.line,
        "column": finding.at.column,
        "message": finding.message,
        "severity": finding.severity,
        "help": finding.mend or None,
    }


def _problem(error: RegconfError) -> dict[str, Any]:
    return {
        "path": error.at.path if error.at else None,
        "line": error.at.line if error.at else 0,
        "column": error.at.column if error.at else 0,
        "message": error.message,
        "help": error.mend or None,
        "exitCode": error.exit_code,
    }
