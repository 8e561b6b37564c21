"""A switch or a cache is set only where the chart version knows it.

Why: older charts accept `insecure`, `overridePath`, `skipVerify` and the caches and
read none of them, or refuse the whole values.

Bad: `insecure: true` for cluster-aws 6.5.1
Good: the same for cluster-aws 7.1.0 or later
Mend: upgrade the chart, or leave the switch out.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.fleet.view import ClusterView
from gitops_regconf.registries.charts import LOCAL_CACHE, MANAGEMENT_CLUSTER_CACHE
from gitops_regconf.registries.model import Cache
from gitops_regconf.source.position import Position

ID = "setting-lost"
STOPS_REGENERATE = True


def of_cluster(view: ClusterView) -> Iterator[Finding]:
    """One finding for each switch and cache that a kind of node does not get."""
    seen = set()
    for version in view.versions:
        for rendering in view.renderings(version).values():
            for what, at in _lost(view, rendering.flags, rendering.caches):
                if (what, at) not in seen:
                    seen.add((what, at))
                    yield Finding(
                        ID,
                        at,
                        f"{version} does not know {what}: the setting would be lost, "
                        "or all values refused",
                        "Upgrade the chart, or leave the setting out for this cluster.",
                    )


def _lost(
    view: ClusterView, flags: tuple[str, ...], caches: tuple[str, ...]
) -> Iterator[tuple[str, Position]]:
    for entries in view.resolved.registries.values():
        for entry in entries:
            for flag, value in entry.flags:
                if value and flag not in flags:
                    yield flag, entry.decided_at
    settings: dict[str, Cache | None] = {
        LOCAL_CACHE: view.resolved.local_cache,
        MANAGEMENT_CLUSTER_CACHE: view.resolved.management_cluster_cache,
    }
    for name, cache in settings.items():
        if cache and cache.enabled is not False and name not in caches:
            yield name, cache.at
