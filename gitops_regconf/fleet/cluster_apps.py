"""The cluster App of each cluster, found where it really stands."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, replace

from gitops_regconf.errors import CannotCheck, InvalidInput, Refused, RegconfError
from gitops_regconf.fleet import layout
from gitops_regconf.fleet.app import App, Apps
from gitops_regconf.fleet.kustomize import KUSTOMIZATION_FILES, Kustomize
from gitops_regconf.fleet.model import ManagementCluster, WorkloadCluster
from gitops_regconf.fleet.references import Keep, Operation, Reference, applied, operation
from gitops_regconf.fleet.substitution import (
    flux_kustomizations,
    substituted,
    substitutes_from_elsewhere,
    variable_names,
    variables,
)
from gitops_regconf.registries import charts
from gitops_regconf.registries.charts import Interface
from gitops_regconf.source.files import Files
from gitops_regconf.source.position import Position

# What the GitOps templates call the App that they build; Flux fills the names in.
TEMPLATE_NAME = "${cluster_name}"
TEMPLATE_NAMESPACE = "org-${organization}"


@dataclass(frozen=True, slots=True)
class ClusterApp:
    """A cluster App as the kustomization in `directory` meets it, and what its chart reads."""

    app: App
    directory: str
    provider: str
    final: App
    """The App after every patch of `built_in`, the outermost directory of its build."""
    built_in: str
    version: str
    version_at: Position
    variables: Mapping[str, str]
    problem: RegconfError | None = None
    """Why the version cannot be told."""

    @property
    def chart_version(self) -> str:
        """The version of its chart; empty where its release decides. Raises RegconfError."""
        if self.problem:
            raise self.problem
        return self.version

    @property
    def interface(self) -> Interface:
        """What that version of its chart reads. Raises RegconfError."""
        return charts.interface(self.provider, self.chart_version, self.version_at)

    @property
    def from_template(self) -> bool:
        """Whether the App still has the names of the GitOps templates."""
        return is_template(self.app)


def is_template(app: App) -> bool:
    """Whether an App has the names of the GitOps templates."""
    return app.name == TEMPLATE_NAME and app.namespace == TEMPLATE_NAMESPACE


class ClusterApps:
    """Finds cluster Apps, and records which kustomizations include the shared component.

    The generator's own components are not read: what they do is what the
    generator is about to write, so a stale one on disk changes nothing.
    """

    def __init__(self, source: Files, default: Reference):
        self._source = source
        self._default = default
        self._kustomize = Kustomize(source, self._own_component)
        self._includers: dict[str, Operation] = {}

    @property
    def source(self) -> Files:
        """The work tree that the Apps are read from."""
        return self._source

    def of_management_cluster(self, mc: ManagementCluster) -> ClusterApp:
        """The App that installs an MC. Raises InvalidInput where there is none."""
        directory = layout.management_cluster(mc.name)
        apps = self._kustomize.before(directory, frozenset({layout.owned_directory(mc.name)}))
        found = [app for app in _cluster_apps(apps) if app.name == mc.name]
        if len(found) != 1:
            raise InvalidInput(
                f"{len(found) or 'no'} cluster App{'s are' if len(found) > 1 else ' is'} called "
                f"{mc.name!r} in what this kustomization builds",
                at=self._kustomize.kustomization(directory).at(),
                mend="List its manifest under `resources`; the App must be called as the cluster.",
            )
        self._refuse_moves(mc)
        final = self._final(found[0], directory)
        values = self._variables(f"{directory}/{mc.name}.yaml")
        return self._cluster_app(found[0], directory, final, directory, values)

    def of_workload_cluster(self, wc: WorkloadCluster) -> ClusterApp | None:
        """The App that installs a WC; None where the WC is built from a chart not known here."""
        directory = self.component_home(wc)
        own = frozenset({f"{directory}/{layout.COMPONENT}"})
        apps = self._kustomize.before(directory, own)
        found = [app for app in _cluster_apps(apps) if is_template(app) or app.name == wc.name]
        if not found and not wc.declared:
            return None
        if len(found) != 1:
            raise InvalidInput(
                f"{len(found) or 'no'} cluster App{'s' if len(found) > 1 else ''} of "
                f"{wc.name!r} found in what this kustomization builds",
                at=self._kustomize.kustomization(directory).at(),
                mend="Its App must use one of the charts "
                + ", ".join(chart.name for chart in charts.charts().values())
                + f" and be called {TEMPLATE_NAME} or {wc.name}.",
            )
        mapi = f"{wc.directory}/mapi"
        whole = any(name in self._source.names(mapi) for name in KUSTOMIZATION_FILES)
        built_in = mapi if whole else directory
        final = self._final(found[0], built_in)
        values = self._variables(f"{wc.directory}.yaml")
        app = self._cluster_app(found[0], directory, final, built_in, values)
        try:
            version, at = self._substituted_version(wc, final)
        except RegconfError as error:
            return replace(app, problem=error, version_at=error.at or app.version_at)
        return replace(app, version=version, version_at=at)

    def component_home(self, wc: WorkloadCluster) -> str:
        """The directory of the kustomization that takes in a WC's own component."""
        cluster = f"{wc.directory}/mapi/cluster"
        return cluster if self._source.is_directory(cluster) else f"{wc.directory}/mapi"

    def components(self, directory: str) -> list[str]:
        """The directories of the components that a kustomization includes."""
        return self._kustomize.components(directory)

    def take_includers(self) -> dict[str, Operation]:
        """The kustomizations found since the last call to include the shared component."""
        taken, self._includers = self._includers, {}
        return taken

    def visit_bases(self) -> None:
        """Build every kustomization under `bases/` that includes the shared component."""
        for path in self._source.files_below(layout.BASES):
            directory, name = posixpath.split(path)
            if name not in KUSTOMIZATION_FILES or directory.startswith(layout.SHARED_COMPONENT):
                continue
            if layout.COMPONENT in (self._source.text(path) or ""):
                self._kustomize.build(directory)

    def _own_component(self, includer: str, component: str, apps: Apps) -> Apps | None:
        if component == layout.SHARED_COMPONENT or component.startswith(
            layout.SHARED_COMPONENT + "/"
        ):
            return tuple(self._with_reference(includer, app) for app in apps)
        if posixpath.basename(component) == layout.COMPONENT:
            # Which Secret it takes in is decided later; what matters to a patch that
            # follows is that there is a list, and how long it is.
            return tuple(self._taken_in(app) if _is_cluster_app(app) else app for app in apps)
        return None

    def _with_reference(self, includer: str, app: App) -> App:
        if not is_template(app):
            return app
        what = operation(app.extra_configs, self._default, self._default, app.at)
        before = self._includers.get(includer)
        if isinstance(what, Keep) and before is not None and not isinstance(before, Keep):
            raise Refused(
                "this kustomization includes the component for container registries twice",
                at=self._kustomize.kustomization(includer).at("components"),
                mend="Remove one of the lines.",
            )
        self._includers[includer] = what
        return self._taken_in(app)

    def _taken_in(self, app: App) -> App:
        what = operation(app.extra_configs, self._default, self._default, app.at)
        return app.with_extra_configs(applied(app.extra_configs, self._default, what))

    def _refuse_moves(self, mc: ManagementCluster) -> None:
        """Refuse what would give the Secret another name or namespace than the Apps refer to."""
        directory = layout.management_cluster(mc.name)
        file = self._kustomize.kustomization(directory)
        moves = {
            file.key_at(key): key
            for key in ("namespace", "namePrefix", "nameSuffix")
            if file.data.get(key)
        }
        path = f"{directory}/{mc.name}.yaml"
        for kustomization in flux_kustomizations(self._source, path):
            if (kustomization.get("spec") or {}).get("targetNamespace"):
                moves[Position(path)] = "spec.targetNamespace"
        for at, key in moves.items():
            raise Refused(
                f"{key} would also change the Secrets, and no App would find them any more",
                at=at,
                mend="Set names and namespaces in the manifests themselves.",
            )

    def _final(self, met: App, directory: str) -> App:
        """The App as `directory` builds it in the end, after every patch."""
        for app in self._kustomize.build(directory):
            if _is_cluster_app(app) and met.id in (app.id, *app.earlier):
                return app
        raise Refused(
            f"the cluster App {met.name!r} is not in what this kustomization builds",
            at=self._kustomize.kustomization(directory).at(),
        )

    def _cluster_app(
        self, app: App, directory: str, final: App, built_in: str, values: Mapping[str, str]
    ) -> ClusterApp:
        provider = charts.provider_of(str(app.spec.get("name"))) or ""
        return ClusterApp(
            app, directory, provider, final, built_in, _version(final), final.at, values
        )

    def _variables(self, path: str) -> dict[str, str]:
        """What the Flux Kustomizations in a file substitute by value."""
        values: dict[str, str] = {}
        for kustomization in flux_kustomizations(self._source, path):
            values |= variables(kustomization)
        return values

    def _substituted_version(self, wc: WorkloadCluster, app: App) -> tuple[str, Position]:
        """The chart version with Flux's variables filled in, and where it was decided."""
        version = _version(app)
        if "${" not in version:
            return version, app.at
        path = f"{wc.directory}.yaml"
        found = flux_kustomizations(self._source, path)
        values = self._variables(path)
        missing = [name for name in variable_names(version) if name not in values]
        if missing and any(substitutes_from_elsewhere(kustomization) for kustomization in found):
            raise CannotCheck(
                f"the chart version of {wc.name!r} is {version}, which is filled in from an object "
                "that is not read here",
                at=Position(path),
                mend=f"Set {missing[0]} under spec.postBuild.substitute.",
            )
        result = substituted(version, values)
        if "${" in result:
            raise InvalidInput(
                f"the chart version of {wc.name!r} is {result}, and nothing in Git fills that in",
                at=Position(path),
                mend="Set it under spec.postBuild.substitute of the Flux Kustomization.",
            )
        return result, Position(path, _line_of(self._source.text(path) or "", version), 1)


def external(wc: WorkloadCluster, provider: str) -> Interface:
    """The interface of a WC whose manifests live in another repository. Raises RegconfError."""
    return charts.interface(provider, wc.chart_version or "", wc.at)


def _cluster_apps(apps: Apps) -> list[App]:
    return [app for app in apps if _is_cluster_app(app)]


def _is_cluster_app(app: App) -> bool:
    return charts.provider_of(str(app.spec.get("name"))) is not None


def _version(app: App) -> str:
    return str(app.spec.get("version") or "")


def _line_of(text: str, version: str) -> int:
    """The line, counted from 1, that gives the first variable of `version` its value; 0 without."""
    name = next(iter(variable_names(version)), "")
    lines = enumerate(text.splitlines(), start=1)
    return next((number for number, line in lines if line.strip().startswith(f"{name}:")), 0)
