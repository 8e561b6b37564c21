"""What an MC's Flux applies has each Secret that clusters there take in, exactly once.

Why: an App that refers to a Secret which does not exist is not deployed any more. And
two Flux Kustomizations that apply one Secret overwrite each other for ever.

Bad: `container-registries-configuration-secret.yaml` beside a kustomization that does
not list it
Good: the component `container-registries` in the MC's `kustomization.yaml`
Mend: `regconf regenerate` writes the file and the line.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint.references.subjects import RegistrySecret

ID = "secret-not-included"
SHOWS_LINE = True


def of_secret(secret: RegistrySecret) -> Iterator[Finding]:
    """A finding for a Secret that is not applied, or by more than one."""
    name = secret.reference.name
    if not secret.applied:
        why = (
            f"is in nothing that the Flux of {secret.mc} applies, and clusters there take it in"
            if secret.exists
            else f"does not exist, and clusters of {secret.mc} take it in"
        )
        mend = f"Run `regconf regenerate {secret.mc}`."
        yield Finding(ID, secret.at, f"the Secret {name!r} {why}", mend)
    if len(secret.in_place) > 1:
        several = " and ".join(one.by for one in secret.in_place)
        yield Finding(
            ID,
            secret.at,
            f"the Secret {name!r} is applied {len(secret.in_place)} times, by the Flux "
            f"Kustomizations {several}",
            "Take it out of all but one.",
        )
