"""What an MC's directory must hold: decided here, compared with the work tree in `plan`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gitops_regconf.errors import InvalidInput, Refused, RegconfError, Several
from gitops_regconf.fleet import layout
from gitops_regconf.fleet.cluster_apps import ClusterApp, ClusterApps, external
from gitops_regconf.fleet.model import Fleet, ManagementCluster, WorkloadCluster
from gitops_regconf.fleet.references import Keep, Operation, Reference, operation
from gitops_regconf.fleet.resolution import resolve_management_cluster, resolve_workload_cluster
from gitops_regconf.fleet.view import ChartVersion, ClusterView, fallback
from gitops_regconf.fleet.view import view as view_of
from gitops_regconf.generate.changes import Gap
from gitops_regconf.lint.runner import stopping
from gitops_regconf.registries import charts
from gitops_regconf.registries.charts import Interface
from gitops_regconf.registries.model import Note, ResolvedCluster
from gitops_regconf.render.components import component
from gitops_regconf.render.secret import Secret
from gitops_regconf.render.values import values_document
from gitops_regconf.source.position import Position

# Provider, chart version, and where the version was decided.
Chart = tuple[str, str, Position]


@dataclass(frozen=True, slots=True)
class WantedSecret:
    """A Secret to be rendered: for which clusters' result, and for which interface."""

    name: str
    interface: Interface
    resolved: ResolvedCluster
    source: str
    at: Position


@dataclass
class Outputs:
    """What one MC's generated files must be; filled by `outputs_of` and complete after it."""

    own_reference: tuple[ClusterApp, Reference, Operation]
    """The MC's own cluster App, what it takes in, and what that takes."""
    secrets: list[Secret] = field(default_factory=list)
    components: dict[str, str] = field(default_factory=dict)
    """The text of each component but the MC's own, by path."""
    homes: dict[str, bool] = field(default_factory=dict)
    """Directories of WCs that may include an own component, and whether they must."""
    lacking: dict[str, Operation] = field(default_factory=dict)
    """Directories of WCs that take in nothing yet and need the shared component."""
    gaps: list[Gap] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def default_reference(fleet: Fleet) -> Reference:
    """The reference that the shared component brings into every App of the templates."""
    output = fleet.output
    return Reference(output.secret_name, output.namespace, output.priority)


def secret_name(
    fleet: Fleet, mc: ManagementCluster, wc: WorkloadCluster, interface: Interface
) -> str:
    """The name of the Secret that a WC takes in: its own where its result is another one."""
    own = resolve_workload_cluster(fleet, mc, wc) != resolve_management_cluster(fleet, mc)
    name = default_reference(fleet).name
    return f"{wc.name}-{name}" if own else name + interface.suffix


def outputs_of(fleet: Fleet, mc: ManagementCluster, apps: ClusterApps) -> Outputs:
    """Everything that is generated for an MC and its WCs. Raises RegconfError."""
    resolved = resolve_management_cluster(fleet, mc)
    app = apps.of_management_cluster(mc)
    _check_provider(app, mc.provider, mc.at)
    default = default_reference(fleet)
    wanted = default.called(default.name + app.interface.suffix)
    what = operation(app.app.extra_configs, wanted, default, app.app.at)
    result = Outputs((app, wanted, what), notes=list(resolved.notes))
    secrets = {wanted.name: _shared(mc, wanted.name, app.interface, resolved)}
    checked = {(app.provider, app.chart_version, wanted.name)}
    _refuse_losses(fleet, apps, mc, None, app.provider, app.chart_version, app.version_at, resolved)
    for wc in mc.workload_clusters:
        found, chart = _workload_cluster(fleet, mc, wc, apps, resolved, result)
        if found:
            if not chart[1] or (*chart[:2], found.name) not in checked:
                checked.add((*chart[:2], found.name))
                _refuse_losses(fleet, apps, mc, wc, *chart, found.resolved)
            secrets.setdefault(found.name, found)
    for _, secret in sorted(secrets.items()):
        result.gaps += _gaps(mc, secret.resolved)
        if not result.gaps:
            result.secrets.append(_secret(fleet, mc, secret))
    result.gaps = list(dict.fromkeys(result.gaps))
    return result


def _workload_cluster(
    fleet: Fleet,
    mc: ManagementCluster,
    wc: WorkloadCluster,
    apps: ClusterApps,
    of_mc: ResolvedCluster,
    result: Outputs,
) -> tuple[WantedSecret | None, Chart]:
    """Decide a WC's reference, and return the Secret that it takes in, and for which chart."""
    resolved = resolve_workload_cluster(fleet, mc, wc)
    result.notes += [note for note in resolved.notes if note not in of_mc.notes]
    app = None if wc.external else apps.of_workload_cluster(wc)
    if app is None and not wc.external:
        result.notes.append(
            Note(
                "no cluster chart known here is used by this workload cluster",
                Position(wc.directory),
            )
        )
        return None, ("", "", wc.at)
    chart = (wc.provider or mc.provider, wc.chart_version or "", wc.at)
    if app:
        _check_provider(app, chart[0], wc.at)
        chart = (app.provider, app.chart_version, app.version_at)
    interface = app.interface if app else external(wc, chart[0])
    default = default_reference(fleet)
    source = f"{wc.directory}/{layout.FLEET_FILE}"
    if resolved == of_mc:
        secret = _shared(mc, default.name + interface.suffix, interface, of_mc)
    else:
        secret = WantedSecret(f"{wc.name}-{default.name}", interface, resolved, source, wc.at)
    if app:
        _reference(app, secret, default, result)
    return secret, chart


