"""Finds the rules and runs them over subjects."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from functools import cache
from types import ModuleType
from typing import Any

from gitops_regconf.findings import Finding
from gitops_regconf.fleet.view import ClusterView
from gitops_regconf.lint import rules
from gitops_regconf.lint.subjects import AccountUse, Block, File, blocks
from gitops_regconf.registries.values import Values
from gitops_regconf.source.documents import Document


@cache
def all_rules() -> dict[str, ModuleType]:
    """Every rule by its id, which is its module's name with dashes."""
    return {
        module.name.replace("_", "-"): importlib.import_module(f"{rules.__name__}.{module.name}")
        for module in pkgutil.iter_modules(rules.__path__)
    }


def of_values(values: Values) -> Iterator[Finding]:
    """The findings in the registries of one values document."""
    for block in blocks(values):
        yield from _of("of_block", block)


def of_cluster(view: ClusterView) -> Iterator[Finding]:
    """The findings of one cluster, those in its values from Git included."""
    for values in view.given:
        yield from of_values(values)
    yield from _of("of_cluster", view)


def of_accounts(use: AccountUse) -> Iterator[Finding]:
    """The findings about the accounts of an MC."""
    return _of("of_accounts", use)


def of_object(document: Document) -> Iterator[Finding]:
    """The findings of one Kubernetes object."""
    return _of("of_object", document)


def of_file(file: File) -> Iterator[Finding]:
    """The findings of one file. Raises RegconfError where a rule could not check it."""
    return _of("of_file", file)


def stopping(view: ClusterView) -> Iterator[Finding]:
    """What a cluster's chart would break or lose, so that nothing must be generated for it."""
    for rule in all_rules().values():
        if getattr(rule, "STOPS_REGENERATE", False):
            yield from rule.of_cluster(view)


def _of(
    name: str, subject: Block | ClusterView | AccountUse | Document | File
) -> Iterator[Finding]:
    for rule in all_rules().values():
        check: Any = getattr(rule, name, None)
        found: Iterable[Finding] = check(subject) if check else ()
        yield from found
