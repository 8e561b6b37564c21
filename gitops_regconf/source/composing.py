"""The node trees of a YAML text, by PyYAML's C parser; what it cannot be is told with its place.

Nothing is ever constructed from a tag, and what is too deep or too much is
refused before it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import yaml
from yaml.composer import ComposerError
from yaml.nodes import MappingNode, Node, ScalarNode
from yaml.reader import ReaderError

from gitops_regconf.errors import InvalidInput
from gitops_regconf.source import scalars
from gitops_regconf.source.limits import MAX_BYTES, MAX_DEPTH, MAX_NODES
from gitops_regconf.source.position import Position

try:
    from yaml import CSafeLoader as _Base
except ImportError:  # a PyYAML built without libyaml: the same language, slower
    from yaml import SafeLoader as _Base  # type: ignore[assignment]

# What can open a level without indentation.
_NO_SIGNS: Final = bytes(set(range(256)) - set(b"[{-?"))
_OPENS: Final = ("[", "{", *(sign + blank for sign in "-?" for blank in " \t\r\n"))

_SURROGATE = re.compile("[\ud800-\udfff]")
_QUOTED = re.compile(r" '.{5,}'", re.DOTALL)
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
        node = super().compose_node(parent, index)
        if isinstance(node, ScalarNode) and _SURROGATE.search(node.value):
            problem = "an escape for half a character stands here"
            raise ComposerError(None, None, problem, node.start_mark)
        return node


def compose(text: str, path: str) -> Iterator[Node]:
    """The roots of the documents but the empty ones, one by one. Raises InvalidInput."""
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
            raise InvalidInput(problem, at=position(path, event.start_mark))
        if nodes > MAX_NODES:
            problem = f"the file holds more than {MAX_NODES} values"
            raise InvalidInput(problem, at=position(path, event.start_mark))


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
    at = position(path, mark) if mark else Position(path)
    # What it quotes may be a password that begins with `*` or `!`.
    problem = _QUOTED.sub("", getattr(error, "problem", None) or "it cannot be read")
    mend = None
    lines = text.splitlines()
    if mark and mark.line < len(lines) and "\t" in lines[mark.line]:
        mend = "Indent with spaces: YAML does not allow tabs there."
    return InvalidInput(f"this is not valid YAML: {problem}", at=at, mend=mend)


def position(path: str, mark: Any) -> Position:
    """Where a mark of the parser is."""
    return Position(path, mark.line + 1, mark.column + 1)
