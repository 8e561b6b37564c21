"""What `check-fleet-references` does and prints."""

from __future__ import annotations

from pathlib import Path

from gitops_regconf.commands.output import Output
from gitops_regconf.errors import RegconfError
from gitops_regconf.fleet.load import load
from gitops_regconf.lint.taken_in import check
from gitops_regconf.source.worktree import WorkTree


def references(repository: Path, fleet: Path) -> int:
    """Check the cluster Apps of a repository against a fleet; the exit code."""
    output = Output.of_process(color=True, quiet=False, verbose=False, json=False)
    source = WorkTree(fleet.resolve())
    try:
        loaded, errors = load(source)
        own = source if repository.resolve() == fleet.resolve() else WorkTree(repository.resolve())
        checked = check(own, loaded, source)
    except RegconfError as error:
        output.error(error)
        return error.exit_code
    for finding in checked.findings:
        output.finding(finding)
    problems = (*errors, *checked.errors)
    for problem in problems:
        output.error(problem)
    seen = len(checked.seen)
    output.say(f"{seen} cluster App{'' if seen == 1 else 's'} checked")
    codes = [problem.exit_code for problem in problems]
    return max([*codes, 1 if checked.findings else 0])
