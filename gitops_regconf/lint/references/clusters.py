"""The cluster Apps and HelmReleases that are applied, and what each must take in."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gitops_regconf.errors import CannotCheck, InvalidInput, RegconfError
from gitops_regconf.fleet import layout
from gitops_regconf.fleet.app import App
from gitops_regconf.fleet.cluster_apps import external
from gitops_regconf.fleet.model import Fleet, ManagementCluster, WorkloadCluster
from gitops_regconf.fleet.references import Reference
from gitops_regconf.fleet.substitution import substitutes_from_elsewhere, variable_names
from gitops_regconf.generate.outputs import default_reference, secret_name
from gitops_regconf.lint.references.applied import AppliedBy
from gitops_regconf.lint.references.builds import chart_of, is_helm_release
from gitops_regconf.lint.references.subjects import Entry, TakenIn
from gitops_regconf.registries import charts
from gitops_regconf.registries.charts import Interface
from gitops_regconf.source.position import Position


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster of the fleet that an App may install."""

    mc: ManagementCluster
    wc: WorkloadCluster | None

    @property
    def name(self) -> str:
        """The name that its App has."""
        return self.wc.name if self.wc else self.mc.name

    @property
    def key(self) -> tuple[str, str, Position]:
        """What tells it from every other cluster of the fleet."""
        return self.mc.name, self.name, self.at

    @property
    def at(self) -> Position:
        """Where the fleet says what it has."""
        return self.wc.at if self.wc else self.mc.at


@dataclass(frozen=True, slots=True)
class Installed:
    """An App or HelmRelease that installs a cluster, with the provider and version of its chart."""

    app: App
    by: AppliedBy
    provider: str
    version: str


