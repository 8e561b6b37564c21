"""What `check-fleet-references` does and prints."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from gitops_regconf.commands.crash import guarded
from gitops_regconf.commands.hook_report import failed, said
from gitops_regconf.commands.state import judged
from gitops_regconf.errors import RegconfError
from gitops_regconf.fleet.load import load
from gitops_regconf.lint.fleet import outcome_of
from gitops_regconf.lint.references.check import check
from gitops_regconf.source.worktree import WorkTree


def references(fleet: Path | None) -> int:
    """Check the cluster Apps of the repository around; the exit code.

    `fleet` is a checkout of the fleet, where this repository is another one.
    """
    return guarded(lambda: _references(fleet))


def _references(fleet: Path | None) -> int:
    try:
        with ExitStack() as stack:
            own = stack.enter_context(judged())
            source = own if fleet is None else WorkTree(fleet.resolve())
            loaded, errors = load(source)
            found = check(own, loaded, source)
        problems = (*errors, *found.errors)
        outcome = replace(outcome_of([*found.findings], problems), checked=found.checked)
    except RegconfError as error:
        return failed(error)
    return said(outcome)
