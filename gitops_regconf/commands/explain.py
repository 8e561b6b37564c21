"""`regconf explain`: what the nodes of a cluster do to pull an image, and who decided it."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from gitops_regconf.commands.cli import fleet_root
from gitops_regconf.commands.clusters import add_cluster_arguments, view_of
from gitops_regconf.commands.output import Output
from gitops_regconf.errors import InvalidInput
from gitops_regconf.findings import Finding
from gitops_regconf.fleet.explanation import Explanation, explain
from gitops_regconf.fleet.view import ClusterView, at_version
from gitops_regconf.lint.runner import of_cluster
from gitops_regconf.registries.image import image
from gitops_regconf.registries.node import shown
from gitops_regconf.registries.pull import NO_CREDENTIALS, ON_FAILURE, AskedHost, Pull
from gitops_regconf.render.node import node_files

_EFFECT = {True: "has effect", False: "NO EFFECT", None: "effect not known"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument("image", metavar="IMAGE", help="as in a Pod: nginx, quay.io/x/y:1.0")
    add_cluster_arguments(parser)
    parser.add_argument(
        "--chart-version", metavar="V", help="preview: what another version of the chart would do"
    )
    parser.add_argument(
        "--containerd", metavar="V", help="assume this version, such as 2.1, on the nodes"
    )


def run(options: argparse.Namespace, output: Output) -> int:
    """Explain, and preview where another version is named."""
    wanted = image(options.image)
    if not wanted.registry:
        raise InvalidInput(
            f"{options.image!r} names no registry that containerd could ask",
            mend="Its first part looks like a host and is none: a host has no underscore.",
        )
    found = view_of(fleet_root(options), options)
    view = found.view
    after = explain(view, wanted, options.containerd)
    before = None
    rolling: list[str] = []
    if options.chart_version:
        preview = at_version(view, options.chart_version)
        before, after = after, explain(preview, wanted, options.containerd)
        rolling = _rolling(view, preview)
    elif options.containerd:
        before = explain(view, wanted)
    _print(output, after, before, rolling, preview=bool(options.chart_version))
    assumed = options.containerd or after.view.containerd
    findings = list(of_cluster(replace(after.view, containerd=assumed)))
    for finding in findings:
        output.finding(finding)
    output.data(_data(after, before, rolling if options.chart_version else None, findings))
    for error in found.errors:
        output.error(error)
    return max((error.exit_code for error in found.errors), default=0)


def _rolling(view: ClusterView, preview: ClusterView) -> list[str]:
    """The kinds of node whose files change; files are told apart by accounts, not credentials."""
    before = [_files(view, version) for version in view.versions]
    after = _files(preview, preview.versions[0])
    return [
        kind
        for kind in ("control plane", "workers")
        if any(files[kind] != after[kind] for files in before)
    ]


def _files(view: ClusterView, version: Any) -> dict[str, Any]:
    nodes = view.nodes(version)
    files = {
        kind: node_files(node, lambda found: f"{found.account}/{found.field}")
        for kind, node in nodes.items()
    }
    if "nodes" in files:
        return {"control plane": files["nodes"], "workers": files["nodes"]}
    return files


def _print(
    output: Output,
    found: Explanation,
    before: Explanation | None,
    rolling: list[str],
    *,
    preview: bool,
) -> None:
    versions = " or ".join(str(version) for version in found.view.versions)
    output.result(f"{found.image} on {_name(found.view)} ({versions})")
    _print_pull(output, found.pull)
    for alternative in found.alternatives:
        if alternative.pull == found.pull:
            output.result(f"\n{alternative.when}: as above")
            continue
        output.result(f"\n{alternative.when}:")
        common = {_text(host) for host in found.pull.hosts}
        _print_pull(output, alternative.pull, leave_out=common)
    output.result(f"\nOn failure: {ON_FAILURE}")
    if before is not None:
        _print_changes(output, before, found)
    if preview:
        whom = " and ".join(rolling)
        output.result(
            f"\nThe registry files of {whom} change, and these nodes are replaced."
            if rolling
            else "\nNo registry file changes; the nodes are replaced only if something else does."
        )
    for note in found.notes:
        output.note(note)


def _print_pull(output: Output, way: Pull, leave_out: Collection[str] = ()) -> None:
    """The hosts in their order; those with a text in `leave_out` were shown already."""
    for broken in way.broken:
        where = f"the hosts.toml of {shown(broken.registry)}" if broken.registry else "config.toml"
        after = "" if way.hosts else ", so containerd does not start"
        output.result(f"  ! {where} is not valid TOML{after}: {broken.why} ({broken.at})")
    for number, host in enumerate(way.hosts, start=1):
        if _text(host) not in leave_out:
            output.result(f"  {number}. {_text(host)}")


def _text(host: AskedHost) -> str:
    return "\n       ".join((_line(host), *_details(host)))


def _line(host: AskedHost) -> str:
    return f"{_whom(host)}  [{host.decided_at}]"


def _whom(host: AskedHost) -> str:
    whom = f"as {host.account}, {_EFFECT[host.effective]}" if host.account else "anonymously"
    if host.account is None and host.why != NO_CREDENTIALS:
        whom = f"with credentials in clear, {_EFFECT[host.effective]}"
    return f"{host.url}  {whom}"


def _details(host: AskedHost) -> Iterable[str]:
    if host.why != NO_CREDENTIALS:
        yield host.why
    yield from host.remarks
    if host.proxy:
        yield f"through the proxy {host.proxy}"


def _print_changes(output: Output, before: Explanation, after: Explanation) -> None:
    old = [_compared(host) for host in before.pull.hosts]
    new = [_compared(host) for host in after.pull.hosts]
    output.result("\nAgainst today:")
    if old == new:
        output.result("  the same hosts, with the same effect")
        return
    for host in before.pull.hosts:
        if _compared(host) not in new:
            output.result(f"  - {_line(host)}")
    for host in after.pull.hosts:
        if _compared(host) not in old:
            output.result(f"  + {_line(host)}")


def _compared(host: AskedHost) -> tuple[str, str]:
    """What must differ: where a chart decided, the position has its version, which always does."""
    at = host.decided_at
    return _whom(host), str(at) if at.line else at.path.rpartition(" (")[2]


def _name(view: ClusterView) -> str:
    return f"{view.mc.name}/{view.wc.name}" if view.wc else view.mc.name


def _data(
    found: Explanation,
    before: Explanation | None,
    rolling: list[str] | None,
    findings: Iterable[Finding],
) -> dict[str, Any]:
    return {
        "image": str(found.image),
        "cluster": _name(found.view),
        "chart": [str(version) for version in found.view.versions],
        "hosts": _hosts(found.pull),
        "broken": [{"message": one.why, "decided_at": str(one.at)} for one in found.pull.broken],
        "alternatives": [
            {"when": alternative.when, "hosts": _hosts(alternative.pull)}
            for alternative in found.alternatives
        ],
        "notes": [{"message": note.message, "at": str(note.at)} for note in found.notes],
        "findings": [
            {
                "rule": finding.rule,
                "severity": finding.severity,
                "at": str(finding.at),
                "message": finding.message,
            }
            for finding in findings
        ],
        **({"before": {"hosts": _hosts(before.pull)}} if before else {}),
        **({} if rolling is None else {"rolls": rolling}),
    }


def _hosts(way: Pull) -> list[dict[str, Any]]:
    return [
        {
            "url": host.url,
            "account": host.account,
            "effective": host.effective,
            "why": host.why,
            "on_failure": host.on_failure,
            "proxy": host.proxy,
            "remarks": list(host.remarks),
            "decided_at": str(host.decided_at),
        }
        for host in way.hosts
    ]
