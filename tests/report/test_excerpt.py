"""A line of a file with marks that stand below what they mean."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitops_regconf.report.excerpt import WIDTH, marked
from tests.report.outcomes import texts


@pytest.mark.parametrize(
    ("line", "column", "length", "shown", "marks"),
    [
        ("endpoint: a/b", 11, 3, "endpoint: a/b", "          ^^^"),
        ("endpoint: a/b", 1, 8, "endpoint: a/b", "^^^^^^^^"),
        ("endpoint: a/b", 11, 0, "endpoint: a/b", "          ^"),
        ("endpoint: a/b", 11, 99, "endpoint: a/b", "          ^^^"),
        ("key:", 5, 1, "key:", "    ^"),  # what is missing after the line's end
        ("key:", 99, 1, "key:", "    ^"),
        ("key:", 0, 0, "key:", ""),
        ("", 1, 0, "", "^"),
        ("key: x\r\n", 6, 9, "key: x", "     ^"),
        ("\tkey: x", 2, 3, "    key: x", "    ^^^"),
        ("a\tkey: x", 3, 3, "a   key: x", "    ^^^"),
        ("漢字: x", 5, 1, "漢字: x", "      ^"),
        ("漢字: x", 1, 2, "漢字: x", "^^^^"),
        ("cafe\u0301: x", 8, 1, "cafe\u0301: x", "      ^"),
        ("a\x1b: x", 5, 1, r"a\x1b: x", "       ^"),
        ("# ##[error]x", 5, 1, r"# ##\x5berror]x", "    ^^^^"),
    ],
)
def test_the_marks_stand_below_what_they_mean(
    line: str, column: int, length: int, shown: str, marks: str
) -> None:
    assert marked(line, column, length) == (shown, marks)


def test_of_a_long_line_the_part_around_the_mark_is_shown() -> None:
    line = "a" * 500 + "HERE" + "b" * 500
    shown, marks = marked(line, 501, 4)
    assert shown.startswith("…a")
    assert shown.endswith("b…")
    assert shown[marks.index("^") : len(marks)] == "HERE"
    assert len(shown) == WIDTH + 2


def test_of_a_long_line_the_beginning_is_shown_where_the_mark_is_there() -> None:
    assert marked("HERE" + "b" * 500, 1, 4) == ("HERE" + "b" * (WIDTH - 4) + "…", "^^^^")


def test_of_a_long_line_the_end_is_shown_where_the_mark_is_there() -> None:
    shown, marks = marked("a" * 500 + "HERE", 501, 4)
    assert shown == "…" + "a" * (WIDTH - 4) + "HERE"
    assert shown[marks.index("^") :] == "HERE"


@settings(deadline=None)
@given(texts | texts.map(lambda text: text * 50), st.integers(0, 400), st.integers(0, 400))
def test_whatever_the_line_it_is_printable_and_short(line: str, column: int, length: int) -> None:
    shown, marks = marked(line, column, length)
    assert shown.isprintable()
    assert re.fullmatch(r" *\^+" if column else "", marks)
    assert len(marks) <= WIDTH + 2
