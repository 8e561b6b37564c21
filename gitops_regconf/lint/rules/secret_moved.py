"""A registry Secret ends up with the name and in the namespace that Apps refer to.

Why: a namespace, a prefix or a suffix in a kustomization, `targetNamespace` of a Flux
Kustomization and patches also move the Secrets. No App follows: it names a Secret that
does not exist, and is not deployed any more.

Bad: `targetNamespace: flux-giantswarm` in the Flux Kustomization of the MC
Good: namespaces in the manifests themselves
Mend: remove what moves it.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint.references.subjects import RegistrySecret

ID = "secret-moved"
SHOWS_LINE = True


def of_secret(secret: RegistrySecret) -> Iterator[Finding]:
    """One finding for each place where the Secret is not what Apps refer to."""
    wanted = secret.reference
    for one in secret.applied:
        if one in secret.in_place:
            continue
        becomes = f"{one.name!r} in {one.namespace or 'no namespace'!r}"
        if one.elsewhere:
            becomes = "part of another cluster (spec.kubeConfig)"
        yield Finding(
            ID,
            one.at,
            f"the Secret {wanted.name!r} becomes {becomes}, and Apps look for it in "
            f"{wanted.namespace!r}",
            "Remove what moves it: a namespace, prefix or suffix in a kustomization, a patch, or "
            "a field of the Flux Kustomization.",
        )
