"""YAML text laid out exactly as sops 3.13 lays it out.

sops hands its tree to Go's yaml.v3 with an indentation of 4; `sops set` on a
file that is written here then changes only what it sets. PyYAML's emitter
chooses other styles and is several times too slow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops import style
from gitops_regconf.sops.gotypes import Timestamp, Tree, float_short

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_SIMPLE_KEY = 128  # bytes; beyond, and with line breaks, the form `? key`


def emit(tree: Tree | list[Any], *, comments: Iterable[str] = (), indent: int = 4) -> str:
    """The YAML text of `tree`, ending in a line feed.

    `tree` is a dict with string keys or a list, and holds such and the scalars of `gotypes`.
    `comments` are lines before the first key, each starting with `#`; `indent`
    is 2 to 9 (sops: 4). Raises InvalidInput for other data.
    """
    lines = [_comment(line) for line in comments]
    if tree:
        _Emitter(lines, indent).collection(tree, 0, "")
    else:
        lines.append("{}\n" if isinstance(tree, dict) else "[]\n")
    return "".join(lines)


def _comment(line: str) -> str:
    if not line.startswith("#") or "\n" in line or "\r" in line:
        raise InvalidInput("a comment must be one line that starts with '#'")
    return line + "\n"


class _Emitter:
    """Appends text to `out`; lines of a collection start at `column`, the first with `lead`."""

    def __init__(self, out: list[str], indent: int) -> None:
        self.out = out
        self.indent = indent

    def mapping(self, tree: Tree, column: int, lead: str) -> None:
        pad = " " * column
        for key, value in tree.items():
            if not isinstance(key, str):
                raise InvalidInput("a key in generated YAML must be a string")
            if style.is_multiline(key) or len(key.encode()) > _LONGEST_SIMPLE_KEY:
                self.out.append(f"{lead}? {self.scalar(key, column, self.below(column))}")
                self.explicit_value(value, column, f"{pad}:")
            else:
                self.value(value, column, f"{lead}{style.inline(key)}:")
            lead = pad

    def value(self, value: Any, column: int, lead: str) -> None:
        if not value or not isinstance(value, (dict, list)):
            self.out.append(f"{lead} {self.scalar(value, column, self.below(column))}")
            return
        self.out.append(lead + "\n")
        self.collection(value, self.below(column), " " * self.below(column))

    def explicit_value(self, value: Any, column: int, lead: str) -> None:
        """The value after a `? key`: a collection begins on the line of its colon."""
        if not value or not isinstance(value, (dict, list)):
            self.value(value, column, lead)
        else:
            below = self.below(column)
            self.collection(value, below, lead + " " * (below - column - 1))

    def collection(self, value: Any, column: int, lead: str) -> None:
        if isinstance(value, dict):
            self.mapping(value, column, lead)
            return
        pad = " " * column
        for item in value:
            if item and isinstance(item, (dict, list)):
                self.collection(item, column + 2, lead + "- ")
            else:
                self.out.append(f"{lead}- {self.scalar(item, column, column + 2)}")
            lead = pad

    def scalar(self, value: Any, parent: int, column: int) -> str:
        """A leaf or an empty collection, ending in a line feed."""
        if isinstance(value, str) and not isinstance(value, Timestamp):
            literal = style.block(value, column, parent, self.indent) if "\n" in value else None
            return literal or style.inline(value) + "\n"
        return _plain(value) + "\n"

    def below(self, column: int) -> int:
        """The column of what a mapping at `column` holds: the next multiple of the indentation."""
        return self.indent * (column // self.indent + 1)


def _plain(value: Any) -> str:
    """What is written without quotes and is no string."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, float):
        return float_short(value)
    if isinstance(value, (int, Timestamp)):
        return str(value)
    if isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    raise InvalidInput(f"YAML cannot hold a value of the type {type(value).__name__}")
