"""What directories build: by own evaluation, and by the real kustomize where that is at hand."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gitops_regconf.errors import RegconfError
from gitops_regconf.fleet.app import APP_GROUP, App, Apps, Followed, is_app
from gitops_regconf.fleet.kustomize import Kustomize
from gitops_regconf.fleet.substitution import FLUX_GROUP
from gitops_regconf.lint.references import real
from gitops_regconf.lint.references.amended import amended, has_kustomization
from gitops_regconf.lint.references.flux import FluxKustomization, is_flux_kustomization, yaml_files
from gitops_regconf.lint.references.reach import Reach, reach
from gitops_regconf.registries import charts
from gitops_regconf.source.files import Files
from gitops_regconf.source.position import Position
from gitops_regconf.source.worktree import WorkTree

HELM_GROUP = "helm.toolkit.fluxcd.io/"
SOURCE_GROUP = "source.toolkit.fluxcd.io/"
Built = Apps | RegconfError


@dataclass(frozen=True, slots=True)
class _Own:
    """A build by own evaluation, and where the real one may be tried: its kustomization."""

    built: Built
    file: Position | None = None


class Builds:
    """Builds what Flux Kustomizations apply, each once.

    The real kustomize decides where it can be run: on files as they are on disk, that
    read nothing else, in a directory that Flux builds as it stands. Everything else is
    left to our own evaluation, which says so where something is beyond it. That one
    also tells where in Git an object comes from, which kustomize does not.
    """

    def __init__(self, repository: Files, secret_name: str):
        self._repository = repository
        self._followed = _followed(secret_name)
        self._words = (*_chart_words(), FLUX_GROUP, secret_name)
        self._kustomize = Kustomize(repository, lambda *_: None, self._followed)
        self._root: Path | None = None
        self._real: str | None = None
        if isinstance(repository, WorkTree) and not repository.has_planned:
            self._root = repository.root.resolve()
            self._real = real.find_kustomize(self._root)
        self._built: dict[str, Built] = {}

    def of(self, wanted: Sequence[tuple[str, FluxKustomization | None]]) -> list[Built]:
        """What each of some directories builds for a Flux Kustomization, or why that is unknown."""
        keys = [
            f"{directory}\0{flux.at if flux else ''}\0{flux.spec if flux else ''}"
            for directory, flux in wanted
        ]
        new = {key: one for key, one in zip(keys, wanted, strict=True) if key not in self._built}
        own = {key: self._own(*one) for key, one in new.items()}
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            decided = pool.map(self._decided, own.values(), (one[0] for one in new.values()))
            self._built |= dict(zip(new, decided, strict=True))
        return [self._built[key] for key in keys]

    def _own(self, directory: str, flux: FluxKustomization | None) -> _Own:
        try:
            if not has_kustomization(self._repository, directory) and not self._below(directory):
                return _Own(())
            changed = amended(self._repository, self._kustomize, directory, flux)
            file = changed or self._kustomize.kustomization(directory)
            reached = reach(self._repository, self._kustomize, file)
            if not reached.may_mention(self._repository, self._words):
                return _Own(())
        except RegconfError as error:
            return _Own(error)
        at = None if changed or reached.outside else file.at()
        try:
            if changed:
                return _Own(self._kustomize.build_as(changed), at)
            return _Own(self._kustomize.build(directory), at)
        except RegconfError as error:
            return _Own(error, at)

    def _below(self, directory: str) -> bool:
        """Whether a file below a directory, all of which Flux would apply, concerns anybody."""
        return Reach(set(yaml_files(self._repository, directory))).may_mention(
            self._repository, self._words
        )

    def _decided(self, own: _Own, directory: str) -> Built:
        if own.file is None or self._real is None or self._root is None:
            return own.built
        try:
            found = real.build(self._real, self._root, directory, self._concerns)
        except real.Restricted:
            return own.built
        except RegconfError as error:
            # Ours has the better position.
            return own.built if isinstance(own.built, RegconfError) else error
        places = {} if isinstance(own.built, RegconfError) else _places(own.built)
        apps = [App(data, own.file) for data in found if self._followed.follows(data)]
        return tuple(App(app.data, places.get((*app.type, *app.id), own.file)) for app in apps)

    def _concerns(self, text: str) -> bool:
        return any(word in text for word in self._followed.words)


def _places(apps: Apps) -> Mapping[tuple[str, ...], Position]:
    return {(*app.type, *app.id): app.at for app in apps}


def _chart_words() -> tuple[str, ...]:
    return (*(chart.name for chart in charts.charts().values()), "cluster-$")


def _followed(secret_name: str) -> Followed:
    """Cluster Apps and what stands for one, Flux Kustomizations, and Secrets that may be ours."""

    def follows(data: Any) -> bool:
        return (
            is_app(data)
            or is_flux_kustomization(data)
            or is_helm_release(data)
            or _is_chart_source(data)
            or _is_secret(data, secret_name)
        )

    words = ("App", "Kustomization", "HelmRelease", "OCIRepository", "Secret")
    every = {(APP_GROUP, "App"), (FLUX_GROUP.rstrip("/"), "Kustomization")}
    return Followed(words, follows, frozenset(every))


def is_helm_release(data: Any) -> bool:
    """Whether an object is a HelmRelease that may install a cluster chart."""
    if not _is_of(data, HELM_GROUP, "HelmRelease"):
        return False
    name = chart_of(data)
    return not name or name.startswith("cluster-")


def chart_of(data: Mapping[str, Any]) -> str:
    """The chart that a HelmRelease names by itself; empty where an OCIRepository does."""
    found: Any = data
    for key in ("spec", "chart", "spec", "chart"):
        found = found.get(key) if isinstance(found, Mapping) else None
    return str(found or "").rpartition("/")[2]


def _is_chart_source(data: Any) -> bool:
    return _is_of(data, SOURCE_GROUP, "OCIRepository") and "cluster-" in str(data.get("spec"))


def _is_secret(data: Any, name: str) -> bool:
    if not _is_of(data, "v1", "Secret"):
        return False
    return "sops" in data or name in str(data["metadata"].get("name"))


def _is_of(data: Any, group: str, kind: str) -> bool:
    return (
        isinstance(data, dict)
        and data.get("kind") == kind
        and str(data.get("apiVersion", "")).startswith(group)
        and isinstance(data.get("metadata"), dict)
    )
