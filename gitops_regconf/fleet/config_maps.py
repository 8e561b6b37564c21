"""ConfigMaps with values that stand in Git, as a kustomization builds them.

Follows resources, components, generators, namespaces, name affixes and
strategic patches. What goes beyond that leaves a ConfigMap unknown: it is then
answered for as such, and nothing fails.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from gitops_regconf.errors import InvalidInput
from gitops_regconf.fleet.kustomize import KUSTOMIZATION_FILES
from gitops_regconf.fleet.shape import check_shape
from gitops_regconf.fleet.transformers import matches
from gitops_regconf.registries.values import Values
from gitops_regconf.source.documents import Document, Path, document, documents
from gitops_regconf.source.files import Files
from gitops_regconf.source.nested import nested, placed
from gitops_regconf.source.position import Position

Name = tuple[str, str]
Change = Callable[[str], str]
Place = Callable[[Position], Position]


@dataclass(frozen=True, slots=True)
class ConfigMap:
    """One ConfigMap: how to read the document under its one data key, or why that is not known."""

    name: str
    namespace: str
    read: Callable[[Change], tuple[Mapping[str, Any], Callable[..., Position]]]
    at: Position
    unknown: str = ""
    key: str = ""

    def values(self, change: Change) -> Values:
        """The values in it, after `change` was made to their text. Raises InvalidInput."""
        content, locate = self.read(change)
        content = {} if content is None else content
        if not isinstance(content, dict):
            raise InvalidInput("values must be a mapping", at=locate())
        title = f"ConfigMap {self.namespace}/{self.name}"
        return Values(title, content, lambda path: locate(*path))


ConfigMaps = dict[Name, ConfigMap]


def config_maps(source: Files, directory: str) -> ConfigMaps:
    """The ConfigMaps that a directory's kustomization builds, by name and namespace."""
    return _Build(source).of(directory, {})


class _Build:
    def __init__(self, source: Files):
        self._source = source
        self._under_way: list[str] = []
        self._built: dict[str, ConfigMaps] = {}

    def of(self, directory: str, before: ConfigMaps) -> ConfigMaps:
        """What is there after a directory's kustomization; `before` it, for a component."""
        if not before and directory in self._built:
            return self._built[directory]
        file = self._kustomization(directory)
        if file is None or directory in self._under_way:
            return before
        self._under_way.append(directory)
        found = dict(before)
        for path in self._local(file, "resources"):
            if self._source.is_directory(path):
                found |= self.of(path, {})
            else:
                found |= {_name(one): one for one in self._in_file(path)}
        for one in self._generated(file):
            found[_name(one)] = one
        for path in self._local(file, "components"):
            found = self.of(path, found)
        self._under_way.pop()
        result = {_name(one): one for one in self._transformed(file, list(found.values()))}
        if not before:
            self._built[directory] = result
        return result

    def _kustomization(self, directory: str) -> Document | None:
        names = [name for name in KUSTOMIZATION_FILES if name in self._source.names(directory)]
        if not names:
            return None
        file = self._source.document(posixpath.join(directory, names[0]))
        if not isinstance(file.data, dict):
            return None
        check_shape(file)
        return file

    def _local(self, file: Document, key: str) -> Iterator[str]:
        directory = posixpath.dirname(file.path)
        for entry in file.data.get(key) or []:
            if isinstance(entry, str) and "://" not in entry and "?ref=" not in entry:
                path = posixpath.normpath(posixpath.join(directory, entry))
                if not path.startswith(".."):
                    yield path

    def _in_file(self, path: str) -> Iterator[ConfigMap]:
        text = self._source.text(path)
        if text is None or "ConfigMap" not in text:
            return
        for one in documents(text, path):
            if _is_config_map(one.data):
                yield _written(one)

    def _generated(self, file: Document) -> Iterator[ConfigMap]:
        options = file.data.get("generatorOptions") or {}
        for index, item in enumerate(file.data.get("configMapGenerator") or []):
            if not isinstance(item, dict):
                continue
            own = {**options, **(item.get("options") or {})}
            at = file.at("configMapGenerator", index)
            one = self._generator(file, item, at)
            if not own.get("disableNameSuffixHash"):
                one = replace(one, unknown="its name gets a hash that no App refers to")
            if item.get("behavior") in ("merge", "replace"):
                one = replace(one, unknown="it changes another ConfigMap")
            yield one

    def _generator(self, file: Document, item: Mapping[str, Any], at: Position) -> ConfigMap:
        name, namespace = str(item.get("name", "")), str(item.get("namespace") or "")
        listed = [str(entry) for entry in item.get("files") or []]
        if len(listed) != 1 or item.get("literals") or item.get("envs"):
            return ConfigMap(name, namespace, _nothing, at, "it does not hold exactly one file")
        entry = listed[0].partition("=")[2] or listed[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), entry))
        text = self._source.text(path)
        if text is None:
            return ConfigMap(name, namespace, _nothing, at, f"there is no {path}")

        def read(change: Change) -> tuple[Mapping[str, Any], Callable[..., Position]]:
            found = document(change(text), path)
            return found.data, found.key_at

        key = listed[0].partition("=")[0] if "=" in listed[0] else posixpath.basename(entry)
        return ConfigMap(name, namespace, read, Position(path), key=key)

    def _transformed(self, file: Document, found: list[ConfigMap]) -> Iterator[ConfigMap]:
        data = file.data
        patches = list(self._patches(file))
        for one in found:
            patched = one
            for field in ("replacements", "transformers", "vars"):
                if data.get(field):
                    at = file.key_at(field)
                    patched = replace(patched, unknown=f"{field} may change it ({at})")
            for patch in patches:
                patched = _patched(patched, patch)
            yield replace(
                patched,
                name=f"{data.get('namePrefix') or ''}{patched.name}{data.get('nameSuffix') or ''}",
                namespace=str(data.get("namespace") or patched.namespace),
            )

    def _patches(self, file: Document) -> Iterator[_Patch]:
        for field in ("patchesStrategicMerge", "patches", "patchesJson6902"):
            for index, item in enumerate(file.data.get(field) or []):
                at, entry = file.key_at(field), item
                text: Path = (field, index, "patch")
                if isinstance(item, str):
                    entry, text = {"patch" if "\n" in item else "path": item}, (field, index)
                place = partial(placed, file, text) if "patch" in entry else _as_it_is
                for one in self._patch_documents(file, entry):
                    yield _Patch(one, entry.get("target") or {}, at, place)

    def _patch_documents(self, file: Document, item: Mapping[str, Any]) -> list[Document]:
        if item.get("patch") is not None:
            text, path = str(item["patch"]), file.path
        else:
            directory = posixpath.dirname(file.path)
            path = posixpath.normpath(posixpath.join(directory, str(item.get("path"))))
            text = self._source.text(path) or ""
        return documents(text, path) if "ConfigMap" in text or item.get("target") else []


