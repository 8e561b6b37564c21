"""A SOPS file as it stands: read without any key, and written again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from yaml.nodes import MappingNode

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops import nodes
from gitops_regconf.sops.block import spliced
from gitops_regconf.sops.comment_reader import read_comments
from gitops_regconf.sops.comments import END, CommentedDict, Comments, comments_of
from gitops_regconf.sops.emitter import INDENTS, emit
from gitops_regconf.sops.errors import Malformed, NotEncrypted
from gitops_regconf.sops.metadata import SOPS_KEY, Metadata
from gitops_regconf.sops.metadata_reader import read_metadata
from gitops_regconf.source import documents as yaml_documents
from gitops_regconf.source.documents import is_flow
from gitops_regconf.source.position import Position

if TYPE_CHECKING:
    from gitops_regconf.sops.gotypes import Tree
    from gitops_regconf.source.documents import Document


@dataclass(frozen=True, slots=True)
class Form:
    """What a re-written file keeps of how it was laid out; as sops writes it otherwise."""

    indent: int = 4
    newline: str = "\n"


@dataclass(frozen=True)
class SopsFile:
    """One encrypted file: its documents without their `sops` blocks, and the metadata.

    Leaves of `trees` stand as in the file, encrypted ones as ciphertext.
    `text` is what was read, None for a file that is yet to be written.
    """

    path: str
    trees: tuple[Tree, ...] = field(repr=False)
    metadata: Metadata
    text: str | None = field(default=None, repr=False)
    documents: tuple[Document, ...] = field(default=(), repr=False, compare=False)
    known_form: Form | None = field(default=None, repr=False, compare=False)

    @property
    def tree(self) -> Any:
        """The tree of the document; a list of them where there are several."""
        return self.trees[0] if len(self.trees) == 1 else list(self.trees)

    @cached_property
    def form(self) -> Form:
        """How the file is laid out."""
        return self.known_form or _form(self.text or "", self.documents)

    @property
    def is_json(self) -> bool:
        """Whether it is written in brackets, as JSON is."""
        return bool(self.documents) and is_flow(self.documents[0].node)

    def to_yaml(self) -> str:
        """The text of the file: what was read, or what sops would write."""
        if self.text is not None:
            return self.text
        block = self.metadata.to_tree()
        texts = [emit(_with_block(tree, block), indent=self.form.indent) for tree in self.trees]
        return "---\n".join(texts).replace("\n", self.form.newline)

    def with_metadata(self, metadata: Metadata) -> SopsFile:
        """The file with other metadata: only the lines of its block change, where that can be."""
        changed = replace(self, metadata=metadata, text=None, documents=(), known_form=self.form)
        text = None
        if self.text is not None:
            text = spliced(self.text, self.documents, metadata.to_tree())
        if text is None:
            return changed
        try:
            again = parse(text, self.path)
        except InvalidInput:
            return changed
        return again if (again.trees, again.metadata) == (self.trees, metadata) else changed

    def at(self, *path: str | int, document: int = 0) -> Position:
        """The position of the value at `path`, of the file where it was not read."""
        return self.documents[document].at(*path) if self.documents else Position(self.path)


def parse(text: str, path: str = "<text>") -> SopsFile:
    """The SOPS file in `text`; no key is needed, and nothing is decrypted.

    `path` only names the file in errors. Raises Malformed with the position
    where it is not a well-formed SOPS file in YAML.
    """
    documents = _documents(text, path)
    comments = read_comments(documents, text) if "#" in text else {}
    trees = nodes.trees_of((document.node for document in documents), path, comments)
    if SOPS_KEY not in trees[0]:
        raise NotEncrypted(
            "the file has no 'sops' block: it is not encrypted",
            at=documents[0].at(),
            mend="Encrypt it with sops, or with the command of regconf that writes it.",
        )
    problem = ""
    try:
        metadata = read_metadata(trees[0][SOPS_KEY])
    except InvalidInput as error:
        problem = error.message
    if problem:
        raise Malformed(problem, at=documents[0].key_at(SOPS_KEY))
    return SopsFile(path, tuple(map(_without_block, trees)), metadata, text, tuple(documents))


def _documents(text: str, path: str) -> list[Document]:
    failed: InvalidInput | None = None
    try:
        found = yaml_documents.documents(text, path)
    except InvalidInput as error:
        failed = error
    if failed:
        raise Malformed(failed.message, at=failed.at, mend=failed.mend)
    if not found:
        raise Malformed("the file is empty", at=Position(path, 1, 1))
    return found


def _without_block(tree: Tree) -> Tree:
    """Only the block of the first document counts; sops writes the same into each."""
    comments = comments_of(tree)
    if SOPS_KEY in comments:  # above the block stands what follows the last value
        following = list(tree)[list(tree).index(SOPS_KEY) + 1 :]
        at = following[0] if following else END
        above = {SOPS_KEY: (), at: comments[SOPS_KEY] + comments.get(at, ())}
        tree = CommentedDict(tree, comments={**comments, **above})
        del tree.comments[SOPS_KEY]
    tree.pop(SOPS_KEY, None)
    return tree


def _with_block(tree: Tree, block: Tree) -> Tree:
    comments = comments_of(tree)
    whole = {**tree, SOPS_KEY: block}
    if not comments:
        return whole
    above: dict[str | None, Comments] = {
        SOPS_KEY if at is END else at: lines for at, lines in comments.items()
    }
    return CommentedDict(whole, comments=above)


def _form(text: str, documents: tuple[Document, ...]) -> Form:
    newline = "\r\n" if text.partition("\n")[0].endswith("\r") else "\n"
    for document in documents:
        for _, value in document.node.value:
            nested = isinstance(value, MappingNode) and value.value and not value.flow_style
            if nested and value.value[0][0].start_mark.column in INDENTS:
                return Form(value.value[0][0].start_mark.column, newline)
    return Form(newline=newline)
