"""Flux applies a registry Secret, and applies every change of it.

Why: a suspended Flux Kustomization, or an annotation that tells Flux to ignore an
object, leaves in the cluster what was there before: a rotated password never arrives.

Bad: `kustomize.toolkit.fluxcd.io/ssa: IfNotPresent` on the Secret
Good: no such annotation
Mend: remove it, or resume the Flux Kustomization.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint.references.subjects import RegistrySecret

ID = "secret-held-back"
SHOWS_LINE = True


def of_secret(secret: RegistrySecret) -> Iterator[Finding]:
    """One warning for each thing that holds the Secret back; it may be meant so for a while."""
    for one in secret.applied:
        for what in one.held_back:
            yield Finding(
                ID,
                one.at,
                f"changes of the Secret {secret.reference.name!r} do not reach {secret.mc}: {what}",
                "Remove it as soon as it is not needed any more.",
                "warning",
            )