@dataclass(frozen=True, slots=True)
class _Patch:
    """One document of a patch; `place` says where a position in it is in its file."""

    document: Document
    target: Mapping[str, Any]
    at: Position
    place: Place


def _as_it_is(position: Position) -> Position:
    return position


def _patched(one: ConfigMap, patch: _Patch) -> ConfigMap:
    if patch.target:
        kind, name = patch.target.get("kind"), patch.target.get("name")
        chosen = matches(kind, ("ConfigMap",)) and matches(name, (one.name,))
        why = f"a patch with a target may change it ({patch.at})"
        return replace(one, unknown=why) if chosen else one
    if one.unknown or not _is_for(one, patch.document.data):
        return one
    if "$patch" in patch.document.data:
        return replace(one, unknown=f"a patch deletes or replaces it ({patch.at})")
    if not patch.document.data.get("data"):
        return one
    written = _written(patch.document, patch.place)
    if not written.unknown and written.key != one.key:
        return replace(written, unknown=_not_one_key(2))
    return written


def _is_for(one: ConfigMap, patch: Any) -> bool:
    """Whether a strategic patch names a ConfigMap."""
    if not _is_config_map(patch):
        return False
    metadata = patch["metadata"]
    name, namespace = metadata.get("name"), str(metadata.get("namespace") or "")
    return (name, namespace) == (one.name, one.namespace)


def _written(one: Document, place: Place = _as_it_is) -> ConfigMap:
    metadata = one.data["metadata"]
    name, namespace = str(metadata.get("name", "")), str(metadata.get("namespace") or "")
    data = one.data.get("data")
    keys = list(data) if isinstance(data, dict) else []
    if len(keys) != 1:
        return ConfigMap(name, namespace, _nothing, place(one.at()), _not_one_key(len(keys)))

    def read(change: Change) -> tuple[Mapping[str, Any], Callable[..., Position]]:
        found = nested(one, ("data", keys[0]), change)
        at = found.key_at if found else one.key_at
        return (found.data if found else {}), lambda *path: place(at(*path))

    return ConfigMap(name, namespace, read, place(one.at("data", keys[0])), key=keys[0])


def _not_one_key(count: int) -> str:
    return f"it has {count} data keys, and the app platform takes exactly one"


def _nothing(_change: Change) -> tuple[Mapping[str, Any], Callable[..., Position]]:
    return {}, lambda *_: Position("")


def _is_config_map(data: Any) -> bool:
    return (
        isinstance(data, dict)
        and data.get("kind") == "ConfigMap"
        and isinstance(data.get("metadata"), dict)
    )


def _name(one: ConfigMap) -> Name:
    return one.name, one.namespace
