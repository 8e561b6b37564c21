"""Flux fills in no variables in the decrypted text of a registry Secret.

Why: substitution comes after decryption. A password in `stringData` that holds a `${`
is changed, or emptied, on its way into the cluster. The base64 text under `data` holds
no such thing.

Bad: `stringData` in a Flux Kustomization with `postBuild.substitute`
Good: `data`, as `regconf` generates it
Mend: use `data`, or annotate the Secret with
`kustomize.toolkit.fluxcd.io/substitute: disabled`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint.references.subjects import RegistrySecret

ID = "secret-substituted"
SHOWS_LINE = True


def of_secret(secret: RegistrySecret) -> Iterator[Finding]:
    """One finding for each Flux Kustomization that may change what the Secret holds."""
    for one in secret.applied:
        if one.substituted:
            yield Finding(
                ID,
                one.at,
                f"the Flux Kustomization {one.by!r} fills in variables in the decrypted text of "
                f"{secret.reference.name!r}: a password with `${{` would be changed",
                "Use `data` instead of `stringData`, or annotate the Secret with "
                "kustomize.toolkit.fluxcd.io/substitute: disabled.",
            )
