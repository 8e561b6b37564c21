"""Whether the cluster Apps that a repository builds take in their Secret, exactly once.

The repository is the fleet, or another one with the manifests of WCs that the
fleet only knows as external. Its files are built as they stand, generated ones
included, and not as they should be.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_regconf.errors import CannotCheck, RegconfError
from gitops_regconf.findings import Finding
from gitops_regconf.fleet.app import App
from gitops_regconf.fleet.cluster_apps import ClusterApps, external
from gitops_regconf.fleet.kustomize import KUSTOMIZATION_FILES, Kustomize
from gitops_regconf.fleet.model import Fleet, ManagementCluster, WorkloadCluster
from gitops_regconf.fleet.references import Reference
from gitops_regconf.fleet.substitution import (
    FLUX_GROUP,
    flux_kustomizations,
    substituted,
    variables,
)
from gitops_regconf.generate.outputs import default_reference, secret_name
from gitops_regconf.registries import charts
from gitops_regconf.source.files import Files
from gitops_regconf.source.position import Position

RULE = "secret-not-taken-in"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster of the fleet that an App may install."""

    mc: ManagementCluster
    wc: WorkloadCluster | None

    @property
    def name(self) -> str:
        """The name that its App has."""
        return self.wc.name if self.wc else self.mc.name


@dataclass(frozen=True, slots=True)
class Built:
    """A cluster App that a repository builds, under the name that it has in the cluster."""

    name: str
    app: App


@dataclass
class Checked:
    """What a check found, what it could not look at, and which clusters it saw."""

    findings: list[Finding]
    errors: list[RegconfError]
    seen: list[str]


def check(repository: Files, fleet: Fleet, source: Files) -> Checked:
    """Check the Apps that `repository` builds against the fleet read from `source`."""
    result = Checked([], [], [])
    apps = ClusterApps(source, default_reference(fleet))
    clusters = _clusters(fleet)
    for built in _built(repository, result.errors):
        candidates = clusters.get(built.name, [])
        if not candidates:
            continue
        result.seen.append(built.name)
        try:
            wanted = [_reference(fleet, one, apps) for one in candidates]
        except RegconfError as error:
            result.errors.append(error)
            continue
        result.findings += _findings(built, wanted, fleet)
    return result


def _clusters(fleet: Fleet) -> dict[str, list[Cluster]]:
    found: dict[str, list[Cluster]] = {}
    for mc in fleet.management_clusters:
        for wc in (None, *mc.workload_clusters):
            one = Cluster(mc, wc)
            found.setdefault(one.name, []).append(one)
    return found


def _reference(fleet: Fleet, cluster: Cluster, apps: ClusterApps) -> Reference:
    """What the App of a cluster must take in."""
    mc, wc = cluster.mc, cluster.wc
    default = default_reference(fleet)
    if wc is None:
        return default.called(default.name + apps.of_management_cluster(mc).interface.suffix)
    if wc.external:
        interface = external(wc, wc.provider or mc.provider)
    else:
        app = apps.of_workload_cluster(wc)
        if app is None:
            raise CannotCheck("no cluster chart known here is used by it", at=wc.at)
        interface = app.interface
    return default.called(secret_name(fleet, mc, wc, interface))


def _findings(built: Built, wanted: Sequence[Reference], fleet: Fleet) -> Iterator[Finding]:
    listed = built.app.extra_configs or []
    entries = [entry for entry in listed if isinstance(entry, dict)]
    if any(_count(entries, reference) == 1 for reference in wanted):
        others = [entry for entry in entries if _is_other(entry, wanted, fleet)]
        for entry in others:
            yield Finding(
                RULE,
                built.app.at,
                f"the cluster {built.name!r} also takes in {entry.get('name')!r}, which is not "
                "its Secret: which one wins depends on their order",
                "Take that entry out of spec.extraConfigs.",
            )
        return
    reference = wanted[0]
    times = _count(entries, reference)
    what = f"takes in the Secret {reference.name!r} {times} times"
    if not times:
        what = f"does not take in the Secret {reference.name!r}, so its nodes pull without it"
        if any(_is_of_other_kind(entry, reference) for entry in entries):
            what = f"takes in {reference.name!r} as a ConfigMap or from another namespace"
    yield Finding(
        RULE,
        built.app.at,
        f"the cluster {built.name!r} {what}",
        "Include the component: `regconf regenerate` writes it, and for a cluster whose manifests "
        "live elsewhere `regconf render --as reference`.",
    )


def _count(entries: Sequence[Mapping[str, Any]], reference: Reference) -> int:
    return sum(reference.is_at(entry) for entry in entries)


def _is_of_other_kind(entry: Mapping[str, Any], reference: Reference) -> bool:
    return entry.get("name") == reference.name


def _is_other(entry: Mapping[str, Any], wanted: Sequence[Reference], fleet: Fleet) -> bool:
    """Whether an entry is a registry Secret of this fleet, and none of those wanted."""
    ours = fleet.output.secret_name in str(entry.get("name"))
    return ours and not any(reference.is_at(entry) for reference in wanted)


def _built(repository: Files, errors: list[RegconfError]) -> Iterator[Built]:
    """The cluster Apps of every directory that Flux builds, else of every one with its names."""
    kustomize = Kustomize(repository, lambda *_: None)
    by_flux: dict[str, list[dict[str, str]]] = {}
    for directory, values in _built_by_flux(repository, errors):
        by_flux.setdefault(directory, []).append(values)
    for directory in sorted({*by_flux, *_outermost(repository, by_flux)}):
        try:
            apps = kustomize.build(directory)
        except RegconfError as error:
            errors.append(error)
            continue
        for app in apps:
            if charts.provider_of(str(app.spec.get("name"))) is None:
                continue
            for values in by_flux.get(directory, [{}]):
                name = substituted(app.name, values)
                if "${" not in name:
                    yield Built(name, app)
                elif directory in by_flux:
                    problem = f"the name {name} of this App is filled in from elsewhere"
                    errors.append(CannotCheck(problem, at=app.at))


def _built_by_flux(
    repository: Files, errors: list[RegconfError]
) -> Iterator[tuple[str, dict[str, str]]]:
    for path in repository.files_below(""):
        if path.startswith(".git/") or not path.endswith((".yaml", ".yml")):
            continue
        try:
            if FLUX_GROUP not in (repository.text(path) or ""):
                continue
            found = flux_kustomizations(repository, path)
        except RegconfError as error:
            errors.append(error)
            continue
        for kustomization in found:
            spec = kustomization.get("spec")
            named = spec.get("path") if isinstance(spec, dict) else None
            directory = posixpath.normpath(str(named or ".")).lstrip("/")
            directory = "" if directory == "." else directory
            if repository.is_directory(directory):
                yield directory, variables(kustomization)
            else:
                at = Position(path)
                errors.append(CannotCheck(f"the directory {named} is not here", at=at))


def _outermost(repository: Files, by_flux: Mapping[str, object]) -> Iterator[str]:
    """In a repository without Flux Kustomizations: the directories that no other one includes."""
    if by_flux:
        return
    found: list[str] = []
    included: set[str] = set()
    for path in repository.files_below(""):
        directory, name = posixpath.split(path)
        if name not in KUSTOMIZATION_FILES or path.startswith(".git/"):
            continue
        data = repository.document(path).data
        if not isinstance(data, dict):
            continue
        for entry in data.get("resources") or []:
            included.add(posixpath.normpath(posixpath.join(directory, str(entry))))
        if data.get("kind") != "Component":
            found.append(directory)
    yield from (directory for directory in found if directory not in included)
