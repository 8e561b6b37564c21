"""The Flux Kustomization that applies an encrypted Secret decrypts it.

Why: without `spec.decryption` Flux tries to apply the ciphertext, and the API server
refuses the `sops` block: nothing of that Flux Kustomization is applied any more.

Bad: a Flux Kustomization without `spec.decryption`
Good: `decryption: {provider: sops, secretRef: {name: sops-keys}}`
Mend: name the Secret with the MC's private key.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint.references.subjects import RegistrySecret

ID = "secret-not-decrypted"
SHOWS_LINE = True


def of_secret(secret: RegistrySecret) -> Iterator[Finding]:
    """A finding for what is applied encrypted, a warning where no key is named."""
    name = secret.reference.name
    for one in secret.applied:
        if one.decryption == "none":
            yield Finding(
                ID,
                one.at,
                f"the Flux Kustomization {one.by!r} applies the encrypted Secret {name!r} and does "
                "not decrypt",
                "Add spec.decryption: {provider: sops, secretRef: {name: sops-keys}}.",
            )
        if one.decryption == "disabled":
            yield Finding(
                ID,
                one.at,
                f"an annotation keeps Flux from decrypting the Secret {name!r}",
                "Remove kustomize.toolkit.fluxcd.io/decrypt.",
            )
        if one.decryption == "no key":
            yield Finding(
                ID,
                one.at,
                f"the Flux Kustomization {one.by!r} names no key to decrypt {name!r} with: that "
                "works only where Flux itself was given one",
                "Add spec.decryption.secretRef.",
                "warning",
            )
