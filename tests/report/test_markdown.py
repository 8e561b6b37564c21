"""Findings as the summary of a job."""

from __future__ import annotations

import re

from hypothesis import given, settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

from gitops_regconf.errors import CannotCheck
from gitops_regconf.lint.outcome import Outcome
from gitops_regconf.report.encoding import lines
from gitops_regconf.report.markdown import ROWS, report
from gitops_regconf.report.summary import problems
from gitops_regconf.report.text import place
from gitops_regconf.source.position import Position
from tests.report.outcomes import finding, outcome, outcomes

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
OURS = re.compile(r"</?code>|<br>")
LIMIT = 1024 * 1024


def tables(text: str) -> list[list[list[Token]]]:
    """The rows of every table, without its header; of each cell the inline token."""
    found: list[list[list[Token]]] = []
    inside = False
    for token in MARKDOWN.parse(text):
        inside = {"tbody_open": True, "tbody_close": False}.get(token.type, inside)
        if token.type == "tbody_open":
            found.append([])
        elif token.type == "tr_open" and inside:
            found[-1].append([])
        elif token.type == "inline" and inside:
            found[-1][-1].append(token)
    return found


def shown(cell: Token) -> str:
    """What a reader sees of a cell; fails where it has any formatting but ours."""
    parts = []
    for child in cell.children or []:
        assert child.type in {"text", "html_inline"}, child
        if child.type == "html_inline":
            assert OURS.fullmatch(child.content), child
            parts.append({"<br>": "\n", "<code>": "`", "</code>": "`"}[child.content])
        else:
            parts.append(child.content)
    return "".join(parts)


def test_a_table_says_where_what_and_what_to_do() -> None:
    result = outcome(
        finding(),
        finding("`a` is\nodd", at=Position("b.yaml"), severity="warning"),
        errors=(CannotCheck("it is not UTF-8", at=Position("c.yaml"), mend="Save it."),),
        checked={"files": 3},
    )
    text = report(result)
    assert text.startswith(
        "## regconf: 1 finding, 1 warning, 1 file could not be checked\n\n3 files checked\n\n| "
    )
    unchecked, found = tables(text)
    assert [[shown(cell) for cell in row] for row in unchecked] == [
        ["`c.yaml`", "it is not UTF-8", "Save it."]
    ]
    assert [[shown(cell) for cell in row] for row in found] == [
        [
            "`clusters/alpha.yaml:3:5`",
            "error",
            "`endpoint-form`",
            "this is no host",
            "Write the host alone.",
        ],
        ["`b.yaml`", "warning", "`endpoint-form`", "`a` is\nodd", "Write the host alone."],
    ]


def test_without_findings_there_is_no_table() -> None:
    assert report(outcome()) == "## regconf: no findings\n"


def test_more_rows_than_fit_are_counted() -> None:
    text = report(outcome(*[finding()] * (ROWS + 23)))
    assert len(tables(text)[0]) == ROWS
    assert text.endswith("\n\n… and 23 more; the log has them all.\n")


def test_the_worst_fits_into_what_github_takes() -> None:
    worst = finding("|" * 5000, at=Position("\U000e0001" * 5000, 1, 1), mend="|" * 5000)
    text = report(
        outcome(*[worst] * 500, errors=(CannotCheck(worst.message, mend=worst.mend),) * 500)
    )
    assert len(text.encode()) < LIMIT
    shown_rows = sum(map(len, tables(text)))
    left_out = sum(int(count) for count in re.findall(r"… and (\d+) more;", text))
    assert shown_rows + left_out == 1000


@settings(deadline=None)
@given(outcomes())
def test_whatever_is_in_it_the_tables_hold(result: Outcome) -> None:
    text = report(result)
    text.encode()
    found = tables(text)
    assert [len(table) for table in found] == [
        count for count in (len(problems(result)), len(result.findings)) if count
    ]
    for table in found:
        assert {len(row) for row in table} <= {3, 5}
        assert len({len(row) for row in table}) == 1
    for row, one in zip(found[-1] if result.findings else [], result.findings, strict=True):
        assert shown(row[0]) == f"`{place(one.at)}`"
        assert shown(row[3]) == "\n".join(lines(one.message)).strip(" ")
