"""One run of the generator over a fleet: from its inputs to a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from gitops_regconf import sops
from gitops_regconf.errors import Refused
from gitops_regconf.fleet import layout
from gitops_regconf.fleet.load import load, names_of_management_clusters
from gitops_regconf.fleet.model import Fleet, ManagementCluster
from gitops_regconf.fleet.resolution import unmatched_layers
from gitops_regconf.generate.changes import Change, Step, file_change
from gitops_regconf.generate.inclusion import line_changes, right_forms, shared_components
from gitops_regconf.generate.outputs import default_reference
from gitops_regconf.generate.plan import Plan, Planner, Settings
from gitops_regconf.registries.model import Note
from gitops_regconf.render import sops_rules
from gitops_regconf.source.files import Files
from gitops_regconf.source.position import Position
from gitops_regconf.workers import in_parallel


@dataclass(frozen=True, slots=True)
class Scope:
    """Which MCs a run is for: those named, or one shard of all, or all.

    `shard` is (I, N) with 1 ≤ I ≤ N: every N-th MC in alphabetical order,
    beginning with the I-th. What belongs to no MC is in the first shard.
    """

    names: tuple[str, ...] = ()
    shard: tuple[int, int] = (1, 1)

    def selected(self, source: Files) -> tuple[str, ...] | None:
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
    source: Files,
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
        shared = shared_components(source, default_reference(fleet), total.includers)
        _refuse_for_some(scope, settings, shared)
        total.changes += shared
        total.changes += planner.needless_shared(total.includers, only_some=selected is not None)
        if not total.errors:  # the rules of an MC that cannot be read are not known
            total.changes += sops_rules_change(source, fleet)
    if selected is None and not total.errors:
        total.notes += [
            Note("no cluster matches this layer", layer.at) for layer in unmatched_layers(fleet)
        ]
    total.lines += right_forms(source, total.includers)
    total.changes += line_changes(source, total.lines)
    total.changes.sort(key=lambda change: change.order)
    return total


def _refuse_for_some(scope: Scope, settings: Settings, shared: Sequence[Change]) -> None:
    """Raise Refused where a run for some MCs would change what all of them include."""
    for change in shared:
        if scope.names and not settings.check and change.before is not None:
            raise Refused(
                "this component is included by all management clusters, and would change",
                at=Position(change.path),
                mend="Run `regconf regenerate` without naming management clusters.",
            )


def sops_rules_change(source: Files, fleet: Fleet) -> list[Change]:
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
    return in_parallel(planner.management_cluster, clusters, jobs)


def fleet_of(source: Files, names: tuple[str, ...]) -> Fleet:
    """The fleet with these MCs, every one readable. Raises the first of the errors."""
    fleet, errors = load(source, names)
    if errors:
        raise errors[0]
    return fleet
