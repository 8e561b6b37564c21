"""Findings as annotations of GitHub Actions.

The form and its escaping are those of workflow commands
(docs.github.com, "Workflow commands for GitHub Actions"; ActionCommand.cs in
actions/runner for what is unescaped). A step may give 10 annotations of each
kind and a job 50; what is more is dropped without a word
(docs/problem-matchers.md in actions/toolkit), so the rest is plain text here.
"""

from __future__ import annotations

from collections.abc import Mapping

from gitops_regconf.errors import RegconfError
from gitops_regconf.findings import Finding
from gitops_regconf.lint.outcome import Outcome
from gitops_regconf.report.encoding import lines, visible
from gitops_regconf.report.summary import counted, problems, summary
from gitops_regconf.report.text import place
from gitops_regconf.source.position import Position

#: Annotations of each kind that GitHub shows of a step.
LIMIT = 10

# The annotation, and the line of text in its stead.
_Said = tuple[str, str]


def report(outcome: Outcome) -> str:
    """Up to ten errors and ten warnings as workflow commands, then the others, then numbers.

    What could not be checked comes first. Where there are more, a notice says
    so beside the annotations. Nothing in a path or message starts a command.
    """
    errors = [_problem(error) for error in problems(outcome)]
    errors += [_finding(one) for one in outcome.findings if one.severity == "error"]
    warnings = [_finding(one) for one in outcome.findings if one.severity == "warning"]
    shown = [command for command, _ in (*errors[:LIMIT], *warnings[:LIMIT])]
    rest = [line for _, line in (*errors[LIMIT:], *warnings[LIMIT:])]
    more = _more(len(errors) - LIMIT, len(warnings) - LIMIT)
    notice = [_command("notice", {}, f"… and {more}; the log has them all")] if more else []
    return "\n".join([*shown, *rest, *notice, summary(outcome)])


def _more(errors: int, warnings: int) -> str:
    parts = counted(max(errors, 0), "more errors"), counted(max(warnings, 0), "more warnings")
    return " and ".join(filter(None, parts))


def _finding(finding: Finding) -> _Said:
    properties = {**_where(finding.at), "title": finding.rule}
    text = _text(finding.message, finding.mend)
    line = f"{place(finding.at)}: {visible(finding.message)} [{visible(finding.rule)}]"
    return _command(finding.severity, properties, text), f"{finding.severity}: {line}"


def _problem(error: RegconfError) -> _Said:
    where = _where(error.at) if error.at else {}
    command = _command(
        "error", {**where, "title": "not checked"}, _text(error.message, error.mend or "")
    )
    place_of = f"{place(error.at)}: " if error.at else ""
    return command, f"error: not checked: {place_of}{visible(error.message)}"


def _where(at: Position) -> dict[str, str]:
    numbers = {"line": at.line, "col": at.column} if at.line else {}
    return {"file": at.path, **{name: str(number) for name, number in numbers.items() if number}}


def _text(message: str, mend: str) -> str:
    return "\n".join([*lines(message), *lines(mend)])


def _command(name: str, properties: Mapping[str, str], data: str) -> str:
    of_properties = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name}{' ' if properties else ''}{of_properties}::{_data(data)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")
