"""Rules over a whole fleet: its clusters as their nodes see them, and its accounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from gitops_regconf.errors import InvalidInput, Refused, RegconfError, singly
from gitops_regconf.findings import Finding
from gitops_regconf.fleet.cluster_apps import ClusterApps
from gitops_regconf.fleet.load import load
from gitops_regconf.fleet.model import Fleet, ManagementCluster
from gitops_regconf.fleet.view import ClusterView, view
from gitops_regconf.generate.outputs import default_reference
from gitops_regconf.lint import runner
from gitops_regconf.lint.outcome import Outcome
from gitops_regconf.lint.references.check import check
from gitops_regconf.lint.rules.invalid_input import of_error
from gitops_regconf.lint.subjects import AccountUse
from gitops_regconf.registries.model import Entry
from gitops_regconf.registries.profiles import BUILT_IN
from gitops_regconf.source.files import Files
from gitops_regconf.workers import in_parallel


def of_fleet(source: Files, jobs: int = 1) -> Outcome:
    """What the rules find in the fleet that `source` holds; what cannot be read, too."""
    try:
        fleet, errors = load(source)
    except RegconfError as error:
        return outcome_of([], [error])
    of_cluster = partial(
        _of_management_cluster, fleet, source, ClusterApps(source, default_reference(fleet))
    )
    # The longest piece of work comes first, and is done beside the others.
    work: list[Callable[[], Outcome]] = [partial(check, source, fleet, source)]
    work += [partial(of_cluster, mc) for mc in fleet.management_clusters]
    findings: list[Finding] = []
    checked = Counter(clusters=0)

    def done(index: int) -> Outcome:
        return work[index]()

    indexes = range(len(work))
    for outcome in in_parallel(done, indexes, jobs) if jobs > 1 else map(done, indexes):
        findings += outcome.findings
        errors += outcome.errors
        checked.update(outcome.checked)
    return replace(outcome_of(findings, errors), checked=dict(checked))


def outcome_of(findings: list[Finding], errors: Iterable[RegconfError]) -> Outcome:
    """Broken input is a finding here, and what could not be checked stays an error."""
    left: list[RegconfError] = []
    for error in singly(errors):
        if isinstance(error, InvalidInput | Refused):
            findings.append(of_error(error))
        else:
            left.append(error)
    return Outcome(tuple(dict.fromkeys(findings)), tuple(left))


def _of_management_cluster(
    fleet: Fleet, source: Files, apps: ClusterApps, mc: ManagementCluster
) -> Outcome:
    findings: list[Finding] = []
    errors: list[RegconfError] = []
    used: dict[str, Entry] = {}
    for wc in (None, *mc.workload_clusters):
        try:
            seen = view(fleet, mc, wc, source, apps)
            findings += (_in_the_fleet(finding, seen) for finding in runner.of_cluster(seen))
        except RegconfError as error:
            errors.append(error)
            continue
        for name, entry in seen.resolved.accounts().items():
            if name not in used or not entry.optional:
                used[name] = entry
    if not errors:  # a cluster that cannot be read may use any account
        findings += runner.of_accounts(AccountUse(mc, mc.accounts, used))
    count = 1 + len(mc.workload_clusters)
    return Outcome(tuple(findings), tuple(errors), {"clusters": count})


def _in_the_fleet(finding: Finding, seen: ClusterView) -> Finding:
    """What a built-in profile decided is mended where a cluster has that profile."""
    if not finding.at.path.startswith(BUILT_IN):
        return finding
    return replace(finding, at=seen.at, message=f"{finding.message} ({finding.at.path})")
