"""`regconf add-wc`: add a workload cluster."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from gitops_regconf.commands.cli import fleet_root
from gitops_regconf.commands.output import Output
from gitops_regconf.errors import InvalidInput
from gitops_regconf.fleet import layout
from gitops_regconf.fleet.cluster_apps import ClusterApps
from gitops_regconf.fleet.model import Fleet, ManagementCluster
from gitops_regconf.fleet.names import check_name
from gitops_regconf.generate.apply import apply, locked
from gitops_regconf.generate.changes import Change, Step, file_change
from gitops_regconf.generate.edits import with_item
from gitops_regconf.generate.lay_down import creations, laid_down, template
from gitops_regconf.generate.outputs import default_reference
from gitops_regconf.generate.run import fleet_of
from gitops_regconf.registries import charts, releases
from gitops_regconf.source.documents import document
from gitops_regconf.source.worktree import WorkTree


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `regconf add-wc`."""
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--mc", required=True, metavar="MC")
    parser.add_argument("--organization", required=True, metavar="ORG")
    parser.add_argument(
        "--provider", choices=sorted(charts.charts()), help="default: that of the MC"
    )
    parser.add_argument(
        "--chart-version",
        metavar="V",
        help="default: the MC's where the provider is the same, else the newest known",
    )
    parser.add_argument(
        "--external", action="store_true", help="its manifests live in another repository"
    )


def run(options: argparse.Namespace, output: Output) -> int:
    """Lay the WC's files down from the GitOps template and list it where Flux will see it."""
    check_name(options.name, "a workload cluster")
    check_name(options.organization, "an organization")
    root = fleet_root(options)
    with locked(root):
        source = WorkTree(root)
        fleet = fleet_of(source, (options.mc,))
        mc = next(mc for mc in fleet.management_clusters if mc.name == options.mc)
        for wc in mc.workload_clusters:
            if wc.name == options.name:
                raise InvalidInput(
                    f"there already is a workload cluster {wc.name!r} at {mc.name}: {wc.directory}/"
                )
        changes = _changes(options, root, source, fleet, mc)
        apply(root, changes)
    for change in changes:
        output.result(f"{'+' if change.action == 'create' else '~'} {change.path}")
    output.data({"changed": [change.path for change in changes]})
    output.say("Next: `regconf regenerate`, and commit.")
    return 0


def _changes(
    options: argparse.Namespace, root: Path, source: WorkTree, fleet: Fleet, mc: ManagementCluster
) -> list[Change]:
    values = _values(options, source, fleet, mc)
    if options.external:
        directory = layout.external_workload_cluster(mc.name, options.name)
        texts = _laid_down("external-workload-cluster", directory, directory, values)
        fleet_of(WorkTree(root, texts), (mc.name,))
        return creations(source, texts)
    if not source.names(layout.cluster_template(values["provider"])):
        raise InvalidInput(
            f"there is no template {layout.cluster_template(values['provider'])}/ to build it from"
        )
    directory = layout.workload_clusters(mc.name, options.organization)
    wc_directory = layout.workload_cluster(mc.name, options.organization, options.name)
    texts = _laid_down("workload-cluster", directory, wc_directory, values)
    organization = layout.organization(mc.name, options.organization)
    of_organization = _laid_down("organization", organization, organization, values)
    texts |= {path: text for path, text in of_organization.items() if source.text(path) is None}
    of_mc = layout.management_cluster(mc.name)
    listed = {
        f"{of_mc}/kustomization.yaml": "organizations",
        f"{of_mc}/organizations/kustomization.yaml": options.organization,
        f"{directory}/kustomization.yaml": f"{options.name}.yaml",
    }
    edits: list[Change] = []
    for path, item in listed.items():
        text = texts.get(path)
        before = source.text(path) if text is None else text
        if before is None:
            raise InvalidInput(f"there is no {path} to list {item} in")
        after = with_item(document(before, path), "resources", item)
        if text is not None:
            texts[path] = after
        else:
            edits += file_change(Step.INCLUSION, path, before, after, "the line is missing")
    fleet_of(WorkTree(root, {**texts, **_after(edits)}), (mc.name,))
    return [*creations(source, texts), *edits]


def _values(
    options: argparse.Namespace, source: WorkTree, fleet: Fleet, mc: ManagementCluster
) -> dict[str, str]:
    provider = options.provider or mc.provider
    chart_version = (options.chart_version or "").removeprefix("v")
    if not chart_version and provider == mc.provider:
        app = ClusterApps(source, default_reference(fleet)).of_management_cluster(mc)
        chart_version = app.chart_version
    chart_version = chart_version or releases.newest(provider).chart_version
    charts.version(chart_version)
    return {
        "wc": options.name,
        "mc": mc.name,
        "org": options.organization,
        "provider": provider,
        "provider_line": f"provider: {provider}" if provider != mc.provider else "",
        "chart_version": chart_version,
        "release": releases.name_for(provider, chart_version),
        "base_domain": mc.base_domain,
        "region": mc.region,
    }


def _laid_down(
    name: str, directory: str, own_directory: str, values: Mapping[str, str]
) -> dict[str, str]:
    schemas = f"{layout.to_root(own_directory)}/{layout.SCHEMAS}"
    return laid_down(template(name), directory, {**values, "schemas": schemas})


def _after(changes: list[Change]) -> dict[str, str]:
    return {change.path: change.after for change in changes if change.after is not None}
