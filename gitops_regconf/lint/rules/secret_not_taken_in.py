"""Every cluster App takes in the registry Secret of its cluster.

Why: a cluster without it starts fine and pulls every image anonymously, or from
where it should not. Nothing fails until a rate limit does.

Bad: `extraConfigs: [{kind: configMap, name: container-registries-configuration, …}]`
Good: `extraConfigs: [{kind: secret, name: container-registries-configuration, …}]`
Mend: include the component that `regconf` generates.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint.references.subjects import TakenIn

ID = "secret-not-taken-in"
SHOWS_LINE = True


def of_reference(taken: TakenIn) -> Iterator[Finding]:
    """A finding for a cluster that does not take its Secret in."""
    if taken.wanted is None or taken.times:
        return
    name = taken.wanted.name
    what = f"does not take in the Secret {name!r}, so its nodes pull without it"
    for entry in taken.beside:
        if entry.problem:
            what = f"takes in {name!r} without effect: {entry.problem}"
        elif entry.name != name:
            what = f"does not take in the Secret {name!r}, but {entry.name!r}, which is not its own"
        elif entry.kind != "secret":
            what = f"takes in {name!r} as a ConfigMap, and it is a Secret"
        else:
            where = f"from another namespace, {entry.namespace!r}"
            what = f"takes in {name!r} {where}, and it is in {taken.wanted.namespace!r}"
    yield Finding(ID, taken.at, f"the cluster {taken.cluster!r} {what}", taken.mend)
