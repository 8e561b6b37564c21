"""What is wrong with a SOPS file, as far as it can be told without any key.

A regular expression that looks for `ENC[` passes a file of which one value was
never encrypted; here every leaf is held against the selector of the file. What
only a key can tell (whether values and MAC belong together) is not told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from yaml.nodes import MappingNode, Node

from gitops_regconf.errors import InvalidInput
from gitops_regconf.findings import Finding, Severity
from gitops_regconf.sops import nodes
from gitops_regconf.sops.block_checks import check_block
from gitops_regconf.sops.comment_reader import read_comments
from gitops_regconf.sops.errors import Malformed
from gitops_regconf.sops.gotypes import Comment, Tree
from gitops_regconf.sops.metadata import SOPS_KEY, Metadata
from gitops_regconf.sops.metadata_reader import read_metadata
from gitops_regconf.sops.recipients import KeyGroups
from gitops_regconf.sops.selector import Selector
from gitops_regconf.sops.tree import Path, map_leaves
from gitops_regconf.sops.values import Ciphertext, is_ciphertext
from gitops_regconf.source import documents as yaml_documents
from gitops_regconf.source.documents import Document, position
from gitops_regconf.source.position import Position

_LEAKED: Final = (
    "Take it for leaked if it was ever pushed: replace it where it is valid, then encrypt the file."
)

_CIPHERTEXT: Final = "ENC[AES256_GCM,"


class _Leaf(NamedTuple):
    """A scalar with the node that says where it stands."""

    value: Any
    node: Node


def verify(
    text: str,
    *,
    path: str = "<text>",
    expected_recipients: Sequence[str] | KeyGroups | None = None,
    expected_selector: Selector | None = None,
) -> list[Finding]:
    """Everything wrong with the SOPS file in `text` that needs no key to see; never raises.

    `expected_recipients` and `expected_selector` are what the rule for the
    file says. The findings are in the order of the file; their rules are
    `sops-malformed`, `sops-plaintext`, `sops-comment`, `sops-ciphertext`,
    `sops-metadata`, `sops-recipients`, `sops-rule`, `sops-data-key` and
    `sops-documents`.
    """
    try:
        found = yaml_documents.documents(text, path)
        comments = read_comments(found, text) if "#" in text else {}
        trees = nodes.trees_of((one.node for one in found), path, comments, _Leaf)
    except InvalidInput as error:
        return [_malformed(error, path)]
    if not found or SOPS_KEY not in trees[0]:
        at = found[0].at() if found else Position(path, 1, 1)
        if _CIPHERTEXT in text:
            message = "the file has encrypted values, and no 'sops' block to open them with"
            return [Finding("sops-malformed", at, message, "Restore the block from Git.")]
        message = "the file has no 'sops' block: it is not encrypted"
        return [Finding("sops-malformed", at, message, "Encrypt it with sops.")]
    verification = _Verification(found, trees)
    verification.run(expected_recipients, expected_selector)
    return sorted(verification.findings, key=lambda finding: finding.at)


def _malformed(error: InvalidInput, path: str) -> Finding:
    at = error.at or Position(path)
    return Finding("sops-malformed", at, error.message, error.mend or "")


class _Verification:
    """Collects findings on one file that can be read as YAML."""

    def __init__(self, documents: Sequence[Document], trees: Sequence[Tree]) -> None:
        self.documents = documents
        self.trees = trees
        self.path = documents[0].path
        self.findings: list[Finding] = []
        self.covered_leaves = 0

    def run(
        self,
        recipients: Sequence[str] | KeyGroups | None,
        selector: Selector | None,
    ) -> None:
        self.several_documents()
        first = self.documents[0]
        block = next(value for key, value in first.node.value if key.value == SOPS_KEY)
        metadata = self.metadata(block)
        if metadata is None:
            return
        self.findings += check_block(metadata, first, recipients)
        self.leaves(metadata.selector)
        if selector is not None and selector != metadata.selector:
            self.add(
                "sops-rule",
                first.key_at(SOPS_KEY, metadata.selector.kind),
                f"the file is encrypted by {metadata.selector}, where its rule says {selector}",
                "Encrypt it anew by the rule.",
            )

    def several_documents(self) -> None:
        for document in self.documents[1:]:
            self.add(
                "sops-documents",
                document.at(),
                "the file holds several documents under one MAC, and only the first block counts",
                "Put each document into a file of its own.",
            )

    def metadata(self, block: Node) -> Metadata | None:
        """The metadata as far as it can be read; what keeps it from being read is a finding."""
        try:
            if not isinstance(block, MappingNode):
                raise Malformed("'sops' must be a mapping")
            return read_metadata(nodes.trees_of([block], self.path, {})[0])
        except InvalidInput as error:
            at = error.at or self.documents[0].key_at(SOPS_KEY)
            self.add("sops-malformed", at, error.message, error.mend or "")
        return None

    def leaves(self, selector: Selector) -> None:
        """Every leaf against the selector; a bad expression is a finding."""
        block = self.documents[0].key_at(SOPS_KEY)
        for tree in self.trees:
            tree.pop(SOPS_KEY, None)
            try:
                map_leaves(tree, selector, covered=self.covered, clear=self.clear)
            except InvalidInput as error:
                self.add("sops-malformed", block, error.message, error.mend or "")
                return
            self.fully_encrypted(tree)
        if not self.covered_leaves:
            self.add(
                "sops-rule",
                block,
                f"{selector} matches nothing: the file holds no encrypted value",
                "Correct the expression in .sops.yaml and encrypt the file anew.",
            )

    def covered(self, leaf: Any, path: Path) -> None:
        if isinstance(leaf, Comment):
            self.comment(leaf, path)
            return
        self.covered_leaves += 1
        value = leaf.value
        if value == "" and type(value) is str:
            return  # sops leaves empty text as it is
        if type(value) is not str or not value.startswith("ENC["):
            message = f"{'.'.join(path)} should be encrypted, and is not"
            self.add("sops-plaintext", position(self.path, leaf.node), message, _LEAKED)
            return
        try:
            Ciphertext.parse(value)
        except Malformed as error:
            message = f"{'.'.join(path)}: {error.message}"
            mend = "Restore the file from Git: this value can no longer be decrypted."
            self.add("sops-ciphertext", position(self.path, leaf.node), message, mend)

    def comment(self, comment: Comment, path: Path) -> None:
        if comment.strip() and not is_ciphertext(comment):
            message = f"a comment under {'.'.join(path) or 'the top'} is not encrypted"
            mend = "Encrypt the file anew, or remove the comment, if it says anything secret."
            at = self.documents[0].at(*path)
            self.add("sops-comment", at, message, mend, "warning")

    def clear(self, leaf: Any, path: Path) -> None:
        if not isinstance(leaf, Comment) and is_ciphertext(leaf.value):
            message = f"{'.'.join(path)} is encrypted where the rule of the file says clear"
            mend = "Nothing will decrypt it. Move it back, or encrypt the file anew."
            self.add("sops-ciphertext", position(self.path, leaf.node), message, mend)

    def fully_encrypted(self, tree: Tree) -> None:
        """An object whose own fields are encrypted: kustomize panics on it."""
        for leaf in _fields_of_object(tree):
            if is_ciphertext(leaf.value):
                self.add(
                    "sops-rule",
                    position(self.path, leaf.node),
                    "apiVersion, kind and metadata of an object are encrypted: "
                    "kustomize fails on it, and Flux with it",
                    "Encrypt it by encrypted_regex: ^(data|stringData)$",
                )
                return

    def add(
        self,
        rule: str,
        at: Position,
        message: str,
        mend: str,
        severity: Severity = "error",
    ) -> None:
        self.findings.append(Finding(rule, at, message, mend, severity))


def _fields_of_object(tree: Tree) -> Iterator[_Leaf]:
    if "kind" not in tree or "apiVersion" not in tree:
        return
    metadata = tree.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    for field in (tree["kind"], tree["apiVersion"], name):
        if isinstance(field, _Leaf):
            yield field
