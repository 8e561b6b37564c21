"""YAML nodes to a tree as sops reads them: keys kept as they are, nothing merged.

`source.documents` reads YAML for meaning (it merges `<<`); sops keeps `<<` as
a key of its own, and hashes numbers and timestamps by Go's types.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Callable, Iterable
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gitops_regconf.sops.comment_reader import Found
from gitops_regconf.sops.comments import CommentedDict, CommentedList
from gitops_regconf.sops.errors import Malformed
from gitops_regconf.sops.gotypes import Timestamp, Tree
from gitops_regconf.source import scalars
from gitops_regconf.source.documents import position
from gitops_regconf.source.limits import MAX_DEPTH, MAX_NODES

_BINARY = scalars.TAG + "binary"
_MAX_INT = 2**63


OnScalar = Callable[[Any, Node], Any]


def trees_of(
    roots: Iterable[Node], path: str, comments: Found, on_scalar: OnScalar | None = None
) -> list[Tree]:
    """The trees below the root nodes of a file's documents. Raises Malformed with the position.

    `on_scalar`, given a value other than None and its node, says what stands in the tree for it.
    """
    reader = _Reader(path, comments, on_scalar)
    return [reader.document(root) for root in roots]


class _Reader:
    def __init__(self, path: str, comments: Found, on_scalar: OnScalar | None) -> None:
        self.path = path
        self.comments = comments
        self.on_scalar = on_scalar
        self.left = MAX_NODES  # aliases are followed, and may multiply

    def document(self, root: Node) -> Tree:
        if not isinstance(root, MappingNode):
            raise self.error("the file must be a mapping at its top", root)
        return self.mapping(root, 0)

    def value(self, node: Node, depth: int) -> Any:
        self.left -= 1
        if self.left < 0 or depth > MAX_DEPTH:
            raise self.error("the document grows too large when its aliases are followed", node)
        if isinstance(node, MappingNode):
            return self.mapping(node, depth)
        if isinstance(node, SequenceNode):
            items = [self.value(item, depth + 1) for item in node.value]
            found = self.comments.get(id(node))
            return CommentedList(items, comments=found) if found else items
        value = self.scalar(node)
        return value if value is None or not self.on_scalar else self.on_scalar(value, node)

    def mapping(self, node: MappingNode, depth: int) -> Tree:
        tree: Tree = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                raise self.error("sops only reads keys that are strings", key)
            name = self.scalar(key)
            if type(name) is not str:
                raise self.error("sops only reads keys that are strings; quote this one", key)
            if name in tree:
                raise self.error(f"the key {name!r} stands here twice", key)
            tree[name] = self.value(value, depth + 1)
        found = self.comments.get(id(node))
        return CommentedDict(tree, comments=found) if found else tree

    def scalar(self, node: Node) -> Any:
        text: str = node.value
        tag: str = node.tag
        if tag in (scalars.STR, scalars.MERGE) or not tag.startswith(scalars.TAG):
            return text
        if tag == scalars.TIMESTAMP and scalars.timestamp(text):
            return Timestamp.of(text)
        if tag == _BINARY:
            return self.binary(node)
        found, value = scalars.resolve(text)
        if tag == scalars.FLOAT and found == scalars.INT and isinstance(value, int):
            return float(value)
        if found != tag:
            raise self.error("the value is not what its tag says", node)
        if isinstance(value, int) and value >= _MAX_INT:
            raise self.error("sops cannot hold an integer of this size; quote it", node)
        return value

    def binary(self, node: Node) -> str:
        text = None
        with contextlib.suppress(binascii.Error, UnicodeDecodeError):
            text = base64.b64decode("".join(node.value.split()), validate=True).decode()
        if text is None:
            raise self.error("a '!!binary' value must be base64 of UTF-8 text here", node)
        return text

    def error(self, message: str, node: Node) -> Malformed:
        return Malformed(message, at=position(self.path, node))
