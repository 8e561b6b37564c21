"""`regconf render`: the values, the files on a node, or the reference for another repository."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from gitops_regconf import sops
from gitops_regconf.commands.cli import fleet_root
from gitops_regconf.commands.clusters import Found, add_cluster_arguments, view_of
from gitops_regconf.commands.compare_chart import compare, with_values
from gitops_regconf.commands.output import Output
from gitops_regconf.commands.without_credentials import without_credentials
from gitops_regconf.commands.written import write_files
from gitops_regconf.credentials.accounts import Vault
from gitops_regconf.credentials.masked import MASK
from gitops_regconf.errors import InvalidInput, Refused
from gitops_regconf.fleet.references import Append, Create
from gitops_regconf.fleet.view import ChartVersion, ClusterView, at_version
from gitops_regconf.generate.outputs import default_reference, secret_name
from gitops_regconf.registries import charts
from gitops_regconf.registries.model import Placeholder
from gitops_regconf.registries.node import shown
from gitops_regconf.render.components import TEMPLATE, component
from gitops_regconf.render.node import node_files, path_of, toml
from gitops_regconf.render.values import filled
from gitops_regconf.sops import emit

_KINDS = ("values", "node", "reference")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    add_cluster_arguments(parser)
    parser.add_argument("--as", dest="kind", required=True, choices=_KINDS)
    parser.add_argument("--output", metavar="DIR", help="write files there instead of printing")
    parser.add_argument(
        "--reveal", action="store_true", help="show credentials in clear; needs the team's key"
    )
    parser.add_argument(
        "--chart-version", metavar="V", help="for another version of the chart than Git has"
    )
    parser.add_argument(
        "--compare-chart",
        metavar="FILE.tgz",
        help="with node: render this packaged chart with helm, and show where it differs",
    )
    parser.add_argument(
        "--chart-values",
        metavar="FILE",
        help="with --compare-chart: values that the chart needs to render and Git does not have",
    )
    parser.add_argument(
        "--create-list",
        action="store_true",
        help="with reference: the App in the other repository has no extraConfigs yet",
    )


def run(options: argparse.Namespace, output: Output) -> int:
    """Render one thing; with --compare-chart, 1 where the real chart gives something else."""
    _check(options)
    found = view_of(fleet_root(options), options)
    for error in found.errors:
        output.error(error)
    code = max((error.exit_code for error in found.errors), default=0)
    view = found.view
    if options.chart_version:
        view = at_version(view, options.chart_version)
    if options.compare_chart:
        if options.chart_values:
            view = with_values(view, Path(options.chart_values))
        return max(code, compare(view, Path(options.compare_chart), output))
    for note in view.notes:
        output.note(note)
    if options.kind == "reference":
        files = {"kustomization.yaml": _reference(found, view, options)}
    else:
        fill = _fill(view, reveal=options.reveal)
        if not options.reveal:
            view = without_credentials(view)
        files = _values(view, fill) if options.kind == "values" else _node(view, fill)
    if options.output:
        write_files(Path(options.output), files, secret=options.reveal)
        for path in files:
            output.say(f"+ {options.output}/{path}")
    else:
        _print(files, output)
    output.data({"files": {} if options.output else files})
    return code


def _check(options: argparse.Namespace) -> None:
    if options.compare_chart and options.kind != "node":
        raise InvalidInput("--compare-chart belongs to `--as node`")
    if options.compare_chart and (options.output or options.reveal or options.chart_version):
        raise InvalidInput("--compare-chart takes the version from the file, and writes nothing")
    if options.chart_values and not options.compare_chart:
        raise InvalidInput("--chart-values belongs to --compare-chart")
    if options.create_list and options.kind != "reference":
        raise InvalidInput("--create-list belongs to `--as reference`")
    if options.kind == "reference" and options.reveal:
        raise InvalidInput("there is nothing secret in a reference: leave --reveal out")


def _fill(view: ClusterView, *, reveal: bool) -> Callable[[Placeholder], str]:
    if not reveal:
        return lambda _: MASK
    vault = Vault(view.mc.accounts, sops.find_identities(os.environ))

    def revealed(placeholder: Placeholder) -> str:
        if placeholder.account not in view.mc.accounts:
            raise InvalidInput(
                f"the account {placeholder.account!r} is not stored",
                mend=f"regconf set-credentials {view.mc.name} {placeholder.account} …",
            )
        return vault.reveal(placeholder)

    return revealed


def _values(view: ClusterView, fill: Callable[[Placeholder], str]) -> dict[str, str]:
    """One document for each interface that may be read."""
    files: dict[str, str] = {}
    for version in view.versions:
        reads = view.interface(version)
        if reads is None:
            raise Refused(f"{version} has no interface for container registries", at=version.at)
        name = f"values{reads.suffix}.yaml"
        files[name] = emit(filled(view.secret(reads).content, fill), indent=2)
    return files


def _node(view: ClusterView, fill: Callable[[Placeholder], str]) -> dict[str, str]:
    """The files of each kind of node, in a directory for each kind and version that may be."""
    files: dict[str, str] = {}
    for version in view.versions:
        for kind, node in view.nodes(version).items():
            for broken in node.broken:
                raise Refused(
                    f"{version} would write a {shown(path_of(node, broken))} that is not valid "
                    f"TOML: {broken.why}",
                    at=broken.at,
                    mend="`regconf explain` says what containerd does with it.",
                )
            directory = f"{_directory(view, version)}{_directory_of(kind)}"
            for path, content in node_files(node, fill).items():
                files[f"{directory}{path}"] = toml(content)
    return files


def _directory(view: ClusterView, version: ChartVersion) -> str:
    return "" if len(view.versions) == 1 else f"{version.chart}-{version.version}/"


def _directory_of(kind: str) -> str:
    return "" if kind == "nodes" else f"{kind.replace(' ', '-')}/"


def _reference(found: Found, view: ClusterView, options: argparse.Namespace) -> str:
    """The component for a repository that is not seen here: its App by either of its names."""
    wc = view.wc
    if wc is None:
        raise InvalidInput("a management cluster takes its Secret in by itself: name a --wc")
    if not view.versions[0].certain:
        raise Refused(
            "which Secret this cluster takes in depends on a chart version that is not known",
            at=view.versions[0].at,
            mend="Name it with --chart-version.",
        )
    version = view.versions[0]
    interface = charts.interface(view.provider, version.version, version.at)
    name = secret_name(found.fleet, view.mc, wc, interface)
    organization = wc.organization or "${organization}"
    return component(
        f"{wc.directory}/regconf.yaml",
        default_reference(found.fleet).called(name),
        Create() if options.create_list else Append(),
        targets=[TEMPLATE, (wc.name, f"org-{organization}")],
    )


def _print(files: Mapping[str, str], output: Output) -> None:
    for number, (path, text) in enumerate(files.items()):
        if len(files) > 1:
            output.result(f"{'' if number == 0 else chr(10)}# {path}")
        output.result(text.rstrip("\n"))
