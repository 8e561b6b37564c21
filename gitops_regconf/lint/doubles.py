"""One finding for one problem, where several rules speak about the same place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from gitops_regconf.findings import Finding
from gitops_regconf.lint.rule_set import module
from gitops_regconf.source.position import Position

#: What a rule says that gives way to whichever other one has something to say.
ANY: Final = "any other rule"


def without_doubles(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, each once, without those at a place where a better rule speaks already."""
    found = list(dict.fromkeys(findings))
    rules_at: dict[Position, set[str]] = {}
    for finding in found:
        rules_at.setdefault(finding.at, set()).add(finding.rule)
    return [one for one in found if not (one.at.line and _gives_way(one.rule, rules_at[one.at]))]


def _gives_way(rule: str, rules: set[str]) -> bool:
    """Whether the first one of some rules says nothing that another one of them does not."""
    better = getattr(module(rule), "YIELDS_TO", None)
    return len(rules) > 1 if better == ANY else better in rules
