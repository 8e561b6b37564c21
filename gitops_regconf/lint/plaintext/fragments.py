"""Manifests of Secrets inside other text: in comments, Markdown, heredocs and diffs."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from gitops_regconf.lint.plaintext.engine import compiled
from gitops_regconf.lint.plaintext.text import Text

_KIND: Final = (
    r"(?mi)^([ \t]*(?:#|//|>|\+|-|\*|;)?[ \t]*)"
    r"[\"']?kind[\"']?:[ \t]*[\"']?(?:sops)?secret[\"']?[ \t]*\r?$"
)
# At the level of `kind` there are keys and items; what is deeper is left to the parser.
_YAML: Final = re.compile(r"[ \t]|[\w.\"'/-]+[ \t]*:(?:\s|$)|- |#")
_FENCES: Final = ("---", "```", "~~~", "EOF", "...")
_MOST_LINES: Final = 2000


def manifests(text: Text) -> Iterator[Text]:
    """Each run of lines around a `kind: Secret` with the same mark in front of them, without it."""
    lines: list[str] = []
    starts: list[int] = []
    done = 0
    for found in compiled(_KIND).finditer(text.content):
        if not lines:
            lines = text.content.splitlines(keepends=True)
            starts = list(accumulate(map(len, lines), initial=0))
        middle = bisect_right(starts, found.start()) - 1
        if middle < done:
            continue
        prefix = found.group(1)
        first = last = middle
        while first > max(done, middle - _MOST_LINES) and _belongs(lines[first - 1], prefix):
            first -= 1
        most = min(len(lines) - 1, middle + _MOST_LINES)
        while last < most and _belongs(lines[last + 1], prefix):
            last += 1
        # No line is part of two, or a long file would be read over and over.
        done = last + 1
        content = "".join(_unmarked(line, prefix) for line in lines[first:done])
        yield text.part(starts[first], content)


def _belongs(line: str, prefix: str) -> bool:
    """Whether a line goes on with the manifest whose lines begin with `prefix`."""
    if not line.strip(" \t\r\n#/>+*;"):
        return True
    inside = line.removeprefix(prefix)
    if inside == line and prefix:
        return False
    return bool(_YAML.match(inside)) and not inside.startswith(_FENCES)


def _unmarked(line: str, prefix: str) -> str:
    """A line with blanks in place of the mark, so that columns stay."""
    if not line.startswith(prefix):
        return re.sub(r"[^\r\n]", " ", line)
    return " " * len(prefix) + line[len(prefix) :]
