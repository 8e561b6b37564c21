"""A SOPS file as it stands: read without any key, and written again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from yaml.nodes import Node, ScalarNode

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops import nodes
from gitops_regconf.sops.emit import emit
from gitops_regconf.sops.errors import Malformed, Unsupported
from gitops_regconf.sops.metadata import SOPS_KEY, Metadata, read_metadata
from gitops_regconf.source import documents
from gitops_regconf.source.position import Position

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitops_regconf.sops.gotypes import Tree
    from gitops_regconf.source.documents import Document

_COMMENT = re.compile(r"(?:^|[ \t])#", re.MULTILINE)


@dataclass(frozen=True)
class SopsFile:
    """One encrypted file: header comments, the tree without its `sops` block, and the metadata.

    `comments` are the lines before the first key, each with its `#`; leaves of
    `tree` stand as in the file, encrypted ones as ciphertext. `text` is what
    was read, None for a new file.
    """

    path: str
    comments: tuple[str, ...]
    tree: Tree = field(repr=False)
    metadata: Metadata
    text: str | None = field(default=None, repr=False)
    document: Document | None = field(default=None, repr=False, compare=False)

    def to_yaml(self) -> str:
        """The text of the file: what was read, or the layout of sops 3.13 for a new one."""
        if self.text is not None:
            return self.text
        return emit({**self.tree, SOPS_KEY: self.metadata.to_tree()}, comments=self.comments)

    def at(self, *path: str | int) -> Position:
        """The position of the value at `path`, of the file where it was not read."""
        return self.document.at(*path) if self.document else Position(self.path)

    def inner_comment(self) -> Position | None:
        """Where the first comment after the header stands; None without one."""
        if self.document is None or self.text is None or "#" not in self.text:
            return None
        return _inner_comment(self.document, self.text)


def parse(text: str, path: str = "<text>") -> SopsFile:
    """The SOPS file in `text`; no key is needed, and nothing is decrypted.

    `path` only names the file in errors. Raises Malformed with the position
    where it is not a well-formed SOPS file in YAML, Unsupported where it holds
    several documents.
    """
    document = _document(text, path)
    tree = nodes.tree_of(document.node, path)
    if SOPS_KEY not in tree:
        raise Malformed(
            "the file has no 'sops' block: it is not encrypted",
            at=document.at(),
            mend="Encrypt it with sops, or with the command of regconf that writes it.",
        )
    problem = ""
    try:
        metadata = read_metadata(tree.pop(SOPS_KEY))
    except InvalidInput as error:
        problem = error.message
    if problem:
        raise Malformed(problem, at=document.key_at(SOPS_KEY))
    return SopsFile(path, header_comments(text), tree, metadata, text, document)


def _document(text: str, path: str) -> Document:
    failed: InvalidInput | None = None
    try:
        found = documents.documents(text, path)
    except InvalidInput as error:
        failed = error
    if failed:
        raise Malformed(failed.message, at=failed.at, mend=failed.mend)
    if not found:
        raise Malformed("the file is empty", at=Position(path, 1, 1))
    if len(found) > 1:
        raise Unsupported(
            "the file holds several YAML documents under one MAC",
            at=documents.position(path, found[1].node),
            mend="Put each document into a file of its own.",
        )
    return found[0]


def header_comments(text: str) -> tuple[str, ...]:
    """The comment lines before the first key; blank lines between them are dropped, as in sops."""
    comments = []
    for line in text.removeprefix("\ufeff").split("\n"):
        stripped = line.strip()
        if stripped.startswith("#"):
            comments.append(stripped)
        elif stripped and stripped != "---":
            break
    return tuple(comments)


def _inner_comment(document: Document, text: str) -> Position | None:
    """A `#` after white space that is in no scalar begins a comment."""
    start: int = document.node.start_mark.index
    bare = list(text)
    for node in _scalars(document.node):
        begin, end = node.start_mark.index, node.end_mark.index
        bare[begin:end] = ["\n" if char == "\n" else "x" for char in text[begin:end]]
    found = _COMMENT.search("".join(bare), start)
    if not found:
        return None
    before = text[: found.end()]
    return Position(document.path, before.count("\n") + 1, len(before) - before.rfind("\n") - 1)


def _scalars(node: Node) -> Iterator[Node]:
    if isinstance(node, ScalarNode):
        yield node
        return
    for item in node.value:
        for below in item if isinstance(item, tuple) else (item,):
            yield from _scalars(below)
