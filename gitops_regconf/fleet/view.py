"""One cluster as its nodes will see it: chart, release, containerd and values, known or not.

Everything here follows from what stands in Git, with the generated files as
`regconf regenerate` would write them. What is not known has every possibility.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gitops_regconf.errors import InvalidInput
from gitops_regconf.fleet.cluster_apps import ClusterApp, ClusterApps
from gitops_regconf.fleet.cluster_values import ClusterValues, cluster_values
from gitops_regconf.fleet.config_maps import config_maps
from gitops_regconf.fleet.model import Account, Fleet, ManagementCluster, WorkloadCluster
from gitops_regconf.fleet.resolution import resolve_management_cluster, resolve_workload_cluster
from gitops_regconf.fleet.substitution import substituted
from gitops_regconf.registries import charts, releases
from gitops_regconf.registries.charts import Interface, Regime, Rendering
from gitops_regconf.registries.model import Note, ResolvedCluster
from gitops_regconf.registries.node import Node, node
from gitops_regconf.registries.values import (
    Decided,
    Path,
    Tree,
    Values,
    below,
    merged_by_app_platform,
)
from gitops_regconf.render.values import values_document
from gitops_regconf.source.files import Files
from gitops_regconf.source.position import Position


@dataclass(frozen=True, slots=True)
class ChartVersion:
    """A version that a cluster's chart has, or may have; `certain` says which."""

    chart: str
    version: str
    at: Position
    certain: bool = True

    def __str__(self) -> str:
        return f"{self.chart} {self.version}"


@dataclass(frozen=True, slots=True)
class ClusterView:
    """One cluster: an MC, or a WC of it."""

    mc: ManagementCluster
    wc: WorkloadCluster | None
    provider: str
    resolved: ResolvedCluster
    versions: tuple[ChartVersion, ...]
    """The possible ones, newest last; one where it is known."""
    containerd: str | None
    given: tuple[Values, ...]
    """The values from Git beneath the Secret, in the order of merging."""
    app: ClusterApp | None = None
    notes: tuple[Note, ...] = ()

    @property
    def name(self) -> str:
        """Its name."""
        return self.wc.name if self.wc else self.mc.name

    @property
    def at(self) -> Position:
        """Where it is described."""
        return self.wc.at if self.wc else self.mc.at

    def regime(self, version: ChartVersion) -> Regime:
        """What is known of a version of its chart."""
        known = charts.chart(version.chart) or charts.charts()[self.provider]
        return known.regime(version.version, version.at)

    def secret(self, interface: Interface) -> Values:
        """The values in the Secret that regconf generates for an interface. Raises RegconfError."""
        return secret_values(self.resolved, interface, self.mc.accounts, self.at)

    def interface(self, version: ChartVersion) -> Interface | None:
        """The interface of the Secret that a version of the chart is given.

        Where control plane and workers read different ones, it is the newest:
        there is one Secret, and the other kind of node gets nothing.
        """
        reads = {rendering.reads for rendering in self.renderings(version).values()}
        return next((interface for interface in Interface if interface in reads), None)

    def values(self, version: ChartVersion) -> Tree:
        """What a version of the chart is given in the end: the Secret over everything else."""
        interface = self.interface(version)
        secret = [self.secret(interface)] if interface else []
        return merged_by_app_platform([*self.given, *secret])

    def nodes(self, version: ChartVersion) -> dict[str, Node]:
        """What the two kinds of node get; one, called `nodes`, where they do not differ."""
        values = self.values(version)
        return {
            kind: node(rendering, str(version), values)
            for kind, rendering in self.renderings(version).items()
        }

    def renderings(self, version: ChartVersion) -> dict[str, Rendering]:
        """How the chart serves the two kinds of node, by the names of `nodes`."""
        regime = self.regime(version)
        if regime.control_plane == regime.workers:
            return {"nodes": regime.workers}
        return {"control plane": regime.control_plane, "workers": regime.workers}


def view(
    fleet: Fleet,
    mc: ManagementCluster,
    wc: WorkloadCluster | None,
    source: Files,
    apps: ClusterApps,
) -> ClusterView:
    """The view of a cluster. Raises RegconfError where its inputs are broken."""
    resolved = (
        resolve_workload_cluster(fleet, mc, wc) if wc else resolve_management_cluster(fleet, mc)
    )
    app = None
    if wc is None:
        app = apps.of_management_cluster(mc)
    elif not wc.external:
        app = apps.of_workload_cluster(wc)
        if app is None:
            raise InvalidInput(
                f"no cluster chart known here is used by {wc.name!r}", at=Position(wc.directory)
            )
    provider = app.provider if app else (wc and wc.provider) or mc.provider
    known = _values(fleet, app, source)
    given = (fallback(mc, wc), *known.config_maps)
    versions, notes = _versions(provider, app, wc, merged_by_app_platform(given))
    return ClusterView(
        mc,
        wc,
        provider,
        resolved,
        versions,
        _containerd(fleet, mc, wc, versions, source, apps),
        given,
        app,
        (*known.notes, *notes),
    )


