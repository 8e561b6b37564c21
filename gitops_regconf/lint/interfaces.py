"""The registry interface wherever it stands in a file, as values documents with positions.

That is: as the values themselves; below any key of another object (`spec.values` of a
HelmRelease, `valuesObject`, values of a subchart); as YAML in a text (`data` of a ConfigMap,
inline patches and literals of a kustomization, `helm.values`); as base64 in a Secret; and as
JSON6902 operations, whose value is put where their path leads. What SOPS has encrypted is
passed over.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gitops_regconf import sops
from gitops_regconf.errors import CannotCheck, InvalidInput, RegconfError, Several
from gitops_regconf.lint.file import YAML_OR_JSON, File
from gitops_regconf.lint.operations import is_operation, operated
from gitops_regconf.lint.subjects import Encrypted, interfaces_in
from gitops_regconf.registries import keys
from gitops_regconf.registries.values import Path, Values
from gitops_regconf.source.documents import Document, each_document, find
from gitops_regconf.source.encoding import text_of
from gitops_regconf.source.nested import every_nested, placed
from gitops_regconf.source.position import Position

# Keys of texts that something reads as YAML, whatever else their object is about.
_YAML_KEYS: Final = frozenset({"values", "valuesInline", "patch"})
_TEMPLATE: Final = re.compile(r"^[^#\n]*\{\{", re.MULTILINE)
_LITERAL: Final = re.compile(r"[^\n=]*=")
_MOST_NESTED: Final = 8


def interfaces(file: File) -> Iterator[Values]:
    """Every values document in a file that has the interface.

    `locate` gives the file as a whole for what is not in it, but in the object that a
    patch is for. Raises CannotCheck, or Several, after the last one where a part of the
    file that should be YAML cannot be read. Templates of Helm or Go hold none, nor does
    text of another kind.
    """
    errors: list[RegconfError] = []
    for document in _documents(file, errors):
        yield from _Search(document, errors).values()
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise Several(errors)


def objects(file: File) -> Iterator[Document]:
    """The Kubernetes objects of a file, those in Lists included, as far as it can be read."""
    for document in _documents(file, []):
        try:
            data = document.data
        except InvalidInput:
            continue
        listed = data.get("items") if _kind(data).endswith("List") else None
        if not isinstance(listed, list):
            yield document
            continue
        for index in range(len(listed)):
            item = find(document.node, ("items", index))
            if item is not None:
                yield Document(document.path, item, document.text)


def _documents(file: File, errors: list[RegconfError]) -> Iterator[Document]:
    """The documents of a file; before a mistake, those that stand before it."""
    try:
        yield from file.documents
        return
    except InvalidInput as error:
        if file.is_yaml:
            _note(error, file.text, errors)
    try:
        yield from each_document(file.text, file.path)
    except InvalidInput:
        return


def _note(error: InvalidInput, text: str, errors: list[RegconfError]) -> None:
    if not _TEMPLATE.search(text):
        errors.append(CannotCheck(error.message, at=error.at, mend=error.mend))


def _kind(data: object) -> str:
    return str(data.get("kind")) if isinstance(data, Mapping) else ""


@dataclass(frozen=True)
class _Search:
    """Looks for values in one document; `place` says where a position in it is in the file."""

    document: Document
    errors: list[RegconfError]
    place: Callable[[Position], Position] = lambda position: position
    depth: int = 0
    seen: set[int] = field(default_factory=set)

    def values(self) -> Iterator[Values]:
        """The values in the document."""
        try:
            data = self.document.data
        except InvalidInput as error:
            self._note(error, self.document.text)
        else:
            yield from self._below(data, ())

    def _below(self, data: Any, path: Path) -> Iterator[Values]:
        if isinstance(data, str):
            yield from self._in_text(data, path)
        elif isinstance(data, list):
            for index, item in enumerate(data):
                yield from self._below(item, (*path, index))
        elif isinstance(data, Mapping):
            if is_operation(data):
                yield from self._in_operation(path)
            else:
                yield from self._in_mapping(data, path)

    def _in_mapping(self, data: Mapping[str, Any], path: Path) -> Iterator[Values]:
        found = list(interfaces_in(data))
        if found:
            content = _without_ciphertext(data) if "ENC[" in self.document.text else data
            yield Values(self.document.path, content, lambda below: self._locate((*path, *below)))
        within = {interface.path[0] for interface, _ in found}
        for key, item in data.items():
            if key not in within:
                yield from self._below(item, (*path, key))
        if _kind(data) in ("Secret", "ConfigMap"):
            for held in ("data", "binaryData"):
                leaves = data.get(held)
                for key, value in leaves.items() if isinstance(leaves, Mapping) else ():
                    yield from self._in_base64(value, (*path, held, key))

    def _in_operation(self, path: Path) -> Iterator[Values]:
        node = find(self.document.node, path)
        whole = operated(node) if node is not None else None
        if whole is not None:
            document = Document(self.document.path, whole, self.document.text)
            yield from _Search(document, self.errors, self.place, self.depth, self.seen).values()

    def _in_text(self, text: str, path: Path) -> Iterator[Values]:
        if not any(key in text for key in keys.ALL) or self._was_seen(path):
            return
        literal = path[-2:-1] == ("literals",) and _LITERAL.match(text)
        key = (
            literal[0].rstrip("=")
            if literal
            else next((str(step) for step in reversed(path) if isinstance(step, str)), "")
        )
        try:
            found = every_nested(
                self.document, path, lambda whole: whole[literal.end() :] if literal else whole
            )
        except InvalidInput as error:
            if key in _YAML_KEYS or key.endswith(YAML_OR_JSON):
                self._note(error, text)
            return
        for one in found:
            yield from self._inside(
                one.inner, lambda position: placed(self.document, path, position)
            )

    def _in_base64(self, value: object, path: Path) -> Iterator[Values]:
        text = _decoded(value)
        if not any(key in text for key in keys.ALL) or self._was_seen(path):
            return
        at = self.document.at(*path)
        try:
            for document in each_document(text, self.document.path):
                yield from self._inside(document, lambda _: at)
        except InvalidInput as error:
            # Nothing else that is encoded has the keys of the interface.
            error.at = at
            self._note(error, text)

    def _inside(
        self, document: Document, place: Callable[[Position], Position]
    ) -> Iterator[Values]:
        def outside(position: Position) -> Position:
            return self.place(place(position)) if position.line else position

        if self.depth < _MOST_NESTED:
            yield from _Search(document, self.errors, outside, self.depth + 1).values()

    def _was_seen(self, path: Path) -> bool:
        """Whether a scalar was read already: an alias may repeat a text without end."""
        node = find(self.document.node, path)
        if node is None:
            return False
        known = id(node) in self.seen
        self.seen.add(id(node))
        return known

    def _locate(self, path: Path) -> Position:
        at = self.document.key_at(*path)
        return self.place(at) if at.line else at

    def _note(self, error: InvalidInput, text: str) -> None:
        if error.at:
            error.at = self.place(error.at)
        _note(error, text, self.errors)


def _without_ciphertext(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {key: _without_ciphertext(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_without_ciphertext(item) for item in data]
    return Encrypted() if sops.is_ciphertext(data) else data


def _decoded(value: object) -> str:
    """The text in base64, empty where it is none."""
    if not isinstance(value, str):
        return ""
    try:
        return text_of(base64.b64decode("".join(value.split()), validate=True))
    except ValueError:
        return ""
