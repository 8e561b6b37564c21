"""The Flux Kustomizations of a repository, as they are written and as others build them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gitops_regconf.errors import RegconfError
from gitops_regconf.fleet import layout
from gitops_regconf.fleet.substitution import (
    FLUX_GROUP,
    substituted,
    substitutes_from_elsewhere,
    variables,
)
from gitops_regconf.source.documents import documents
from gitops_regconf.source.files import Files
from gitops_regconf.source.position import Position

_BELOW_MC = re.compile(rf"{layout.MANAGEMENT_CLUSTERS}/([^/]+)(?:/|$)")
DISABLED = "disabled"
_SUBSTITUTE = FLUX_GROUP + "substitute"


@dataclass(frozen=True, slots=True)
class FluxKustomization:
    """One Flux Kustomization, and where it is written."""

    data: Mapping[str, Any]
    at: Position

    @property
    def name(self) -> str:
        """The name in its metadata."""
        metadata = self.data.get("metadata")
        return str(metadata.get("name", "")) if isinstance(metadata, Mapping) else ""

    @property
    def spec(self) -> Mapping[str, Any]:
        """The spec, empty where there is none."""
        spec = self.data.get("spec")
        return spec if isinstance(spec, Mapping) else {}

    @property
    def directory(self) -> str:
        """The directory that it builds, relative to the repository's root."""
        path = posixpath.normpath(str(self.spec.get("path") or ".")).lstrip("/")
        return "" if path == "." else path

    @property
    def management_cluster(self) -> str | None:
        """The MC that it runs in, where its directory says so."""
        found = _BELOW_MC.match(self.directory)
        return found[1] if found else None

    @property
    def source(self) -> tuple[str, str, str]:
        """Kind, namespace and name of the source that its directory lies in."""
        reference = self.spec.get("sourceRef")
        found = reference if isinstance(reference, Mapping) else {}
        return tuple(str(found.get(key, "")) for key in ("kind", "namespace", "name"))  # type: ignore[return-value]  # three keys

    @property
    def substitutes(self) -> bool:
        """Whether it fills in any variable; without one, Flux leaves every text as it is."""
        return bool(variables(self.data)) or substitutes_from_elsewhere(self.data)

    @property
    def is_incomplete(self) -> bool:
        """Whether this is no more than a patch for one, or a part of one."""
        return not (self.spec.get("path") or self.spec.get("sourceRef"))

    def filled_in(self, data: Any) -> Any:
        """An object that it applies, with its variables filled in."""
        if not self.substitutes or keeps_variables(data):
            return data
        # Flux drops line breaks from values.
        values = {key: one.replace("\n", "") for key, one in variables(self.data).items()}
        return _filled_in(data, values)


def keeps_variables(data: Mapping[str, Any]) -> bool:
    """Whether an object asks Flux to leave its text alone, by label or annotation."""
    return DISABLED in (_mark(data, kind, _SUBSTITUTE) for kind in ("labels", "annotations"))


def annotation(data: Mapping[str, Any], name: str) -> str:
    """One of Flux's own annotations of an object, lower case; empty without it."""
    return _mark(data, "annotations", FLUX_GROUP + name).lower()


def _mark(data: Mapping[str, Any], kind: str, key: str) -> str:
    metadata = data.get("metadata")
    marks = metadata.get(kind) if isinstance(metadata, Mapping) else None
    return str(marks.get(key, "")) if isinstance(marks, Mapping) else ""


def _filled_in(data: Any, values: Mapping[str, str]) -> Any:
    if isinstance(data, str):
        return substituted(data, values) if "${" in data else data
    if isinstance(data, Mapping):
        return {key: _filled_in(value, values) for key, value in data.items()}
    return [_filled_in(item, values) for item in data] if isinstance(data, list) else data


def is_flux_kustomization(data: Any) -> bool:
    """Whether an object is a Flux Kustomization."""
    return (
        isinstance(data, dict)
        and data.get("kind") == "Kustomization"
        and str(data.get("apiVersion", "")).startswith(FLUX_GROUP)
        and isinstance(data.get("metadata"), dict)
    )


def written(repository: Files, errors: list[RegconfError]) -> Iterator[FluxKustomization]:
    """The Flux Kustomizations in all files of a repository.

    A file that is not one of them may be as broken as it likes. One that could be,
    and cannot be read, is an error: its clusters would not be looked at.
    """
    for path in yaml_files(repository):
        try:
            content = repository.raw(path) or b""
        except RegconfError:
            continue  # a link, or no file at all; whatever builds it says so
        if FLUX_GROUP.encode() not in content:
            continue
        try:
            found = documents(repository.text(path) or "", path)
            of_file = [(one.data, one.at()) for one in found]
        except RegconfError as error:
            if b"{{" not in content:  # else the template of something that is no YAML yet
                errors.append(error)
            continue
        for data, at in of_file:
            one = FluxKustomization(data, at) if is_flux_kustomization(data) else None
            if one and not one.is_incomplete:
                yield one


def yaml_files(
    repository: Files, directory: str = "", with_names: Collection[str] = ()
) -> Iterator[str]:
    """The YAML files of a repository, but for hidden directories at its top, as Git's own.

    Those called as one of `with_names` are among them, whatever they end in.
    """
    waiting = [directory]
    while waiting:
        here = waiting.pop()
        try:
            names = repository.names(here)
            below = set(repository.subdirectories(here))
        except RegconfError:
            continue
        for name in names:
            if name not in below:
                if name.endswith((".yaml", ".yml")) or name in with_names:
                    yield posixpath.join(here, name)
            elif here or not name.startswith("."):
                waiting.append(posixpath.join(here, name))


def in_this_repository(
    found: Iterable[FluxKustomization], repository: Files
) -> Iterator[FluxKustomization]:
    """Those whose directory lies in this repository, as far as their sources tell.

    The source of the repository itself is known by the directories that it names.
    """
    listed = list(found)
    own = {one.source for one in listed if one.directory and repository.is_directory(one.directory)}
    for one in listed:
        if not own or one.source in own:
            yield one
