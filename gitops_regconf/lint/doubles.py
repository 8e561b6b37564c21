"""One finding for one problem, where several rules speak about the same place."""

from __future__ import annotations

from collections.abc import Iterable

from gitops_regconf.findings import Finding
from gitops_regconf.lint.rule_set import ANY, rule
from gitops_regconf.source.position import Position


def without_doubles(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, each once, without those at a place where a better rule speaks already."""
    found = list(dict.fromkeys(findings))
    rules_at: dict[Position, set[str]] = {}
    for finding in found:
        rules_at.setdefault(finding.at, set()).add(finding.rule)
    return [one for one in found if not (one.at.line and _gives_way(one.rule, rules_at[one.at]))]


def _gives_way(name: str, others: set[str]) -> bool:
    """Whether a rule says nothing that another one of those at its place does not say better."""
    better = rule(name).yields_to
    return len(others) > 1 if better == ANY else better in others