def _by_release(
    fleet: Fleet, mc: ManagementCluster, wc: WorkloadCluster | None, apps: ClusterApps
) -> tuple[ChartVersion, ...]:
    """The version of a cluster's release; none where it is not known, or its values are broken."""
    try:
        versions = view_of(fleet, mc, wc, apps.source, apps).versions
    except RegconfError:
        return ()  # of no concern to what is generated; `explain` says it
    return tuple(version for version in versions if version.certain)


def _refuse_losses(
    fleet: Fleet,
    apps: ClusterApps,
    mc: ManagementCluster,
    wc: WorkloadCluster | None,
    provider: str,
    version: str,
    at: Position,
    resolved: ResolvedCluster,
) -> None:
    """Refuse to write what the chart of a cluster would break or lose.

    A version that its release decides is looked up in the values of the cluster.
    """
    chart = ChartVersion(charts.charts()[provider].name, version.removeprefix("v"), at)
    versions = (chart,) if version else _by_release(fleet, mc, wc, apps)
    view = ClusterView(mc, wc, provider, resolved, versions, None, (fallback(mc, wc),))
    refused: list[RegconfError] = [
        Refused(f"{finding.message} [{finding.rule}]", at=finding.at, mend=finding.mend)
        for finding in stopping(view)
    ]
    if refused:
        raise refused[0] if len(refused) == 1 else Several(refused)


def _reference(app: ClusterApp, secret: WantedSecret, default: Reference, result: Outputs) -> None:
    """Decide by which component the App of a WC takes in its Secret."""
    wanted = default.called(secret.name)
    what = operation(app.app.extra_configs, wanted, default, app.app.at)
    result.homes[app.directory] = False
    if isinstance(what, Keep):
        return
    if wanted == default and app.from_template:
        result.lacking[app.directory] = what
        return
    result.homes[app.directory] = True
    path = f"{app.directory}/{layout.COMPONENT}/kustomization.yaml"
    result.components[path] = component(
        secret.source, wanted, what, targets=[(app.app.name, app.app.namespace)]
    )


def _check_provider(app: ClusterApp, provider: str, at: Position) -> None:
    """Layers match by what regconf.yaml says, and charts by what the App says."""
    if app.provider != provider:
        raise InvalidInput(
            f"the provider is {provider!r} here, but its App uses the chart of {app.provider!r}",
            at=at,
            mend=f"Write `provider: {app.provider}`, or use the other chart.",
        )


def _shared(
    mc: ManagementCluster, name: str, interface: Interface, resolved: ResolvedCluster
) -> WantedSecret:
    """The Secret of all clusters of an MC that read this interface and add nothing."""
    source = f"{layout.management_cluster(mc.name)}/{layout.FLEET_FILE}"
    return WantedSecret(name, interface, resolved, source, mc.at)


def _secret(fleet: Fleet, mc: ManagementCluster, wanted: WantedSecret) -> Secret:
    return Secret(
        path=f"{layout.owned_directory(mc.name)}/{wanted.name}-secret.yaml",
        source=wanted.source,
        name=wanted.name,
        output=fleet.output,
        values=values_document(wanted.resolved, wanted.interface, mc.accounts, wanted.at),
        recipients=secret_recipients(fleet, mc),
    )


def secret_recipients(fleet: Fleet, mc: ManagementCluster) -> tuple[str, ...]:
    """Whom the Secrets of an MC are encrypted for, in canonical order."""
    return tuple(sorted({*fleet.recipients, *mc.recipients}))


def _gaps(mc: ManagementCluster, resolved: ResolvedCluster) -> Iterator[Gap]:
    for account, entry in resolved.accounts().items():
        if account in mc.accounts or entry.optional:
            continue
        yield Gap(
            layout.account_file(mc.name, account),
            f"the account {account!r} of {entry.endpoint} is not stored "
            f"(asked for at {entry.decided_at})",
            f"regconf set-credentials {mc.name} {account} --username USER --password-stdin",
        )


def mc_component(mc: ManagementCluster, outputs: Outputs, resources: list[str]) -> tuple[str, str]:
    """Path and text of the MC's own component, which holds `resources`."""
    app, reference, what = outputs.own_reference
    text = component(
        f"{layout.management_cluster(mc.name)}/{layout.FLEET_FILE}",
        reference,
        what,
        targets=[(app.app.name, app.app.namespace)],
        resources=resources,
    )
    return f"{layout.owned_directory(mc.name)}/kustomization.yaml", text
