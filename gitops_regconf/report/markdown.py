"""Findings as the summary of a job: GitHub Flavored Markdown with one table for each kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from gitops_regconf.errors import RegconfError
from gitops_regconf.findings import Finding
from gitops_regconf.lint.outcome import Outcome
from gitops_regconf.report.encoding import lines, visible
from gitops_regconf.report.summary import checked, found, problems
from gitops_regconf.report.text import place

#: Rows of each table.
ROWS = 200
#: Characters of each cell, before escaping.
LENGTH = 1000
#: Bytes of each table; GitHub takes 1 MiB for the summary of a step
#: (docs.github.com, "Workflow commands for GitHub Actions", adding a job summary).
SIZE = 384 * 1024

# All punctuation of ASCII that Markdown or HTML could take for more than it is: as character
# references (GFM, section 2.5 of its CommonMark part) none of it has a meaning.
_ACTIVE = re.compile(r"[!-/:-@\[-`{-~]")
_HARMLESS = frozenset(",;'\"()-/ ")
_CODE = re.compile(r"(`[^`]+`)")


def report(outcome: Outcome) -> str:
    """A heading with numbers, what could not be checked, the findings; ends with a newline.

    The first `ROWS` of each kind are in it, and of those what GitHub has room
    for; a line says how many there are besides.
    """
    parts = [f"## regconf: {found(outcome)}", checked(outcome)]
    parts += _table(("Not checked", "Why", "What to do"), map(_problem, problems(outcome)))
    parts += _table(
        ("Where", "What", "Rule", "Message", "What to do"), map(_finding, outcome.findings)
    )
    return "\n\n".join(filter(None, parts)) + "\n"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The table, and a line about the rows that it does not show; nothing where there are none."""
    shown = [_row(header), _row(["---"] * len(header))]
    size, left_out = 0, 0
    for number, row in enumerate(map(_row, rows)):
        size += len(row.encode()) + 1
        if left_out or number >= ROWS or size > SIZE:
            left_out += 1
        else:
            shown.append(row)
    if len(shown) > 2 or left_out:
        yield "\n".join(shown)
    if left_out:
        yield f"… and {left_out} more; the log has them all."


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _finding(finding: Finding) -> Sequence[str]:
    return (
        _code(place(finding.at)),
        finding.severity,
        _code(visible(finding.rule)),
        _prose(finding.message),
        _prose(finding.mend),
    )


def _problem(error: RegconfError) -> Sequence[str]:
    where = _code(place(error.at)) if error.at else "—"
    return where, _prose(error.message), _prose(error.mend or "")


def _code(text: str) -> str:
    """A cell of code; `text` is visible already."""
    return f"<code>{_escaped(_cut(text))}</code>"


def _prose(text: str) -> str:
    """A cell of text; only what stands between backticks is formatted, as code."""
    return "<br>".join(map(_line, lines(_cut(text))))


def _line(text: str) -> str:
    return "".join(
        f"<code>{_escaped(part[1:-1])}</code>" if number % 2 else _escaped(part)
        for number, part in enumerate(_CODE.split(text))
    )


def _cut(text: str) -> str:
    return text if len(text) <= LENGTH else f"{text[: LENGTH - 1]}…"


def _escaped(text: str) -> str:
    return _ACTIVE.sub(lambda sign: sign[0] if sign[0] in _HARMLESS else f"&#{ord(sign[0])};", text)
