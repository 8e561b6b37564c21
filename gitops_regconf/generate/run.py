"""One run of the generator over a fleet: from its inputs to a plan."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from gitops_regconf import sops
from gitops_regconf.fleet import layout
from gitops_regconf.fleet.load import load, names_of_management_clusters
from gitops_regconf.fleet.model import Fleet, ManagementCluster
from gitops_regconf.generate.changes import Change, Step, file_change
from gitops_regconf.generate.inclusion import line_changes, right_forms, shared_components
from gitops_regconf.generate.outputs import default_reference
from gitops_regconf.generate.plan import Plan, Planner, Settings
from gitops_regconf.render import sops_rules
from gitops_regconf.source.worktree import WorkTree


@dataclass(frozen=True, slots=True)
class Scope:
    """Which MCs a run is for: those named, or one shard of all, or all.

    `shard` is (I, N) with 1 ≤ I ≤ N: every N-th MC in alphabetical order,
    beginning with the I-th. What belongs to no MC is in the first shard.
    """

    names: tuple[str, ...] = ()
    shard: tuple[int, int] = (1, 1)

    def selected(self, source: WorkTree) -> tuple[str, ...] | None:
        """The names of the MCs in scope; None for all of them."""
        if self.names:
            return self.names
        index, count = self.shard
        if count == 1:
            return None
        return tuple(names_of_management_clusters(source)[index - 1 :: count])

    @property
    def with_shared(self) -> bool:
        """Whether what belongs to no MC is in scope."""
        return self.shard[0] == 1


def plan(
    source: WorkTree,
    identities: sops.Identities,
    scope: Scope,
    settings: Settings,
    *,
    jobs: int = 1,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Plan:
    """Every change that the fleet's inputs ask for, in the order in which to make them.

    With one broken MC the others are still planned; the errors are in the
    plan. Raises RegconfError where the fleet itself cannot be read.
    """
    selected = scope.selected(source)
    fleet, errors = load(source, selected)
    total = Plan(errors=errors)
    planner = Planner(source, fleet, identities, settings)
    in_scope = [mc for mc in fleet.management_clusters if selected is None or mc.name in selected]
    for done, of_mc in enumerate(_planned(planner, in_scope, jobs), start=1):
        total.add(of_mc)
        progress(done, len(in_scope))
    if scope.with_shared:
        total.add(planner.shared())
        total.changes += shared_components(source, default_reference(fleet), total.includers)
        total.changes += sops_rules_change(source, fleet)
    total.lines += right_forms(source, total.includers)
    total.changes += line_changes(source, total.lines)
    total.changes.sort(key=lambda change: change.order)
    return total


def sops_rules_change(source: WorkTree, fleet: Fleet) -> list[Change]:
    """The change that brings the generator's rules in `.sops.yaml` up to date."""
    before = source.text(layout.SOPS_FILE)
    after = sops.with_rules(
        before or "", sops_rules.rules(fleet), tuple(sops_rules.paths(fleet)), layout.SOPS_FILE
    )
    reason = "regconf's own rules are not what the inputs give, or not before a rule that would win"
    return file_change(Step.RULES, layout.SOPS_FILE, before, after, reason)


def _planned(planner: Planner, clusters: Sequence[ManagementCluster], jobs: int) -> Iterable[Plan]:
    if jobs == 1 or len(clusters) < 2:
        return map(planner.management_cluster, clusters)
    return _in_parallel(planner, clusters, jobs)


def _in_parallel(
    planner: Planner, clusters: Sequence[ManagementCluster], jobs: int
) -> Iterator[Plan]:
    # Forked, so that the fleet and the private keys are inherited in memory
    # instead of being pickled through a pipe.
    global _worker  # noqa: PLW0603  # what a forked worker inherits
    _worker = planner
    context = multiprocessing.get_context("fork")
    chunk = max(1, len(clusters) // (jobs * 8))
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        yield from pool.map(_work, clusters, chunksize=chunk)


_worker: Planner | None = None


def _work(mc: ManagementCluster) -> Plan:
    if _worker is None:
        raise RuntimeError("a worker was started without its planner")
    return _worker.management_cluster(mc)


def fleet_of(source: WorkTree, names: Iterable[str] | None = None) -> Fleet:
    """The fleet with every MC readable. Raises the first of the errors."""
    fleet, errors = load(source, None if names is None else tuple(names))
    if errors:
        raise errors[0]
    return fleet
