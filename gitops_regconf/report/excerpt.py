"""One line of a file, and marks below it that stand right in every terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import accumulate

from gitops_regconf.report.encoding import inert, visible_character

#: How many cells of a line are shown; of a longer one those around the mark.
WIDTH = 120
_TAB = 4


def marked(line: str, column: int, length: int) -> tuple[str, str]:
    """The line as it is shown, and `^` below `length` characters from `column`, counted from 1.

    There is at least one mark, and none beyond the line's end; without a column there are none.
    Tabs become spaces, and what is not printable an escape.
    """
    cells = list(_cells(line.rstrip("\r\n")))
    edges = [0, *accumulate(_width(cell) for cell in cells)]
    start = min(max(column - 1, 0), len(cells))
    end = min(max(start + length, start + 1), len(cells))
    left, right = _window(edges, start)
    shown = "".join(cells[left:right])
    before, after = "…" * (left > 0), "…" * (right < len(cells))
    if not column:
        return f"{before}{shown}{after}", ""
    blank = edges[start] - edges[left] + len(before)
    marks = edges[min(end, right)] - edges[start]
    return f"{before}{shown}{after}", " " * blank + "^" * max(marks, 1)


def _window(edges: list[int], start: int) -> tuple[int, int]:
    """The first character to show and the one after the last, so that `start` is among them."""
    count = len(edges) - 1
    if edges[count] <= WIDTH:
        return 0, count
    # A third of the room is for what stands before the mark.
    wanted = min(edges[start] - WIDTH // 3, edges[count] - WIDTH)
    left = next(index for index, edge in enumerate(edges) if edge >= wanted)
    right = max(index for index, edge in enumerate(edges) if edge <= edges[left] + WIDTH)
    return left, right


def _cells(line: str) -> Iterator[str]:
    """What is shown for each character of a line."""
    at = 0
    for index, character in enumerate(line):
        if character == "\t":
            cell = " " * (_TAB - at % _TAB)
        elif line[: index + 1].endswith("##["):
            cell = inert("##[")[2:]
        else:
            cell = visible_character(character)
        at += _width(cell)
        yield cell


def _width(text: str) -> int:
    return sum(map(_width_of_character, text))


def _width_of_character(character: str) -> int:
    """Cells of a terminal: 2 for wide ones (Unicode Standard Annex #11), 0 for combining ones."""
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
