"""What a hook says at its end, and the exit code that it ends with."""

from __future__ import annotations

from gitops_regconf.commands.output import Output
from gitops_regconf.errors import InvalidInput, RegconfError
from gitops_regconf.lint.outcome import Outcome
from gitops_regconf.report import text


def said(outcome: Outcome) -> int:
    """Print what came of the check."""
    output = Output.of_hook()
    output.document(text.report(outcome, color=output.color))
    return outcome.exit_code


def failed(error: RegconfError) -> int:
    """Print why nothing was checked. What was asked for wrongly is no check that failed."""
    if error.exit_code == InvalidInput.exit_code:
        Output.of_hook().error(error)
        return error.exit_code
    return said(Outcome(errors=(error,)))
