"""Findings for people: where, what, the line with a mark below it, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.errors import RegconfError
from gitops_regconf.findings import Finding
from gitops_regconf.lint.outcome import Outcome
from gitops_regconf.report.encoding import lines, visible
from gitops_regconf.report.excerpt import marked
from gitops_regconf.report.summary import problems, summary
from gitops_regconf.source.position import Position

# SGR sequences of ECMA-48, section 8.3.117.
_RED, _YELLOW, _PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[0m"
_COLORS = {"error": _RED, "warning": _YELLOW, "not checked": _RED}

_OF_FILE, _OF_MEND = "  | ", "  = "


def report(outcome: Outcome, *, color: bool = False) -> str:
    """The findings, then what could not be checked, then a line with numbers.

    Of each, only the line that says where begins at the margin. Control characters
    in paths, messages and excerpts are shown as escapes. No newline is at the end.
    """
    blocks = [_finding(outcome, finding, color=color) for finding in outcome.findings]
    blocks += [_problem(error, color=color) for error in problems(outcome)]
    return "\n\n".join(["\n".join(block) for block in blocks] + [summary(outcome)])


def place(at: Position) -> str:
    """A position, its path visible."""
    return str(Position(visible(at.path), at.line, at.column))


def _finding(outcome: Outcome, finding: Finding, *, color: bool) -> Iterator[str]:
    first, *more = lines(finding.message) or [""]
    kind = _painted(finding.severity, finding.severity, color=color)
    yield f"{place(finding.at)}: {kind}: {first} [{visible(finding.rule)}]"
    yield from (_OF_MEND + line for line in more)
    excerpt = outcome.excerpts.get(finding)
    if excerpt is not None:
        line, marks = marked(excerpt, finding.at.column, finding.length)
        yield _OF_FILE + line
        if marks:
            blank = marks[: -len(marks.lstrip())]
            yield _OF_FILE + blank + _painted(marks.lstrip(), finding.severity, color=color)
    yield from (_OF_MEND + line for line in lines(finding.mend))


def _problem(error: RegconfError, *, color: bool) -> Iterator[str]:
    first, *more = lines(error.message) or [""]
    kind = _painted("not checked", "not checked", color=color)
    yield f"{place(error.at)}: {kind}: {first}" if error.at else f"{kind}: {first}"
    yield from (_OF_MEND + line for line in (*more, *lines(error.mend or "")))


def _painted(text: str, kind: str, *, color: bool) -> str:
    return f"{_COLORS[kind]}{text}{_PLAIN}" if color else text
