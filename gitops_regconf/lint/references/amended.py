"""Kustomizations as Flux has them before it builds: generated where there is none, and amended.

Facts: fluxcd/pkg, kustomize/kustomize_generator.go. A field of a Flux Kustomization takes
the place of the same field in the file, or is added to its list.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from gitops_regconf.errors import CannotCheck, InvalidInput
from gitops_regconf.fleet.kustomize import KUSTOMIZATION_FILES, Kustomize
from gitops_regconf.lint.references.flux import FluxKustomization
from gitops_regconf.source.documents import Document, document, documents
from gitops_regconf.source.files import Files
from gitops_regconf.source.position import Position

_REPLACED = {"targetNamespace": "namespace", "namePrefix": "namePrefix", "nameSuffix": "nameSuffix"}
_ADDED = ("components", "patches", "patchesStrategicMerge", "patchesJson6902")


@dataclass(frozen=True)
class Amended(Document):
    """A kustomization that stands in no file; everything in it is placed at what makes it so."""

    content: Mapping[str, Any] = field(default_factory=dict)
    place: Position = field(default=Position(""))

    @cached_property
    def data(self) -> Any:
        """Its content."""
        return dict(self.content)

    def at(self, *_path: str | int) -> Position:
        """Where what makes it so is written."""
        return self.place

    def key_at(self, *_path: str | int) -> Position:
        """Where what makes it so is written."""
        return self.place


def amended(
    repository: Files, kustomize: Kustomize, directory: str, flux: FluxKustomization | None
) -> Amended | None:
    """The kustomization that Flux builds, or None where it is the file as it stands.

    Raises RegconfError where Flux would fail, or that cannot be told.
    """
    generated = not has_kustomization(repository, directory)
    added = _added(flux) if flux else {}
    if not generated and not added:
        return None
    place = flux.at if flux else Position(directory)
    if generated:
        path = posixpath.join(directory, KUSTOMIZATION_FILES[0])
        content: dict[str, Any] = {"resources": sorted(_found_by_flux(repository, directory))}
    else:
        file = kustomize.kustomization(directory)
        path, content = file.path, dict(file.data)
    for key, value in added.items():
        content[key] = [*(content.get(key) or []), *value] if isinstance(value, list) else value
    empty = document("{}", path)
    return Amended(path, empty.node, empty.text, content, place)


def has_kustomization(repository: Files, directory: str) -> bool:
    """Whether a directory has a kustomization file of its own."""
    return not set(KUSTOMIZATION_FILES).isdisjoint(repository.names(directory))


def _added(flux: FluxKustomization) -> dict[str, Any]:
    added: dict[str, Any] = {}
    for theirs, ours in _REPLACED.items():
        if flux.spec.get(theirs):
            added[ours] = str(flux.spec[theirs])
    for key in _ADDED:
        listed = flux.spec.get(key)
        if listed and not isinstance(listed, list):
            raise InvalidInput(f"spec.{key} must be a list", at=flux.at)
        if listed:
            added[key] = listed
    for key in ("patchesStrategicMerge", "patchesJson6902"):  # objects here, texts in a file
        if key in added:
            problem = f"what spec.{key} of this Flux Kustomization does cannot be told here"
            raise CannotCheck(problem, at=flux.at, mend="Use spec.patches.")
    return added


def _found_by_flux(repository: Files, directory: str) -> Iterator[str]:
    """What the kustomization that Flux generates lists: every file with objects, recursively."""
    waiting = ["."]
    while waiting:
        below = waiting.pop()
        here = posixpath.normpath(posixpath.join(directory, below))
        here = "" if here == "." else here
        subdirectories = set(repository.subdirectories(here))
        for name in repository.names(here):
            path = posixpath.join(here, name)
            if name in subdirectories:
                if has_kustomization(repository, path):
                    yield f"{below}/{name}"
                elif name != ".git":
                    waiting.append(f"{below}/{name}")
            elif name.endswith((".yaml", ".yml")):
                _refuse_no_object(repository, path, directory)
                yield f"{below}/{name}"


def _refuse_no_object(repository: Files, path: str, directory: str) -> None:
    for one in documents(repository.text(path) or "", path):
        data = one.data
        metadata = data.get("metadata") if isinstance(data, dict) else None
        is_list = isinstance(data, dict) and str(data.get("kind", "")).endswith("List")
        named = isinstance(metadata, dict) and metadata.get("name")
        if not (is_list or (named and data.get("kind") and data.get("apiVersion"))):
            raise InvalidInput(
                f"Flux would apply this as an object, since {directory or 'the root'} has no "
                "kustomization.yaml, and it is none",
                at=one.at(),
                mend=f"Write a kustomization.yaml in {directory or 'the root'} that lists what "
                "Flux shall apply.",
            )
