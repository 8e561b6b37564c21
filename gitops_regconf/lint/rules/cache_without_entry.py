"""A registry that a cache serves has a list of its own.

Why: charts write the cache only into the hosts of registries that have a list.
Named under `mirroredRegistries` alone, a registry is not cached.

Bad: quay.io is not cached
    mirroredRegistries: [quay.io]
    containerRegistries: {}
Good:
    mirroredRegistries: [quay.io]
    containerRegistries:
      quay.io:
      - endpoint: quay.io
Mend: add the registry, with itself as its endpoint.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.fleet.view import ClusterView
from gitops_regconf.registries.node import cached_in_vain
from gitops_regconf.source import masking

ID = "cache-without-entry"
SHOWS_LINE = True


def of_cluster(view: ClusterView) -> Iterator[Finding]:
    """One finding for each registry that a cache would serve and no node asks it for."""
    seen = set()
    for version in view.versions:
        values = view.values(version)
        for rendering in view.renderings(version).values():
            for registry, cache, at in cached_in_vain(rendering, str(version), values):
                if (registry, cache) not in seen:
                    seen.add((registry, cache))
                    name = masking.host(registry)
                    yield Finding(
                        ID,
                        at,
                        f"{cache} shall serve {name}, which has no list of endpoints: "
                        "no node asks the cache for it",
                        f"Add `{name}: [{{endpoint: {name}}}]` to containerRegistries.",
                    )
