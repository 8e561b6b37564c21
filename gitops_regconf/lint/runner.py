"""Runs the rules over subjects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gitops_regconf.findings import Finding
from gitops_regconf.fleet.view import ClusterView
from gitops_regconf.lint.doubles import without_doubles
from gitops_regconf.lint.file import File
from gitops_regconf.lint.interfaces import interfaces, objects
from gitops_regconf.lint.marks import is_candidate
from gitops_regconf.lint.references.subjects import RegistrySecret, TakenIn
from gitops_regconf.lint.rule_set import all_rules
from gitops_regconf.lint.subjects import AccountUse, Block, blocks
from gitops_regconf.registries.values import Values
from gitops_regconf.source.documents import Document


def of_values(values: Values) -> Iterator[Finding]:
    """The findings in the registries of one values document."""
    for block in blocks(values):
        yield from without_doubles(_of("of_block", block))


def of_cluster(view: ClusterView) -> Iterator[Finding]:
    """The findings of one cluster, those in its values from Git included."""
    for values in view.given:
        yield from of_values(values)
    yield from _of("of_cluster", view)


def of_accounts(use: AccountUse) -> Iterator[Finding]:
    """The findings about the accounts of an MC."""
    return _of("of_accounts", use)


def of_objects(objects: Sequence[Document]) -> Iterator[Finding]:
    """The findings of the Kubernetes objects of one file, one by one and together."""
    for document in objects:
        yield from _of("of_object", document)
    yield from _of("of_objects", objects)


def of_interfaces(file: File) -> Iterator[Finding]:
    """The findings in the registries of a file, wherever they stand, and in its objects.

    Raises CannotCheck, or Several, after the findings where a part of it cannot be read.
    """
    if not is_candidate(file.content):
        return
    yield from of_objects(list(objects(file)))
    seen = set()  # an alias repeats what its anchor has
    for values in interfaces(file):
        for finding in of_values(values):
            # What stands nowhere in the file belongs to the object that a patch is for.
            if finding.at.line and finding not in seen:
                seen.add(finding)
                yield finding


def of_reference(taken: TakenIn) -> Iterator[Finding]:
    """The findings about what one cluster takes in."""
    return _of("of_reference", taken)


def of_secret(secret: RegistrySecret) -> Iterator[Finding]:
    """The findings about a registry Secret as Flux applies it."""
    return _of("of_secret", secret)


def stopping(view: ClusterView) -> Iterator[Finding]:
    """What a cluster's chart would break or lose, so that nothing must be generated for it."""
    for rule in all_rules().values():
        if rule.stops_regenerate:
            yield from (rule.of_generated or rule.checks["of_cluster"])(view)


_Subject = (
    Block | ClusterView | AccountUse | Document | Sequence[Document] | TakenIn | RegistrySecret
)


def _of(name: str, subject: _Subject) -> Iterator[Finding]:
    for rule in all_rules().values():
        if name in rule.checks:
            yield from rule.checks[name](subject)
