"""The cluster that `--mc` and `--wc` name, seen as its nodes see it."""

from __future__ import annotations

import argparse
import difflib
from dataclasses import dataclass
from pathlib import Path

from gitops_regconf.errors import InvalidInput, RegconfError, singly
from gitops_regconf.fleet.cluster_apps import ClusterApps
from gitops_regconf.fleet.load import load
from gitops_regconf.fleet.model import Fleet, ManagementCluster, WorkloadCluster
from gitops_regconf.fleet.view import ClusterView, view
from gitops_regconf.generate.outputs import default_reference
from gitops_regconf.source.worktree import WorkTree


@dataclass(frozen=True, slots=True)
class Found:
    """A cluster, the fleet around it, and what is wrong with other parts of the fleet."""

    fleet: Fleet
    view: ClusterView
    errors: tuple[RegconfError, ...]


def add_cluster_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags that name a cluster."""
    parser.add_argument("--mc", required=True, metavar="MC", help="the management cluster")
    parser.add_argument("--wc", metavar="WC", help="a workload cluster of it")


def view_of(root: Path, options: argparse.Namespace) -> Found:
    """The cluster. Raises RegconfError where it, or what it is made from, is broken."""
    source = WorkTree(root)
    fleet, errors = load(source)
    mc = next((mc for mc in fleet.management_clusters if mc.name == options.mc), None)
    if mc is None:
        # Its own errors, if it is broken; else that it is unknown.
        load(source, [options.mc])
        of_mc = [error for error in errors if _is_about(error, options.mc)]
        raise of_mc[0] if of_mc else InvalidInput(f"{options.mc} cannot be read")
    wc = _workload_cluster(mc, options.wc) if options.wc else None
    apps = ClusterApps(source, default_reference(fleet))
    return Found(fleet, view(fleet, mc, wc, source, apps), tuple(errors))


def _is_about(error: RegconfError, mc: str) -> bool:
    return any(one.at and f"/{mc}/" in f"{one.at.path}/" for one in singly([error]))


def _workload_cluster(mc: ManagementCluster, name: str) -> WorkloadCluster:
    found = next((wc for wc in mc.workload_clusters if wc.name == name), None)
    if found is None:
        names = [wc.name for wc in mc.workload_clusters]
        close = difflib.get_close_matches(name, names, n=1)
        raise InvalidInput(
            f"there is no workload cluster {name!r} at {mc.name}",
            mend=f"Did you mean {close[0]!r}?"
            if close
            else f"Known: {', '.join(names) or 'none'}.",
        )
    return found