def _containerd(
    fleet: Fleet,
    mc: ManagementCluster,
    wc: WorkloadCluster | None,
    versions: tuple[ChartVersion, ...],
    source: Files,
    apps: ClusterApps,
) -> str | None:
    """What regconf.yaml says of a cluster; a WC with the chart of its MC has its MC's."""
    if wc is None:
        return mc.containerd
    if wc.containerd or mc.containerd is None or not versions[0].certain:
        return wc.containerd
    of_mc = view(fleet, mc, None, source, apps).versions
    return mc.containerd if [*map(str, of_mc)] == [*map(str, versions)] else None


def at_version(view: ClusterView, version: str, chart: str | None = None) -> ClusterView:
    """The same cluster with another version of its chart, as a preview; or with another chart."""
    charts.version(version)
    name = chart or charts.charts()[view.provider].name
    other = ChartVersion(name, version.removeprefix("v"), Position("--chart-version"))
    return replace(view, versions=(other,))


def secret_values(
    resolved: ResolvedCluster,
    interface: Interface,
    accounts: Mapping[str, Account],
    at: Position,
) -> Values:
    """The content of a Secret as values; of accounts not stored only the name is known."""
    content = values_document(resolved, interface, accounts, at, complete=False)

    def locate(path: Path) -> Position:
        return _decided_at(resolved, path[len(interface.path) :]) or at

    return Values("the Secret", content, locate)


def _decided_at(resolved: ResolvedCluster, path: Path) -> Position | None:
    match path:
        case ("containerRegistries", str(registry), int(index), *_):
            return resolved.registries[registry][index].decided_at
        case ("containerRegistries", str(registry)):
            return resolved.registries[registry][0].decided_at
        case ("localRegistryCache", *_) if resolved.local_cache:
            return resolved.local_cache.at
        case ("managementClusterRegistryCache", *_) if resolved.management_cluster_cache:
            return resolved.management_cluster_cache.at
    return None


def _values(fleet: Fleet, app: ClusterApp | None, source: Files) -> ClusterValues:
    if app is None:
        return ClusterValues()
    return cluster_values(
        app.final,
        config_maps(source, app.built_in),
        lambda text: substituted(text, app.variables),
        fleet.output.secret_name,
    )


def fallback(mc: ManagementCluster, wc: WorkloadCluster | None) -> Values:
    """What every cluster of an MC is given in some way: from which host its cache answers."""
    content = {
        "global": {
            "managementCluster": mc.name,
            "connectivity": {"baseDomain": mc.base_domain},
            "metadata": {"name": wc.name if wc else mc.name},
        }
    }
    return Values(f"regconf.yaml of {mc.name}", content, lambda _: mc.at)


def _versions(
    provider: str, app: ClusterApp | None, wc: WorkloadCluster | None, given: Tree
) -> tuple[tuple[ChartVersion, ...], tuple[Note, ...]]:
    chart = charts.charts()[provider].name
    if app is None:
        at = wc.at if wc else Position("")
        return (ChartVersion(chart, (wc and wc.chart_version) or "", at),), ()
    at = app.version_at
    if app.problem is None and app.version:
        charts.version(app.version, at)
        return (ChartVersion(chart, app.version.removeprefix("v"), at),), ()
    named = below(given, ("global", "release")).get("version")
    if app.problem is None and isinstance(named, Decided) and named.value:
        release = releases.release(provider, str(named.value))
        if release:
            return (ChartVersion(chart, release.chart_version, named.at()),), ()
        newest = releases.newest(provider)
        why = (
            f"the release {named.value} is not known here: which chart it ships is not in Git; "
            f"the newest known is {newest.name}"
        )
        return tuple(_possible(provider, named.at())), (Note(why, named.at()),)
    why = app.problem.message if app.problem else "neither the App nor a release names a version"
    return tuple(_possible(provider, at)), (Note(f"the chart version is not known: {why}", at),)


def _possible(provider: str, at: Position) -> Iterator[ChartVersion]:
    """One version of every behaviour that a release has had."""
    chart = charts.charts()[provider]
    of_regime: dict[Any, str] = {}
    for release in releases.releases(provider).values():
        of_regime[chart.regime(release.chart_version).since] = release.chart_version
    for since in sorted(of_regime):
        yield ChartVersion(chart.name, of_regime[since], at, certain=False)
