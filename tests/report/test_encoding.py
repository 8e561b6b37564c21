"""What must not act on a terminal, a log or a parser is shown instead."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitops_regconf.report.encoding import json_text, lines, visible
from tests.report.outcomes import texts


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("größe 漢字 👍", "größe 漢字 👍"),
        ("a\tb\nc\r", r"a\tb\nc\r"),
        ("\x1b[31m\x07\x7f", r"\x1b[31m\x07\x7f"),
        ("\x9b31m", r"\x9b31m"),
        ("a\u202eb\u200bc", r"a\u202eb\u200bc"),
        ("a\xa0b", r"a\xa0b"),
        ("\U000e0041", r"\U000e0041"),
        (b"caf\xe9.yaml".decode("utf-8", "surrogateescape"), r"caf\xe9.yaml"),
        ("\ud800", r"\ud800"),
        ("::error::x", r"\x3a:error::x"),
        ("  ::error::x", r"  \x3a:error::x"),
        ("a::b", "a::b"),
        ("a ##[error]b", r"a ##\x5berror]b"),
    ],
)
def test_what_cannot_be_seen_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert visible(text) == shown


@settings(deadline=None)
@given(texts)
def test_whatever_the_text_it_becomes_one_printable_line(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable()
    shown.encode()
    assert visible(shown) == shown


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_in_any_file(end: str) -> None:
    assert lines(f"a{end}b") == ["a", "b"]
    assert lines("") == []


@settings(deadline=None)
@given(st.recursive(texts, lambda below: st.lists(below) | st.dictionaries(texts, below)))
def test_json_is_utf_8_without_control_characters_and_says_the_same(data: object) -> None:
    text = json_text({"data": data})
    text.encode()
    assert all(line.isprintable() for line in text.split("\n"))
    if not _has_surrogates(json.dumps(data, ensure_ascii=False)):
        assert json.loads(text) == {"data": data}


def test_a_byte_that_is_no_utf_8_is_shown_in_json() -> None:
    assert json.loads(json_text({"path": "caf\udce9"})) == {"path": r"caf\xe9"}


def _has_surrogates(text: str) -> bool:
    return any(0xD800 <= ord(character) < 0xE000 for character in text)
