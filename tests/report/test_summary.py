"""Outcomes in numbers."""

from __future__ import annotations

import pytest

from gitops_regconf.errors import CannotCheck, InvalidInput, RegconfError, Several
from gitops_regconf.lint.outcome import Outcome
from gitops_regconf.report.summary import problems, summary
from gitops_regconf.source.position import Position
from tests.report.outcomes import finding, outcome

WARNING = finding(severity="warning")


def unreadable(path: str, line: int = 0) -> RegconfError:
    return CannotCheck("it is not readable", at=Position(path, line))


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (outcome(), "no findings"),
        (outcome(checked={"files": 1, "clusters": 6}), "no findings; 1 file, 6 clusters checked"),
        (outcome(checked={"registries": 1}), "no findings; 1 registry checked"),
        (outcome(checked={"files": 0}), "no findings; 0 files checked"),
        (outcome(finding()), "1 finding"),
        (outcome(WARNING), "no findings, 1 warning"),
        (outcome(finding(), WARNING, WARNING), "1 finding, 2 warnings"),
        (
            outcome(
                *[finding()] * 3,
                WARNING,
                errors=(unreadable("a", 1), unreadable("a", 2), unreadable("b")),
                checked={"files": 120, "clusters": 6},
            ),
            "3 findings, 1 warning, 2 files could not be checked; 120 files, 6 clusters checked",
        ),
        (
            outcome(errors=(unreadable("a"), CannotCheck("git is missing"))),
            "no findings, 1 file could not be checked, 1 check could not be made",
        ),
    ],
)
def test_numbers_stand_before_nouns_that_fit(result: Outcome, said: str) -> None:
    assert summary(result) == said


def test_several_errors_in_one_are_several() -> None:
    one, two, three = unreadable("a"), InvalidInput("b"), unreadable("c")
    assert problems(outcome(errors=(Several([one, Several([two])]), three))) == [one, two, three]
