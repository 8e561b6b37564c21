"""Where in a document a comment belongs: before which key or item of which collection."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode

from gitops_regconf.sops.comments import END
from gitops_regconf.source.documents import is_flow
from gitops_regconf.source.limits import MAX_DEPTH

_ALIAS = re.compile(r"(?:-[ \t]+|[,\[][ \t\r\n]*)\*")


@dataclass(frozen=True, slots=True)
class Place:
    """Before which item of a collection a comment stands; `inline` if behind its value."""

    container: Node
    position: Any
    inline: bool


@dataclass(frozen=True, slots=True)
class Item:
    """A key, or an item of a list: where it begins, and where its comments go."""

    start: int
    column: int
    container: Node
    position: Any
    value: Node


class Places:
    """The items of a document in the order of its text, and the scalars between comments."""

    def __init__(self, root: Node, text: str) -> None:
        self.items: list[Item] = []
        self.scalars: list[tuple[int, int]] = []
        self.parent: dict[int, Item] = {}
        self._seen = {id(root)}
        self._last = 0
        self._text = text
        self._visit(root)
        self.scalars.sort()
        self.starts = [item.start for item in self.items]

    def _visit(self, node: Node) -> None:
        if isinstance(node, ScalarNode):
            self._scalar(node)
            return
        for item in self._items_of(node):
            self.items.append(item)
            if id(item.value) not in self._seen:  # an alias stands where it was defined
                self._seen.add(id(item.value))
                self.parent[id(item.value)] = item
                self._visit(item.value)

    def _items_of(self, node: Node) -> Iterator[Item]:
        if isinstance(node, MappingNode):
            for key, value in node.value:
                self._visit(key)
                mark = key.start_mark
                yield Item(mark.index, mark.column, node, key.value, value)
            return
        for number, value in enumerate(node.value):
            mark = value.start_mark
            start = self._alias() if id(value) in self._seen else mark.index
            if is_flow(node):
                yield Item(start, mark.column, node, number, value)
                continue
            dash = self._text.rfind("-", 0, start)
            column = dash - self._text.rfind("\n", 0, dash) - 1
            yield Item(start, column, node, number, value)

    def _alias(self) -> int:
        """Where an alias stands that comes next: its node only says where it was defined."""
        found = _ALIAS.search(self._text, self._last)
        self._last = found.end() if found else self._last
        return self._last

    def _scalar(self, node: ScalarNode) -> None:
        start, end = node.start_mark.index, node.end_mark.index
        if node.style in ("|", ">"):  # a comment may stand behind the sign
            start += self._text[start:end].find("\n")
        self.scalars.append((start, end))
        self._last = max(self._last, end)

    def in_scalar(self, index: int) -> bool:
        """Whether the character at `index` belongs to a scalar."""
        before = bisect_right(self.scalars, (index, len(self._text))) - 1
        return before >= 0 and index < self.scalars[before][1]

    def of(self, index: int) -> Place | None:
        """Where the comment at `index` belongs; None at the end of a document without items."""
        line = self._text.rfind("\n", 0, index) + 1
        before = self._text[line:index].strip()
        if before.strip("- "):
            return self._behind(index)
        return self._above(index, None if before else index - line)

    def _above(self, index: int, column: int | None) -> Place | None:
        """For a comment at `column` on its own line, or behind a dash."""
        at = bisect_left(self.starts, index)
        following = self._following(at, column)
        if following and (column is None or column <= following.column):
            return Place(following.container, following.position, inline=False)
        item = self.items[at - 1] if at else None
        if item and _surrounds(item.value, index):  # an empty collection in brackets
            return Place(item.value, _end_of(item.value), inline=False)
        while item and not (following and item.container is following.container):
            if column is None or item.column <= column:
                return Place(item.container, _end_of(item.container), inline=False)
            item = self.parent.get(id(item.container))
        return Place(following.container, following.position, inline=False) if following else None

    def _following(self, at: int, column: int | None) -> Item | None:
        """The next item; of a list's item and its first key, the one at the comment's column."""
        if at == len(self.items):
            return None
        # A list's item and the first key in it begin together; no deeper than documents may be.
        together = self.items[at : at + MAX_DEPTH]
        same = (item for item in together if item.start == self.starts[at])
        return next((item for item in same if item.column == column), self.items[at])

    def _behind(self, index: int) -> Place | None:
        """For a comment behind something on its line."""
        at = bisect_right(self.starts, index) - 1
        if at < 0:
            return None
        item = self.items[at]
        inline = isinstance(item.value, ScalarNode)
        while is_flow(item.container) and id(item.container) in self.parent:
            if index < item.container.end_mark.index:
                break
            item, inline = self.parent[id(item.container)], False
        return Place(item.container, item.position, inline)


def _surrounds(node: Node, index: int) -> bool:
    return is_flow(node) and not node.value and index < node.end_mark.index


def _end_of(container: Node) -> Any:
    return END if isinstance(container, MappingNode) else len(container.value)
