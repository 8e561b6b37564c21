"""A text, wherever it was found, and where each part of it stands in the file.

Scalars and base64 hold texts that hold others; every search works on one of them
and knows nothing of those around it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gitops_regconf.lint.plaintext.leak import Leak, Net
from gitops_regconf.source.encoding import LINE_END

if TYPE_CHECKING:
    from yaml.nodes import ScalarNode

Span = tuple[int, int]

# A nested text is not longer than the one around it, so this bounds the work.
MAX_DEPTH = 6
_PROPERTIES = re.compile(r"(?:[&!][^\s]*\s+)*")
_WORD = re.compile(r"\S+")
# What stands for one character, or for none, in quotes.
_DOUBLE = re.compile(
    r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\r?\n[ \t]*|.)"
    r"|[ \t]*(?:\r?\n[ \t]*)+|.",
    re.DOTALL,
)
_SINGLE = re.compile(r"''|[ \t]*(?:\r?\n[ \t]*)+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Text:
    """`place` gives the span of the file in which a span of `content` stands."""

    content: str
    place: Callable[[int, int], Span] = lambda start, end: (start, end)
    depth: int = 0

    def leak(self, span: Span, net: Net, what: str) -> Leak:
        """The leak that `span` of this text is."""
        start, end = self.place(*span)
        return Leak(start, max(end, start + 1), net, what)

    def part(self, start: int, content: str) -> Text:
        """`content`, which stands here from `start` on, character by character."""
        return Text(content, lambda a, b: self.place(start + a, start + b), self.depth)

    def of_scalar(self, node: ScalarNode) -> Text:
        """The value of a scalar of this text."""
        scalar = _Scalar(self.content, node)
        return Text(node.value, lambda a, b: self.place(*scalar.span(a, b)), self.depth + 1)

    def unpacked(self, content: str, places: Callable[[], Sequence[int]]) -> Text:
        """`content` read out of this text; `places` has the start of each character, and the end.

        They are asked for only where something was found.
        """
        known: list[int] = []

        def place(start: int, end: int) -> Span:
            if not known:
                known.extend(places())
            return self.place(known[start], known[max(end, start + 1)])

        return Text(content, place, self.depth + 1)


def position(breaks: Sequence[int], offset: int) -> tuple[int, int]:
    """Line and column, from 1, of an offset in the text that has `breaks`."""
    line = bisect_right(breaks, offset - 1)
    return line + 1, offset - (breaks[line - 1] if line else -1)


def breaks_of(content: str) -> list[int]:
    """The offsets of the last characters of line ends, of which YAML knows several."""
    return [found.end() - 1 for found in LINE_END.finditer(content)]


class _Scalar:
    """Where the characters of a scalar's value stand in the text that it was parsed from."""

    def __init__(self, source: str, node: ScalarNode):
        self.source = source
        self.node = node

    def span(self, start: int, end: int) -> Span:
        """To the character where value and source can be aligned; else the scalar as a whole."""
        places = self._places
        if places is None:
            return self._body
        return places(start), places(max(end, start + 1) - 1) + 1

    @cached_property
    def _body(self) -> Span:
        """The scalar without its anchor, tag and header."""
        start, end = self.node.start_mark.index, self.node.end_mark.index
        found = _PROPERTIES.match(self.source, start, end)
        start = found.end() if found else start
        if self.node.style in ("|", ">"):
            start = self.source.find("\n", start, end) + 1 or end
        elif self.node.style:
            start, end = start + 1, max(end - 1, start + 1)
        return start, max(start, end)

    @cached_property
    def _places(self) -> Callable[[int], int] | None:
        start, end = self._body
        value = self.node.value
        if self.source.startswith(value, start):
            return lambda offset: start + offset
        if self.node.style == '"' or (self.node.style == "'" and "''" in self.source[start:end]):
            return _by_unit(value, self.source[start:end], start, self.node.style)
        return _by_word(value, self.source[start:end], start)


def _by_unit(value: str, body: str, start: int, style: str) -> Callable[[int], int] | None:
    """Character by character, through escapes and folded lines."""
    places: list[int] = []
    for unit in (_DOUBLE if style == '"' else _SINGLE).finditer(body):
        text = unit.group()
        escaped = text[0] == "\\" and style == '"'
        if escaped and "\n" in text:
            continue
        breaks = text.count("\n")
        places += [start + unit.start()] * max(1, 0 if escaped else breaks - 1)
    return places.__getitem__ if len(places) == len(value) else None


def _by_word(value: str, body: str, start: int) -> Callable[[int], int] | None:
    """Word by word: blocks and folded lines differ from their values in white space alone."""
    written = list(_WORD.finditer(body))
    words = list(_WORD.finditer(value))
    if not words or [one.group() for one in words] != [
        one.group() for one in written[: len(words)]
    ]:
        return None
    starts = [word.start() for word in words]

    def place(offset: int) -> int:
        index = max(bisect_right(starts, offset) - 1, 0)
        inside = min(max(offset - starts[index], 0), len(words[index].group()) - 1)
        return start + written[index].start() + inside

    return place


def unescaped(text: Text) -> Text | None:
    r"""A text in which escaped letters (`\u0070`, `\x70`) are themselves, where there are any."""
    if not _ESCAPE.search(text.content):
        return None

    def places() -> list[int]:
        units = _UNIT.finditer(text.content)
        return [*(unit.start() for unit in units), len(text.content)]

    return text.unpacked(_ESCAPE.sub(_character, text.content), places)


_ESCAPE = re.compile(r"\\u00[2-7][0-9A-Fa-f]|\\x[2-7][0-9A-Fa-f]")
_UNIT = re.compile(rf"{_ESCAPE.pattern}|.", re.DOTALL)


def _character(escape: re.Match[str]) -> str:
    return chr(int("0x" + escape.group()[2:], base=0))
