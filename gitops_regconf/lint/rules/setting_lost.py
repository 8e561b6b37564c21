"""A switch or a cache is set only where the chart version knows it.

Why: older charts accept `insecure`, `overridePath`, `skipVerify` and the caches and
read none of them, or refuse the whole values.

Bad: for cluster-aws 6.5.1
    endpoint: registry.internal
    insecure: true
Good: the same for cluster-aws 7.1.0 or later
Mend: upgrade the chart, or leave the switch out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from gitops_regconf.findings import Finding
from gitops_regconf.fleet.view import ClusterView
from gitops_regconf.lint.subjects import Block, blocks
from gitops_regconf.registries.charts import Rendering
from gitops_regconf.registries.keys import CACHES, LOCAL_CACHE, MANAGEMENT_CLUSTER_CACHE
from gitops_regconf.registries.model import FLAGS, Cache
from gitops_regconf.source.position import Position

ID = "setting-lost"
SHOWS_LINE = True
STOPS_REGENERATE = True
_Lost = Callable[[ClusterView, Rendering], Iterator[tuple[str, Position]]]


def of_cluster(view: ClusterView) -> Iterator[Finding]:
    """One finding for each switch and cache that a kind of node does not get."""
    yield from of_generated(view)
    yield from _findings(view, _in_given)


def of_generated(view: ClusterView) -> Iterator[Finding]:
    """Of these, the ones about what regconf generates; no ConfigMap stops it."""
    return _findings(view, _in_generated)


def _findings(view: ClusterView, lost: _Lost) -> Iterator[Finding]:
    seen = set()
    for version in view.versions:
        for rendering in view.renderings(version).values():
            for what, at in lost(view, rendering):
                if (what, at) not in seen:
                    seen.add((what, at))
                    yield Finding(
                        ID,
                        at,
                        f"{version} does not know {what}: the setting would be lost, "
                        "or all values refused",
                        "Upgrade the chart, or leave the setting out for this cluster.",
                    )


def _in_generated(view: ClusterView, rendering: Rendering) -> Iterator[tuple[str, Position]]:
    for entries in view.resolved.registries.values():
        for entry in entries:
            for flag, value in entry.flags:
                if value and flag not in rendering.flags:
                    yield flag, entry.decided_at
    settings: dict[str, Cache | None] = {
        LOCAL_CACHE: view.resolved.local_cache,
        MANAGEMENT_CLUSTER_CACHE: view.resolved.management_cluster_cache,
    }
    for name, cache in settings.items():
        if cache and cache.enabled is not False and name not in rendering.caches:
            yield name, cache.at


def _in_given(view: ClusterView, rendering: Rendering) -> Iterator[tuple[str, Position]]:
    """In a cluster's own values, as far as the chart reads them and no Secret replaces them."""
    for values in view.given:
        for block in blocks(values):
            if block.interface is rendering.reads:
                yield from _in_block(block, view, rendering)


def _in_block(
    block: Block, view: ClusterView, rendering: Rendering
) -> Iterator[tuple[str, Position]]:
    for registry, index, entry in block.entries():
        for flag in FLAGS:
            lost = entry.get(flag) and flag not in rendering.flags
            if lost and registry not in view.resolved.registries:
                yield flag, block.entry_at(registry, index, flag)
    for name in CACHES:
        cache: Any = block.content.get(name)
        disabled = isinstance(cache, dict) and cache.get("enabled") is False
        if cache and not disabled and name not in rendering.caches:
            yield name, block.at(name)
