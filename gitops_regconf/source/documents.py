"""YAML text as documents: nodes with positions, typed as Go types them.

Aliases are bounded, and a duplicate key is an error rather than the last one
silently winning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from gitops_regconf.errors import InvalidInput
from gitops_regconf.source import composing, masking, scalars
from gitops_regconf.source.limits import MAX_DEPTH, MAX_NODES
from gitops_regconf.source.position import Position

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """One YAML document of a file: its node tree and where it stands."""

    path: str
    node: Node
    text: str = field(repr=False)

    @cached_property
    def data(self) -> Any:
        """The document as plain dicts, lists and scalars. Raises InvalidInput."""
        return _Plain(self.path).of(self.node)

    def at(self, *path: str | int) -> Position:
        """The position of the value at `path`; of the nearest ancestor where it is absent."""
        return position(self.path, find(self.node, path, nearest=True) or self.node)

    def key_at(self, *path: str | int) -> Position:
        """The position of the key that leads to `path`, or of the item in a list."""
        parent = find(self.node, path[:-1])
        if path and isinstance(parent, MappingNode):
            pair = _pair(parent, path[-1])
            if pair:
                return position(self.path, pair[0])
        return self.at(*path)


def documents(text: str, path: str) -> list[Document]:
    """All documents of a YAML text but the empty ones. Raises InvalidInput with the position."""
    return list(each_document(text, path))


def each_document(text: str, path: str) -> Iterator[Document]:
    """The same one by one: those before a mistake come before the InvalidInput."""
    for node in composing.compose(text, path):
        yield Document(path, node, text)


def document(text: str, path: str) -> Document:
    """The only document of a YAML text. Raises InvalidInput where there is not exactly one."""
    return only(documents(text, path), path)


def only(found: list[Document], path: str) -> Document:
    """The only document of a file. Raises InvalidInput where there is not exactly one."""
    if not found:
        raise InvalidInput("the file is empty", at=Position(path, 1, 1))
    if len(found) > 1:
        raise InvalidInput(
            "the file holds several YAML documents, and one is expected",
            at=position(path, found[1].node),
            mend="Put each document into a file of its own.",
        )
    return found[0]


def position(path: str, node: Node) -> Position:
    """Where a node begins."""
    return composing.position(path, node.start_mark)


def find(node: Node, path: Path, *, nearest: bool = False, merged: bool = True) -> Node | None:
    """The node at `path` below `node`; with `nearest`, the deepest that is there.

    Without `merged`, what a mapping only has from those that it merges is absent.
    """
    for step in path:
        below = _child(node, step, merged=merged)
        if below is None:
            return node if nearest else None
        node = below
    return node


def is_flow(node: Node) -> bool:
    """Whether a collection is written in brackets."""
    return isinstance(node, CollectionNode) and bool(node.flow_style)


def last_line(node: Node, lines: Sequence[str]) -> int:
    """The line, counted from 0, on which the text of `node` ends: without what only follows it.

    `lines` are those of the file: a block scalar reaches to the next text in it.
    """
    while not is_flow(node) and not isinstance(node, ScalarNode) and node.value:
        below = node.value[-1]
        node = below[1] if isinstance(below, tuple) else below
    mark = node.end_mark
    last = mark.line - (mark.column == 0 and mark.line > node.start_mark.line)
    while last > node.start_mark.line and not lines[last].strip():
        last -= 1
    return int(last)


def _child(node: Node, step: str | int, *, merged: bool) -> Node | None:
    if isinstance(node, MappingNode):
        pair = _pair(node, step, merged=merged)
        return pair[1] if pair else None
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        below: Node = node.value[step]
        return below
    return None


def _pair(node: MappingNode, step: str | int, *, merged: bool = True) -> tuple[Node, Node] | None:
    """The key and the value at `step`: its own, else those of the mappings that it merges."""
    waiting: list[Node] = [node]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen or not isinstance(one, MappingNode):
            continue
        seen.add(id(one))
        sources: list[Node] = []
        for key, value in one.value:
            if key.value == step:
                return key, value
            if merged and key.tag == scalars.MERGE:
                sources += value.value if isinstance(value, SequenceNode) else [value]
        waiting = sources + waiting
    return None


class _Plain:
    """Node tree to plain data, with duplicate keys refused and aliases bounded."""

    def __init__(self, path: str):
        self.path = path
        self.nodes = 0

    def of(self, node: Node, depth: int = 0) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise InvalidInput(
                "the document grows too large when its aliases are followed",
                at=position(self.path, node),
            )
        if isinstance(node, MappingNode):
            return self._mapping(node, depth)
        if isinstance(node, SequenceNode):
            return [self.of(item, depth + 1) for item in node.value]
        return self._scalar(node)

    def _mapping(self, node: MappingNode, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        merged: dict[str, Any] | None = None
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                raise InvalidInput("a key must be a plain word", at=position(self.path, key))
            is_merge = key.tag == scalars.MERGE
            if key.value in result or (is_merge and merged is not None):
                named = masking.key(key.value, "")
                raise InvalidInput(
                    f"{'the key ' + named if named else 'this key'} stands here twice",
                    at=position(self.path, key),
                    mend="Keep one of them: YAML readers disagree on which one counts.",
                )
            if is_merge:
                merged = self._merge(value, depth)
            else:
                result[key.value] = self.of(value, depth + 1)
        return merged | result if merged else result

    def _merge(self, node: Node, depth: int) -> dict[str, Any]:
        sources = node.value if isinstance(node, SequenceNode) else [node]
        merged: dict[str, Any] = {}
        for source in reversed(sources):
            data = self.of(source, depth + 1)
            if not isinstance(data, dict):
                raise InvalidInput("only a mapping can be merged", at=position(self.path, source))
            merged |= data
        return merged

    def _scalar(self, node: Node) -> Any:
        text: str = node.value
        if node.tag in (scalars.STR, scalars.TIMESTAMP):
            return text
        tag, value = scalars.resolve(text)
        if tag == node.tag:
            return value
        if node.tag == scalars.FLOAT and tag == scalars.INT:
            return float(value)  # type: ignore[arg-type]  # an INT's value is an int
        if node.tag.startswith(scalars.TAG) or node.tag == "!":
            return text
        # The tag is not repeated: it may be a password that begins with `!`, without quotes.
        raise InvalidInput(
            "a tag that is not allowed stands here",
            at=position(self.path, node),
            mend="If the `!` belongs to the text, put the text into quotes.",
        )
