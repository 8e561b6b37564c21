"""Where findings are, said so that it holds while lines move, and tells no secret.

In YAML and JSON it is the path to the value (`0/stringData/password`); a key that
may be secret is counted (`0/auths/#2`). In other text, and in comments, it is what
stands before the finding on its line, everything masked that may be secret
(`curl *`, `HARBOR_TOKEN`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Final, NamedTuple

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gitops_regconf.errors import InvalidInput
from gitops_regconf.lint.plaintext import looks, masked
from gitops_regconf.lint.plaintext.masking import MASK
from gitops_regconf.lint.plaintext.names import Strength, strength
from gitops_regconf.source import masking
from gitops_regconf.source.documents import documents
from gitops_regconf.source.encoding import lines
from gitops_regconf.source.position import Position

# For one word or several that are not shown: how many, and how long, would tell of a secret.
_SOMETHING: Final = "*"
_WORD: Final = re.compile(rf"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*|{MASK}+")
# The name of a field that begins its line, with nothing between it and the value.
_FIELD: Final = re.compile(
    r"[\s#/;+>-]*(?:(?i:export|env|arg|set|rem)[ \t]+)?[\"']?([A-Za-z_][A-Za-z0-9_.-]{0,99})[\"']?"
    r"[ \t]*[=:][ \t]*[\"'`]?"
)
# What is before a value further behind tells nothing that is worth the time.
_LONGEST: Final = 200
_COMMENT: Final = re.compile(r"(?<!\S)#")
# What a name may have around it: `.dockerconfigjson`, `_auth`, `account2`.
_AROUND_NAME: Final = re.compile(r"\A[._]+|[0-9]{1,2}\Z")

_Point = tuple[int, int]


def places(text: str, positions: Sequence[Position]) -> Iterator[str]:
    """The place of each position in a text; they are of one file, and in order."""
    sweep = _Sweep(_values(text, positions[0].path) if positions else [])
    written = lines(text)
    for at in positions:
        line = written[at.line - 1] if 0 < at.line <= len(written) else ""
        value = sweep.value_at((at.line, at.column))
        begin = sweep.comment(value, line, (at.line, at.column)) if value else 0
        if value and begin is None:
            yield value.name
        else:
            yield _before(line[begin : max(at.column - 1, 0)])


class _Value(NamedTuple):
    """Where a value begins (line and column from 1), where what follows it may, and its name.

    `style` is that of a scalar in YAML, `|` for one; None for a mapping or a list.
    """

    start: _Point
    end: _Point
    name: str
    style: str | None


class _Sweep:
    """Goes through the values of a text once, from its beginning to its end."""

    def __init__(self, values: Sequence[_Value]):
        # Outer ones stand before those that begin with them; the next is taken from the end.
        self._waiting = sorted(values, key=lambda value: value.start)[::-1]
        self._around: list[_Value] = []
        self._scalar_end = (0, 0)

    def value_at(self, where: _Point) -> _Value | None:
        """The innermost value at a point, which no earlier one was behind."""
        while self._waiting and self._waiting[-1].start <= where:
            value = self._waiting.pop()
            self._leave(value.start)
            self._around.append(value)
        self._leave(where)
        return self._around[-1] if self._around else None

    def comment(self, value: _Value, line: str, where: _Point) -> int | None:
        """The offset in its line at which a comment begins that reaches to a point, if one does.

        `value` is the innermost there: comments are between scalars, and behind
        the header of a block.
        """
        if value.style is None:
            begin = self._scalar_end
        elif value.style in ("|", ">") and value.start[0] == where[0]:
            begin = value.start
        else:
            return None
        column = begin[1] if begin[0] == where[0] else 1
        found = _COMMENT.search(line, column - 1, where[1])
        return found.start() if found else None

    def _leave(self, where: _Point) -> None:
        while self._around and self._around[-1].end <= where:
            value = self._around.pop()
            if value.style is not None:
                self._scalar_end = value.end


def _values(text: str, path: str) -> list[_Value]:
    """All values of a text, outer ones first; none where it is YAML only as any words are."""
    try:
        found = documents(text, path)
    except InvalidInput:
        return []
    values: list[_Value] = []
    for number, document in enumerate(found):
        if not isinstance(document.node, ScalarNode):
            _collect(document.node, str(number), values, set())
    return values


def _collect(node: Node, name: str, values: list[_Value], seen: set[int]) -> None:
    if id(node) in seen:  # an alias: it is where its anchor is
        return
    seen.add(id(node))
    values.append(_of_node(node, name))
    if isinstance(node, MappingNode):
        for number, (key, value) in enumerate(node.value, start=1):
            below = f"{name}/{_step(key, number)}"
            values.append(_of_node(key, below))
            _collect(value, below, values, seen)
    elif isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            _collect(item, f"{name}/{index}", values, seen)


def _of_node(node: Node, name: str) -> _Value:
    start, end = node.start_mark, node.end_mark
    style = (node.style or "") if isinstance(node, ScalarNode) else None
    return _Value((start.line + 1, start.column + 1), (end.line + 1, end.column + 1), name, style)


def _step(key: Node, number: int) -> str:
    """An entry of a mapping as in a JSON Pointer (RFC 6901), or by its number among the keys."""
    if not isinstance(key, ScalarNode) or not _is_harmless(key.value):
        return f"#{number}"
    return str(key.value).replace("~", "~0").replace("/", "~1")


@lru_cache(maxsize=8192)
def _is_harmless(name: str) -> bool:
    """Whether a name is that of a field or of a host, and no credential that was typed there."""
    bare = _AROUND_NAME.sub("", name)
    if "." not in bare:
        return bool(masking.key(bare, ""))
    is_host = bare.islower() and "@" not in bare and masking.host(bare) == bare
    return looks.is_name(bare) and (is_host or bool(masking.key(bare, "")))


def _before(text: str) -> str:
    """What stands before a finding on its line, as words that tell nothing."""
    field = _FIELD.fullmatch(text) if len(text) <= _LONGEST else None
    if field and strength(field[1]) is not Strength.NONE and _is_harmless(field[1]):
        return field[1]
    words = _WORD.findall(masked(text[-_LONGEST:], ()))
    told = (_SOMETHING if word[0] == MASK else word for word in words)
    return " ".join(word for word, _ in groupby(told))
