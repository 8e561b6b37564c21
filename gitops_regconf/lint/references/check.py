"""From a repository to the findings about its references."""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.errors import CannotCheck, RegconfError
from gitops_regconf.findings import Finding
from gitops_regconf.fleet import layout
from gitops_regconf.fleet.model import Fleet
from gitops_regconf.fleet.references import Reference
from gitops_regconf.lint.outcome import Outcome
from gitops_regconf.lint.references.applied import applied
from gitops_regconf.lint.references.clusters import Clusters, installed
from gitops_regconf.lint.references.secrets import registry_secrets, without_flux
from gitops_regconf.lint.runner import of_reference, of_secret
from gitops_regconf.source.files import Files


def check(repository: Files, fleet: Fleet, source: Files) -> Outcome:
    """Check what `repository` builds against the fleet that was read from `source`.

    Both are the same object where the repository is the fleet itself; only then the
    Secrets are checked, too. `checked` counts the cluster `apps` that the fleet knows,
    and the `secrets`. The files are built as they stand, generated ones included, and
    not as they should be.
    """
    own = repository is source
    errors: list[RegconfError] = []
    names = [mc.name for mc in fleet.management_clusters]
    homes = [(layout.management_cluster(name), name) for name in names] if own else []
    found = applied(repository, fleet.output.secret_name, homes, errors)
    clusters = Clusters(fleet, own=own)
    broken = [mc for mc in _declared(source) if mc not in names]
    findings: list[Finding] = []
    for one in installed(found, errors):
        try:
            taken = clusters.taken_in(one, broken)
        except RegconfError as error:
            errors.append(error)
            continue
        findings += of_reference(taken) if taken else ()
    secrets = []
    if own:
        if not errors:
            errors += _not_seen(clusters)
        secrets = list(registry_secrets(source, found, set(_needed(clusters, errors))))
        errors += without_flux(found, secrets)
        findings += [finding for secret in secrets for finding in of_secret(secret)]
    ordered = tuple(sorted(dict.fromkeys(findings), key=lambda finding: finding.at))
    checked = {"apps": len(clusters.seen), "secrets": len(secrets)}
    return Outcome(ordered, tuple(errors), checked)


def _declared(source: Files) -> Iterator[str]:
    """The names of the directories that are MCs, whether they can be loaded or not."""
    for name in source.subdirectories(layout.MANAGEMENT_CLUSTERS):
        if layout.FLEET_FILE in source.names(layout.management_cluster(name)):
            yield name


def _not_seen(clusters: Clusters) -> Iterator[RegconfError]:
    for cluster in clusters.not_seen():
        yield CannotCheck(
            f"nothing that is built here holds the cluster App of {cluster.name!r}",
            at=cluster.at,
            mend="Its Flux Kustomization must be in this repository, and name a directory here.",
        )


def _needed(clusters: Clusters, errors: list[RegconfError]) -> Iterator[tuple[str, Reference]]:
    for cluster, reference in clusters.seen:
        yield cluster.mc.name, reference
    try:
        for cluster, reference in clusters.external():
            yield cluster.mc.name, reference
    except RegconfError as error:
        errors.append(error)
