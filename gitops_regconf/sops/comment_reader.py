"""Finding the comments of a YAML text, which its parser passes over.

A comment belongs to the collection at whose column it stands, as Go's yaml.v3
and so sops have it: that decides the path under which it is encrypted.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from yaml.nodes import MappingNode, Node, ScalarNode

from gitops_regconf.sops.comments import END, Comments
from gitops_regconf.sops.gotypes import Comment, InlineComment
from gitops_regconf.source.documents import MAX_DEPTH, is_flow

if TYPE_CHECKING:
    from gitops_regconf.source.documents import Document

# By the id of a collection's node: its comments, by position.
Found = dict[int, dict[Any, Comments]]

_BEFORE: Final = frozenset(" \t\n\"'[]{},\ufeff")  # what may stand before the `#` of a comment
_TO_END = re.compile("[^\r\n\x85\u2028\u2029]*")
_ALIAS = re.compile(r"(?:-[ \t]+|[,\[][ \t\r\n]*)\*")
_SEPARATOR = re.compile(r"^---(?:\s|\Z)", re.MULTILINE)


def read_comments(documents: Sequence[Document], text: str) -> Found:
    """The comments in `text`, whose documents these are."""
    found: dict[int, dict[Any, list[Comment]]] = {}
    start = 0
    for document, following in zip(documents, [*documents[1:], None], strict=True):
        end = _end(document, following, text)
        if "#" in text[start:end]:
            _read(document.node, text, start, end, found)
        start = end
    return {
        container: {position: tuple(lines) for position, lines in positions.items()}
        for container, positions in found.items()
    }


def _end(document: Document, following: Document | None, text: str) -> int:
    """Where the part of a document ends: at the line that separates it from the next."""
    if following is None:
        return len(text)
    begin = document.node.end_mark.index
    separator = _SEPARATOR.search(text, begin, following.node.start_mark.index)
    return separator.start() if separator else begin


@dataclass(frozen=True, slots=True)
class _Item:
    """A key, or an item of a list: where it begins, and where its comments go."""

    start: int
    column: int
    container: Node
    position: Any
    value: Node


class _Places:
    """The items of a document in the order of its text, and the scalars between comments."""

    def __init__(self, root: Node, text: str) -> None:
        self.items: list[_Item] = []
        self.scalars: list[tuple[int, int]] = []
        self.parent: dict[int, _Item] = {}
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

    def _items_of(self, node: Node) -> Iterator[_Item]:
        if isinstance(node, MappingNode):
            for key, value in node.value:
                self._visit(key)
                mark = key.start_mark
                yield _Item(mark.index, mark.column, node, key.value, value)
            return
        for number, value in enumerate(node.value):
            mark = value.start_mark
            start = self._alias() if id(value) in self._seen else mark.index
            if is_flow(node):
                yield _Item(start, mark.column, node, number, value)
                continue
            dash = self._text.rfind("-", 0, start)
            column = dash - self._text.rfind("\n", 0, dash) - 1
            yield _Item(start, column, node, number, value)

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

    def above(self, index: int, column: int | None) -> tuple[Node | None, Any]:
        """Container and position of a comment at `column` on its own line, or behind a dash."""
        at = bisect_left(self.starts, index)
        following = self._following(at, column)
        if following and (column is None or column <= following.column):
            return following.container, following.position
        item = self.items[at - 1] if at else None
        if item and _surrounds(item.value, index):
            return item.value, _end_of(item.value)  # an empty collection in brackets
        while item and not (following and item.container is following.container):
            if column is None or item.column <= column:
                return item.container, _end_of(item.container)
            item = self.parent.get(id(item.container))
        return (following.container, following.position) if following else (None, END)

    def _following(self, at: int, column: int | None) -> _Item | None:
        """The next item; of a list's item and its first key, the one at the comment's column."""
        if at == len(self.items):
            return None
        # A list's item and the first key in it begin together; no deeper than documents may be.
        together = self.items[at : at + MAX_DEPTH]
        same = (item for item in together if item.start == self.starts[at])
        return next((item for item in same if item.column == column), self.items[at])

    def behind(self, index: int) -> tuple[Node | None, Any, bool]:
        """Container and position of a comment behind something, and whether it stays there."""
        at = bisect_right(self.starts, index) - 1
        if at < 0:
            return None, END, False
        item = self.items[at]
        inline = isinstance(item.value, ScalarNode)
        while is_flow(item.container) and id(item.container) in self.parent:
            if index < item.container.end_mark.index:
                break
            item, inline = self.parent[id(item.container)], False
        return item.container, item.position, inline


def _read(
    root: Node, text: str, start: int, end: int, found: dict[int, dict[Any, list[Comment]]]
) -> None:
    places: _Places | None = None
    container: Node | None = None
    index = start - 1
    while (index := text.find("#", index + 1, end)) >= 0:
        if index and text[index - 1] not in _BEFORE:
            continue
        if places is None and index > root.start_mark.index:
            places = _Places(root, text)
        if places is None:  # before the first key, as in nearly every file
            position = _first(root)
            inline = False
        elif places.in_scalar(index):
            continue
        else:
            line = text.rfind("\n", 0, index) + 1
            before = text[line:index].strip()
            if before.strip("- "):
                container, position, inline = places.behind(index)
            else:
                container, position = places.above(index, None if before else index - line)
                inline = False
        found_text = _to_end(text, index + 1)
        comment = (InlineComment if inline else Comment)(found_text)
        index += len(found_text)
        found.setdefault(id(container or root), {}).setdefault(position, []).append(comment)


def _to_end(text: str, index: int) -> str:
    found = _TO_END.match(text, index)
    return found[0] if found else ""


def _surrounds(node: Node, index: int) -> bool:
    return is_flow(node) and not node.value and index < node.end_mark.index


def _first(root: Node) -> Any:
    pairs = root.value if isinstance(root, MappingNode) else ()
    return pairs[0][0].value if pairs else END


def _end_of(container: Node) -> Any:
    return END if isinstance(container, MappingNode) else len(container.value)
