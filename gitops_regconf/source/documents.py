"""YAML text as documents: nodes with positions, typed as Go types them.

Parsing is PyYAML's C parser up to the node tree. Nothing is ever constructed
from a tag, aliases are bounded, and a duplicate key is an error rather than
the last one silently winning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, Final

import yaml
from yaml.composer import ComposerError
from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from gitops_regconf.errors import InvalidInput
from gitops_regconf.source import masking, scalars
from gitops_regconf.source.limits import MAX_BYTES, MAX_DEPTH, MAX_NODES
from gitops_regconf.source.position import Position

try:
    from yaml import CSafeLoader as _Base
except ImportError:  # a PyYAML built without libyaml: the same language, slower
    from yaml import SafeLoader as _Base  # type: ignore[assignment]

# What can open a level without indentation.
_NO_SIGNS: Final = bytes(set(range(256)) - set(b"[{-?"))
_OPENS: Final = ("[", "{", *(sign + blank for sign in "-?" for blank in " \t\r\n"))

Path = tuple[str | int, ...]
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONFLICT = re.compile(r"^<<<<<<< ", re.MULTILINE)


class _Typed:
    def resolve(self, kind: type[Node], value: str | None, implicit: Any) -> str:
        if kind is ScalarNode:
            return scalars.resolve(value or "")[0] if implicit[0] else scalars.STR
        return scalars.TAG + ("map" if kind is MappingNode else "seq")


class _Loader(_Typed, _Base):
    pass


class _WithAnchorsAgain(_Typed, yaml.SafeLoader):
    """For texts that name an anchor twice, which YAML 1.2 and Go allow and libyaml does not."""

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        if not self.check_event(yaml.AliasEvent):
            event: Any = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML has no types
            self.anchors.pop(event.anchor, None)
        return super().compose_node(parent, index)


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
    for node in _compose(text, path):
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
    return _at(path, node.start_mark)


def _at(path: str, mark: Any) -> Position:
    return Position(path, mark.line + 1, mark.column + 1)


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


def _compose(text: str, path: str) -> Iterator[Node]:
    """The roots of the documents, one by one. Raises InvalidInput."""
    if len(text) > MAX_BYTES:
        raise InvalidInput(f"the file is larger than {MAX_BYTES} bytes", at=Position(path))
    lone = None if text.isascii() else _SURROGATE.search(text)
    if lone:
        at = Position(path, text.count("\n", 0, lone.start()) + 1, 1)
        raise InvalidInput("this line holds text that is not valid Unicode", at=at)
    try:
        _refuse_too_much(text, path)
        done = 0
        try:
            for node in _nodes(_Loader(text)):
                yield node
                done += 1
        except ComposerError as error:
            if error.problem != "second occurrence":
                raise
            yield from islice(_nodes(_WithAnchorsAgain(text)), done, None)
    except ReaderError as error:
        raise _control_character(error, text, path) from None
    except yaml.YAMLError as error:
        raise _syntax_error(error, text, path) from None


def _nodes(loader: Any) -> Iterator[Node]:
    try:
        while loader.check_node():
            node = loader.get_node()
            if not _is_empty(node):
                yield node
    finally:
        loader.dispose()


def _is_empty(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.tag == scalars.NULL and node.value == ""


def _refuse_too_much(text: str, path: str) -> None:
    """PyYAML recurses while composing; deep or endless input is refused before it starts."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=_Loader) if _may_be_too_much(text) else ():
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            continue
        depth += isinstance(event, yaml.CollectionStartEvent)
        nodes += isinstance(event, yaml.NodeEvent)
        if depth > MAX_DEPTH:
            problem = f"the nesting is deeper than {MAX_DEPTH} levels"
            raise InvalidInput(problem, at=_at(path, event.start_mark))
        if nodes > MAX_NODES:
            problem = f"the file holds more than {MAX_NODES} values"
            raise InvalidInput(problem, at=_at(path, event.start_mark))


def _may_be_too_much(text: str) -> bool:
    """A cheap bound: a level costs a bracket, a dash, a question mark or a step of indentation."""
    if len(text) > 2 * MAX_NODES or " " * MAX_DEPTH in text:
        return True  # a node has at least one character and a separator
    # Counted together first: one pass over bytes takes a tenth of ten over characters.
    signs = text.encode("utf-8", "replace").translate(None, _NO_SIGNS)
    return len(signs) > MAX_DEPTH and sum(map(text.count, _OPENS)) > MAX_DEPTH


def _control_character(error: ReaderError, text: str, path: str) -> InvalidInput:
    """Its mark counts bytes or characters; the first of its kind is the one that stopped it."""
    before = text[: text.find(chr(error.character))]
    return InvalidInput(
        f"this is not valid YAML: it holds the control character U+{error.character:04X}",
        at=Position(path, before.count("\n") + 1, len(before) - before.rfind("\n")),
        mend='Remove it; a quoted text can hold it as an escape, such as "\\x07".',
    )


def _syntax_error(error: yaml.YAMLError, text: str, path: str) -> InvalidInput:
    conflict = _CONFLICT.search(text)
    if conflict:
        at = Position(path, text.count("\n", 0, conflict.start()) + 1, 1)
        return InvalidInput(
            "a merge conflict begins here", at=at, mend="Resolve it, and remove the markers."
        )
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    at = _at(path, mark) if mark else Position(path)
    problem = getattr(error, "problem", None) or "it cannot be read"
    mend = None
    lines = text.splitlines()
    if mark and mark.line < len(lines) and "\t" in lines[mark.line]:
        mend = "Indent with spaces: YAML does not allow tabs there."
    return InvalidInput(f"this is not valid YAML: {problem}", at=at, mend=mend)


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
