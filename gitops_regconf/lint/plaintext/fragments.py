"""Manifests of Secrets inside other text: in comments, Markdown, heredocs, code and diffs."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from gitops_regconf.lint.plaintext.engine import compiled
from gitops_regconf.lint.plaintext.places import KINDS
from gitops_regconf.lint.plaintext.templates import ACTION
from gitops_regconf.lint.plaintext.text import Text

_KIND: Final = (
    r"(?mi)^([ \t]*(?:#|//|>|\+|-|\*|;)?[ \t]*)(?:- )?"
    rf"[\"']?kind[\"']?:[ \t]*(?:[&!]\S+[ \t]+)*[\"']?{KINDS}[\"']?[ \t]*(?:#[^\r\n]*)?\r?$"
)
# At the level of `kind` there are keys and items; what is deeper is left to the parser.
_YAML: Final = re.compile(r"[ \t]|[\w.\"'/-]+[ \t]*:(?:\s|$)|- |#")
_FENCES: Final = ("---", "```", "~~~", "EOF", "...")
_MOST_LINES: Final = 2000

# Of JSON, flow YAML, and objects in the notation of JavaScript and its relatives.
_BRACES: Final = rf"(?i)[{{}}]|\bkind[\"']?\s*[:=]\s*[\"']?{KINDS}[\"']?\s*[,}}\r\n]"
_COMMENTED: Final = re.compile(r"[ \t]*(?:#|//|>|;)")
_COMMENT_OR_STRING: Final = re.compile(
    r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|//[^\n]*|/\*.*?\*/|\t", re.DOTALL
)
# A text, or a name behind a colon and what is made of it.
_NAME: Final = re.compile(
    r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|(?<=[:=])[ \t]*[A-Za-z_$][^,}\"'\r\n]*"
)
_MOST_NESTED: Final = 4
_HUNK: Final = re.compile(r"^@@ -\d", re.MULTILINE)


def manifests(text: Text, *, code: bool = False) -> Iterator[Text]:
    """Each Secret that stands in a text, as YAML; in `code`, a bare word there is no value."""
    for side in _sides(text):
        yield from _blocks(side)
        yield from _objects(side, code=code)


def _sides(text: Text) -> Iterator[Text]:
    """What a diff compares, each without the lines of the other; any other text as it is."""
    if not _HUNK.search(text.content):
        yield text
        return
    for ours, theirs in ("+-", "-+"):
        lines = text.content.splitlines(keepends=True)
        side = (
            _blank(line) if line.startswith(theirs) else re.sub(rf"^[{ours}]", " ", line)
            for line in lines
        )
        yield text.part(0, "".join(side))


def _blocks(text: Text) -> Iterator[Text]:
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
        if prefix.endswith("- ") and not "".join(lines[middle + 1 : middle + 2]).startswith(prefix):
            prefix = prefix[:-2]  # it begins an item of a list
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


def _objects(text: Text, *, code: bool) -> Iterator[Text]:
    """The innermost braces around each kind of a Secret, as flow YAML."""
    opened: list[tuple[int, bool]] = []
    around = 0  # how many of those that are open are Secrets
    for found in compiled(_BRACES).finditer(text.content):
        at, brace = found.start(), found.group()
        if brace == "{":
            opened.append((at, False))
        elif brace != "}" and opened:
            around += not opened[-1][1]
            opened[-1] = (opened[-1][0], True)
        if brace.endswith("}") and opened:
            start, is_secret = opened.pop()
            around -= is_secret
            has_data = is_secret and text.content.find("ata", start, found.end()) >= 0
            # What is inside of others is looked at with them.
            if has_data and around < _MOST_NESTED:
                yield text.part(start, _as_yaml(text.content, start, found.end(), code=code))


def _as_yaml(content: str, start: int, end: int, *, code: bool) -> str:
    """An object without comments, tabs and the marks before its lines, each character in place."""
    first = content[content.rfind("\n", 0, start) + 1 : start]
    mark = _COMMENTED.match(first)
    prefix = mark.group() if mark else ""
    lines = content[start:end].splitlines(keepends=True)
    bare = lines[0] + "".join(_unmarked(line, prefix) for line in lines[1:])
    plain = _COMMENT_OR_STRING.sub(_without_comment, bare)
    return _NAME.sub(_without_name, plain) if code else plain


def _without_name(found: re.Match[str]) -> str:
    return found.group() if found.group()[0] in "\"'" else ACTION * len(found.group())


def _without_comment(found: re.Match[str]) -> str:
    return found.group() if found.group()[0] in "\"'" else _blank(found.group())


def _unmarked(line: str, prefix: str) -> str:
    """A line with blanks in place of the mark, so that columns stay."""
    if not line.startswith(prefix):
        return _blank(line)
    return " " * len(prefix) + line[len(prefix) :]


def _blank(text: str) -> str:
    return re.sub(r"[^\r\n]", " ", text)
