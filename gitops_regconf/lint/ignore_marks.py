"""Where comments stand in a text that ask to let a finding stand, and which lines they are for.

The syntax is also written about, and a value may hold it: a mark in quotes, or in
a scalar of YAML, is no comment, and silences nothing.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final, NamedTuple

from gitops_regconf.errors import InvalidInput
from gitops_regconf.lint.file import YAML_OR_JSON
from gitops_regconf.source.encoding import lines

# What every mark has, with or without a blank behind it.
_HINT: Final = "regconf:"
# The sign of a comment in any of the languages that stand in a repository, the mark, the rules.
# A row of the same sign is one sign; REM is a word, and the first one of a command.
_MARK: Final = re.compile(
    r"((?<!#)#+|(?<!/)/{2,}|;|(?<!-)--+|\{\{-?/\*|/\*|<!--|(?<!%)%+|(?<![^\s@&|(])(?i:rem)(?=\s))"
    r"\s*regconf:[ \t]*ignore(?:\[([^\[\]]*)\])?"
)
_ENDS: Final = {"/*": "*/", "<!--": "-->", "{{/*": "*/", "{{-/*": "*/"}
# An apostrophe begins no quotation; what is escaped ends none, but in the single quotes of shells.
_QUOTED: Final = tuple(
    re.compile(rf"\\.|\"(?:[^\"\\]|\\.)*\"|`[^`]*`|(?<!\w)[rbfuRBFU]{{0,2}}'{inside}*'", re.DOTALL)
    for inside in ("[^']", r"(?:[^'\\]|\\.)")
)
_QUOTES: Final = ("`", '"', "'")

_Span = tuple[int, int]


class Mark(NamedTuple):
    """One comment: where it begins (from 1), what it names and says, which lines it is for."""

    line: int
    column: int
    rules: tuple[str, ...]
    reason: str
    covers: tuple[int, ...]


def marks(text: str, path: str) -> list[Mark]:
    """The marks in a text, in the order of their lines."""
    if _HINT not in text:
        return []
    written = lines(text)
    found = [
        mark
        for number, line in enumerate(written, start=1)
        if _HINT in line and (mark := _mark(line, number))
    ]
    if found and os.path.splitext(path)[1].lower() in YAML_OR_JSON:  # noqa: PTH122  # odd names
        return list(_in_yaml(found, text, path, written))
    return found


def _mark(line: str, number: int) -> Mark | None:
    """The first comment of a line that has the mark, and does not only mention it."""
    line = line.rstrip()
    quoted: list[list[_Span]] | None = None
    for found in _MARK.finditer(line):
        if quoted is None:
            quoted = [[one.span() for one in form.finditer(line)] for form in _QUOTED]
        at = found.start()
        if line[:at].endswith(_QUOTES) or any(_is_within(spans, at) for spans in quoted):
            continue
        sign, rules = found[1], found[2] or ""
        before, behind = line[:at], line[found.end() :]
        if sign in _ENDS:
            reason, _, behind = behind.partition(_ENDS[sign])
        elif before.endswith("{") and sign == "#":
            reason, _, behind = behind.partition("#}")
        else:
            reason, behind = behind, ""
        alone = not before.strip(" \t-{@") and not behind.strip(" \t-}")
        named = tuple(rule.strip() for rule in rules.split(",") if rule.strip())
        covers = (number, number + 1) if alone else (number,)
        return Mark(number, at + 1, named, reason.strip(), covers)
    return None


def _is_within(spans: list[_Span], at: int) -> bool:
    """Whether a place is inside one of some spans, which are in order."""
    index = bisect_right(spans, (at,)) - 1
    return index >= 0 and at < spans[index][1]


class _Scalar(NamedTuple):
    """Where a scalar begins and ends, as lines and columns from 1, and whether it is a block."""

    start: tuple[int, int]
    end: tuple[int, int]
    is_block: bool


def _in_yaml(found: list[Mark], text: str, path: str, written: list[str]) -> Iterator[Mark]:
    """Those that stand in no value, or in a block, where scripts have comments of their own.

    One for the header of a block is also for the first line in it, which is where the
    value begins. What cannot be parsed is taken as any other text.
    """
    scalars = _scalars(text, path)
    starts = [scalar.start for scalar in scalars]
    first_lines = {
        scalar.start[0]: _first_line(scalar, written) for scalar in scalars if scalar.is_block
    }
    for mark in found:
        at = (mark.line, mark.column)
        index = bisect_right(starts, at) - 1
        if index >= 0 and at < scalars[index].end and not scalars[index].is_block:
            continue
        more = (first_lines[line] for line in mark.covers if line in first_lines)
        yield mark._replace(covers=(*mark.covers, *more))


def _scalars(text: str, path: str) -> list[_Scalar]:
    from gitops_regconf.lint.plaintext.nodes import scalars_in
    from gitops_regconf.source.documents import documents

    try:
        roots = [document.node for document in documents(text, path)]
    except InvalidInput:
        return []
    found = []
    for node in (node for root in roots for node in scalars_in(root)):
        start, end = node.start_mark, node.end_mark
        is_block = node.style in ("|", ">")
        found.append(
            _Scalar((start.line + 1, start.column + 1), (end.line + 1, end.column + 1), is_block)
        )
    return sorted(found)


def _first_line(block: _Scalar, written: list[str]) -> int:
    """The number of the first line of a block that is not blank; that of its header without one."""
    header, (end, column) = block.start[0], block.end
    inside = range(header + 1, end + (column > 1))
    return next((number for number in inside if written[number - 1].strip()), header)