@dataclass
class Clusters:
    """The clusters of a fleet, and what was learnt of them from what is applied.

    `own` says that the repository is the fleet itself. `seen` are the clusters that
    have an App, each with the reference that it must take in.
    """

    fleet: Fleet
    own: bool
    seen: list[tuple[Cluster, Reference]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._by_name: dict[str, list[Cluster]] = {}
        self._management_clusters = {mc.name for mc in self.fleet.management_clusters}
        for mc in self.fleet.management_clusters:
            for wc in (None, *mc.workload_clusters):
                cluster = Cluster(mc, wc)
                self._by_name.setdefault(cluster.name, []).append(cluster)
        name = self.fleet.output.secret_name
        self._secrets = {name + interface.suffix for interface in Interface}
        self._secrets |= {f"{cluster}-{name}" for cluster in self._by_name}

    def taken_in(self, installed: Installed, broken: Sequence[str]) -> TakenIn | None:
        """What one App takes in, and must. None in an MC that is `broken`. Raises RegconfError."""
        app, by = installed.app, installed.by
        if "${" in app.name:
            if by.flux is None:
                return None  # a template, which something else builds
            problem = f"the name {app.name} of this {app.kind} is filled in from elsewhere"
            raise CannotCheck(problem, at=app.at)
        entries = tuple(self._entries(installed))
        candidates = self._candidates(app.name, by.mc)
        if not candidates:
            return None if by.mc in broken else self._unknown(installed, entries)
        of_all = [self._of(installed, entries, one) for one in candidates]
        # Clusters of two MCs may have one name; in another repository nothing tells them apart.
        result, chosen = next(
            (both for both in zip(of_all, candidates, strict=True) if both[0].times == 1),
            (of_all[0], candidates[0]),
        )
        if result.wanted:
            self.seen.append((chosen, result.wanted))
        return result

    def not_seen(self) -> Iterator[Cluster]:
        """The clusters with manifests in the fleet for which nothing applies an App."""
        seen = {cluster.key for cluster, _ in self.seen}
        for clusters in self._by_name.values():
            for one in clusters:
                elsewhere = one.wc is not None and (one.wc.external or not one.wc.declared)
                if one.key not in seen and not elsewhere:
                    yield one

    def external(self) -> Iterator[tuple[Cluster, Reference]]:
        """The clusters with manifests elsewhere, with their references. Raises RegconfError."""
        for clusters in self._by_name.values():
            for one in clusters:
                if one.wc and one.wc.external:
                    interface = external(one.wc, one.wc.provider or one.mc.provider)
                    yield one, self._reference(one, interface)

    def _candidates(self, name: str, mc: str | None) -> list[Cluster]:
        found = self._by_name.get(name, [])
        known = mc in self._management_clusters
        return [one for one in found if not known or one.mc.name == mc]

    def _of(self, installed: Installed, entries: tuple[Entry, ...], cluster: Cluster) -> TakenIn:
        at, wc = installed.app.at, cluster.wc
        interface = _interface(installed)
        versions = None
        if wc and wc.external:
            declared = external(wc, wc.provider or cluster.mc.provider)
            if declared is not interface:
                versions = (wc.chart_version or "none", installed.version or "that of its release")
            interface = declared
        wanted = self._reference(cluster, interface)
        return TakenIn(
            cluster.name,
            "HelmRelease" if is_helm_release(installed.app.data) else "App",
            at,
            entries,
            wanted,
            self._secrets,
            self._mend(installed, cluster, wanted),
            versions,
            cluster.at,
        )

    def _unknown(self, installed: Installed, entries: tuple[Entry, ...]) -> TakenIn:
        name, mc = installed.app.name, installed.by.mc or "MC"
        flag = "" if self.own else " --external"
        mend = f"`regconf add-wc {name} --mc {mc} --organization ORG{flag}` makes it known."
        return TakenIn(name, "App", installed.app.at, entries, mend=mend)

    def _reference(self, cluster: Cluster, interface: Interface) -> Reference:
        default = default_reference(self.fleet)
        if cluster.wc is None:
            return default.called(default.name + interface.suffix)
        return default.called(secret_name(self.fleet, cluster.mc, cluster.wc, interface))

    def _mend(self, installed: Installed, cluster: Cluster, wanted: Reference) -> str:
        if is_helm_release(installed.app.data):
            entry = f"{{kind: Secret, name: {wanted.name}, valuesKey: {self.fleet.output.key}}}"
            return (
                f"Add {entry} to spec.valuesFrom; a HelmRelease only finds it in its own "
                f"namespace, and it is in {wanted.namespace}."
            )
        if self.own or cluster.wc is None:
            return (
                f"Run `regconf regenerate {cluster.mc.name}`: it writes the component, and the "
                "line that includes it."
            )
        create = " --create-list" if installed.app.extra_configs is None else ""
        output = posixpath.join(installed.by.directory, layout.COMPONENT)
        return (
            f"In the fleet, run `regconf render --mc {cluster.mc.name} --wc {cluster.wc.name} "
            f"--as reference{create} --output …/{output}`, and list {layout.COMPONENT} under "
            f"`components` of the kustomization.yaml in {installed.by.directory or 'the root'}."
        )

    def _entries(self, installed: Installed) -> Iterator[Entry]:
        app = installed.app
        if not is_helm_release(app.data):
            listed: Any = app.extra_configs
        else:
            listed = app.spec.get("valuesFrom")
            if not isinstance(listed, list | None):
                raise InvalidInput("spec.valuesFrom of this HelmRelease must be a list", at=app.at)
        for item in listed or []:
            if not isinstance(item, Mapping):
                continue
            entry = self._of_helm(item, app) if is_helm_release(app.data) else _of_app(item)
            if entry.kind == "secret" and "${" in entry.name + entry.namespace:
                problem = f"the Secret {entry.name} that this {app.kind} takes in is filled in"
                raise CannotCheck(f"{problem} from elsewhere", at=app.at)
            yield entry

    def _of_helm(self, item: Mapping[str, Any], app: App) -> Entry:
        key, problem = str(item.get("valuesKey") or "values.yaml"), ""
        if key != self.fleet.output.key:
            problem = f"its data key is {self.fleet.output.key!r}, and valuesKey is {key!r}"
        if item.get("targetPath"):
            problem = "targetPath makes its whole document one value"
        kind = "secret" if item.get("kind") == "Secret" else "configMap"
        return Entry(kind, str(item.get("name", "")), app.namespace, problem)  # type: ignore[arg-type]  # one of the two


def _of_app(item: Mapping[str, Any]) -> Entry:
    kind = str(item.get("kind", ""))
    problem = ""
    if kind.lower() == "secret" != kind:
        problem = f"its kind must be written `secret`, and is {kind!r}"
    name, namespace = str(item.get("name", "")), str(item.get("namespace", ""))
    return Entry("secret" if kind.lower() == "secret" else "configMap", name, namespace, problem)


def installed(found: Sequence[AppliedBy], errors: list[RegconfError]) -> Iterator[Installed]:
    """The Apps and HelmReleases that install a cluster chart."""
    charts_of = {
        (one.namespace, one.name): one for by in found for one in by.objects if _is_source(one)
    }
    for by in found:
        for app in by.objects:
            try:
                if is_helm_release(app.data):
                    name, version = _chart_of_release(app, charts_of)
                elif app.kind == "App":
                    name, version = str(app.spec.get("name")), str(app.spec.get("version") or "")
                else:
                    continue
            except RegconfError as error:
                errors.append(error)
                continue
            provider = charts.provider_of(name)
            if provider:
                yield Installed(app, by, provider, version)


def _is_source(one: App) -> bool:
    return one.kind == "OCIRepository"


def _chart_of_release(release: App, sources: Mapping[tuple[str, str], App]) -> tuple[str, str]:
    """Name and version of the chart of a HelmRelease; no name where it is none known here."""
    name = chart_of(release.data)
    if name:
        chart = release.spec["chart"]["spec"]
        return name, str(chart.get("version") or "")
    reference = release.spec.get("chartRef")
    if not isinstance(reference, Mapping):
        return "", ""
    key = (str(reference.get("namespace") or release.namespace), str(reference.get("name")))
    if key not in sources:
        return "", ""
    spec = sources[key].spec
    ref = spec.get("ref")
    tag = ref.get("tag") if isinstance(ref, Mapping) else None
    return str(spec.get("url")).rpartition("/")[2], str(tag or "")


def _interface(installed: Installed) -> Interface:
    """What the chart of an App reads. Raises RegconfError."""
    app, flux, version = installed.app, installed.by.flux, installed.version
    if "${" in version:
        if not (flux and flux.substitutes) or substitutes_from_elsewhere(flux.data):
            names = variable_names(version)
            raise CannotCheck(
                f"the chart version of {app.name!r} is {version}, which is filled in from "
                "elsewhere",
                at=app.at,
                mend=f"Set {names[0]} under spec.postBuild.substitute." if names else None,
            )
        version = ""  # Flux leaves nothing of a variable that has no value
    if app.kind == "App":
        return charts.interface(installed.provider, version, app.at)
    try:
        if version:
            return charts.interface(installed.provider, version, app.at)
    except InvalidInput:
        pass
    raise CannotCheck(
        f"which version of its chart the HelmRelease {app.name!r} installs cannot be told here",
        at=app.at,
        mend="Name one version, and no range.",
    )
