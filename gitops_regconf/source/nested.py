"""YAML inside a scalar of YAML, with positions in the file around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from yaml.nodes import ScalarNode

from gitops_regconf.errors import InvalidInput
from gitops_regconf.source.documents import Document, Path, documents, find, only
from gitops_regconf.source.position import Position


@dataclass(frozen=True, slots=True)
class Nested:
    """A document in a scalar of another one."""

    inner: Document
    outer: Document
    scalar: ScalarNode

    @property
    def data(self) -> Any:
        """The document as plain dicts, lists and scalars. Raises InvalidInput."""
        with _placing_errors(self.outer, self.scalar, self.inner.text):
            return self.inner.data

    def at(self, *path: str | int) -> Position:
        """Where a value stands in the file.

        To the line and column in a literal block (`|`); in any other scalar,
        whose lines are not those of its text, where that scalar begins.
        """
        return self._placed(self.inner.at(*path))

    def key_at(self, *path: str | int) -> Position:
        """The same for the key that leads to a value."""
        return self._placed(self.inner.key_at(*path))

    def _placed(self, inner: Position) -> Position:
        return _placed(self.outer, self.scalar, self.inner.text, inner)


def nested(
    outer: Document, path: Path, change: Callable[[str], str] = lambda text: text
) -> Nested | None:
    """The one document in the scalar at `path`, after `change` was made to its text.

    None where there is no scalar, or nothing in its text. Raises InvalidInput where
    its text holds several documents, or is not valid.
    """
    found = every_nested(outer, path, change)
    if not found:
        return None  # it is blank, or comments alone
    with _placing_errors(outer, found[0].scalar, found[0].inner.text):
        only([one.inner for one in found], outer.path)
    return found[0]


def every_nested(
    outer: Document, path: Path, change: Callable[[str], str] = lambda text: text
) -> list[Nested]:
    """The documents in the scalar at `path`. Raises InvalidInput where it is not valid."""
    scalar = find(outer.node, path)
    if not isinstance(scalar, ScalarNode):
        return []
    text = change(scalar.value)
    with _placing_errors(outer, scalar, text):
        return [Nested(one, outer, scalar) for one in documents(text, outer.path)]


def placed(outer: Document, path: Path, inner: Position) -> Position:
    """Where a position in the text of the scalar at `path` is in the file."""
    scalar = find(outer.node, path)
    if not isinstance(scalar, ScalarNode):
        return inner
    return _placed(outer, scalar, scalar.value, inner)


@contextmanager
def _placing_errors(outer: Document, scalar: ScalarNode, text: str) -> Iterator[None]:
    try:
        yield
    except InvalidInput as error:
        if error.at:
            error.at = _placed(outer, scalar, text, error.at)
        raise


def _placed(outer: Document, scalar: ScalarNode, text: str, inner: Position) -> Position:
    """Where a position in the text of a scalar is in the file."""
    start = scalar.start_mark
    if scalar.style != "|":
        return Position(outer.path, start.line + 1, start.column + 1)
    # The mark is that of the `|`; the text begins on the line below.
    written = _line(outer.text, start.line + inner.line)
    wanted = _line(text, inner.line - 1)
    indentation = _indentation(written) - _indentation(wanted)
    return Position(outer.path, start.line + 1 + inner.line, inner.column + max(indentation, 0))


def _line(text: str, index: int) -> str:
    lines = _lines(text)
    return lines[index] if 0 <= index < len(lines) else ""


@lru_cache(maxsize=4)
def _lines(text: str) -> list[str]:
    """The lines of a text: positions are asked for by the thousand, in few texts."""
    return text.splitlines()


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
