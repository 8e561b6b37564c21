"""An outcome in numbers."""

from __future__ import annotations

from gitops_regconf.errors import RegconfError, singly
from gitops_regconf.lint.outcome import Outcome


def problems(outcome: Outcome) -> list[RegconfError]:
    """What could not be checked, one error for each, in the order of the outcome."""
    return list(singly(outcome.errors))


def found(outcome: Outcome) -> str:
    """Such as `3 findings, 1 warning, 2 files could not be checked`; warnings are no findings."""
    warnings = sum(finding.severity == "warning" for finding in outcome.findings)
    unchecked = problems(outcome)
    files = {error.at.path for error in unchecked if error.at}
    elsewhere = sum(error.at is None for error in unchecked)
    parts = [
        counted(len(outcome.findings) - warnings, "findings") or "no findings",
        counted(warnings, "warnings"),
        f"{counted(len(files), 'files')} could not be checked" if files else "",
        f"{counted(elsewhere, 'checks')} could not be made" if elsewhere else "",
    ]
    return ", ".join(filter(None, parts))


def checked(outcome: Outcome) -> str:
    """Such as `120 files, 6 clusters checked`; empty where nothing was counted."""
    parts = [f"{count} {_noun(count, what)}" for what, count in outcome.checked.items()]
    return f"{', '.join(parts)} checked" if parts else ""


def summary(outcome: Outcome) -> str:
    """Both in one line."""
    return "; ".join(filter(None, (found(outcome), checked(outcome))))


def counted(count: int, plural: str) -> str:
    """`2 files`, `1 file`; empty for none."""
    return f"{count} {_noun(count, plural)}" if count else ""


def _noun(count: int, plural: str) -> str:
    if count != 1:
        return plural
    return plural.removesuffix("ies") + "y" if plural.endswith("ies") else plural.removesuffix("s")
