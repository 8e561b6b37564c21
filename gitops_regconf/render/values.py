"""The values document of a cluster chart, with placeholders where credentials belong.

`credentials` fills the placeholders at the last moment; for the digest they
become the ciphertext of the account's leaf, for people they are masked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gitops_regconf.errors import InvalidInput, Refused
from gitops_regconf.fleet.model import Account
from gitops_regconf.registries.charts import Interface
from gitops_regconf.registries.model import Cache, Entry, Placeholder, ResolvedCluster
from gitops_regconf.source.position import Position


def values_document(
    resolved: ResolvedCluster,
    interface: Interface,
    accounts: Mapping[str, Account],
    at: Position,
    *,
    complete: bool = True,
) -> dict[str, Any]:
    """The Helm values that a cluster chart with this interface reads.

    Registries are in alphabetical order, endpoints in the order in which they
    are asked. Raises InvalidInput for an account that is not stored, and
    Refused where the interface cannot express what was resolved. Without
    `complete` neither is raised: the one is taken to hold a user name and a
    password, the other is left out.
    """
    settings: dict[str, Any] = {
        "containerRegistries": {
            registry: [_item(entry, accounts, complete=complete) for entry in entries]
            for registry, entries in sorted(resolved.registries.items())
        }
    }
    caches = {
        "localRegistryCache": resolved.local_cache,
        "managementClusterRegistryCache": resolved.management_cluster_cache,
    }
    for name, cache in caches.items():
        if cache is None:
            continue
        if interface is not Interface.COMPONENTS:
            if cache.enabled is False or not complete:
                continue  # a cache that is off has no effect there, as wanted
            raise Refused(
                f"this cluster's chart reads {interface}, which knows no {name}: "
                "the setting would be lost",
                at=at,
                mend="Upgrade the chart, or choose a profile without a cache for this cluster.",
            )
        settings[name] = _cache(cache)
    for step in reversed(interface.value.split(".")):
        settings = {step: settings}
    return settings


def filled(node: Any, fill: Callable[[Placeholder], str]) -> Any:
    """A values document with every placeholder replaced by what `fill` gives for it."""
    if isinstance(node, Placeholder):
        return fill(node)
    if isinstance(node, dict):
        return {key: filled(value, fill) for key, value in node.items()}
    if isinstance(node, list):
        return [filled(item, fill) for item in node]
    return node


def _item(entry: Entry, accounts: Mapping[str, Account], *, complete: bool) -> dict[str, Any]:
    item: dict[str, Any] = {"endpoint": entry.endpoint, **dict(entry.flags)}
    if entry.account is None:
        return item
    account = accounts.get(entry.account)
    fields = account.fields if account else ("username", "password")
    if account is not None or not (complete or entry.optional):
        item["credentials"] = {field: Placeholder(entry.account, field) for field in fields}
    elif not entry.optional:
        raise InvalidInput(
            f"the account {entry.account!r} of {entry.endpoint} is not stored",
            at=entry.decided_at,
        )
    return item


def _cache(cache: Cache) -> dict[str, Any]:
    fields = {
        "enabled": cache.enabled,
        "port": cache.port,
        "mirroredRegistries": (
            None if cache.mirrored_registries is None else list(cache.mirrored_registries)
        ),
    }
    return {name: value for name, value in fields.items() if value is not None}
