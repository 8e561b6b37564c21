"""Merging contributions, lowest first, into what a cluster's nodes shall be told.

Pure functions: the same contributions give the same result, whatever the order
of keys in their files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gitops_regconf.errors import InvalidInput
from gitops_regconf.registries.model import (
    Cache,
    Contribution,
    Entry,
    Note,
    RegistryChange,
    ResolvedCluster,
)


def resolve(contributions: Iterable[Contribution]) -> ResolvedCluster:
    """The result of all contributions; the later wins where the rules allow it.

    Raises InvalidInput, with the position, for a merge that would lose or leak
    an account, or that leaves open what is meant.
    """
    registries: dict[str, tuple[Entry, ...]] = {}
    local: Cache | None = None
    management_cluster: Cache | None = None
    notes: list[Note] = []
    for contribution in contributions:
        platform_accounts = _accounts(registries)
        for registry, change in sorted(contribution.registries.items()):
            current = registries.get(registry)
            registries[registry] = _merge(registry, current, change, platform_accounts)
            notes += _dropped(registry, current or (), registries[registry], change)
        local = _merge_cache(local, contribution.local_cache)
        management_cluster = _merge_cache(management_cluster, contribution.management_cluster_cache)
    return ResolvedCluster(
        dict(sorted(registries.items())), local, management_cluster, tuple(notes)
    )


def _accounts(registries: dict[str, tuple[Entry, ...]]) -> frozenset[str]:
    """Accounts that belong to the layers so far: nobody above may send them elsewhere."""
    return frozenset(
        entry.account
        for entries in registries.values()
        for entry in entries
        if entry.account and not entry.optional
    )


def _merge(
    registry: str,
    current: tuple[Entry, ...] | None,
    change: RegistryChange,
    platform_accounts: frozenset[str],
) -> tuple[Entry, ...]:
    if change.instead is not None:
        return change.instead
    if current is None:
        return (*change.before, *(change.defines or ()), *change.after)
    if change.defines is not None:
        raise InvalidInput(
            f"{registry} is already defined by a lower layer, and a plain list leaves open "
            "what shall become of it",
            at=change.at,
            mend="Say `before:` or `after:` to add endpoints, or `instead:` to replace them all.",
        )
    return _placed(registry, current, change.before, change.after, platform_accounts)


def _placed(
    registry: str,
    current: tuple[Entry, ...],
    before: Sequence[Entry],
    after: Sequence[Entry],
    platform_accounts: frozenset[str],
) -> tuple[Entry, ...]:
    there = {entry.endpoint: entry for entry in current}
    for entry in (*before, *after):
        if entry.endpoint in there:
            there[entry.endpoint] = _in_place(registry, there[entry.endpoint], entry)
        elif entry.account in platform_accounts:
            raise InvalidInput(
                f"the account {entry.account!r} belongs to the platform and would be sent "
                f"to {entry.endpoint!r}",
                at=entry.decided_at,
                mend="Store an account of your own for this endpoint, "
                "or replace the whole list with `instead:`.",
            )
    kept = (there[entry.endpoint] for entry in current)
    return (
        *(entry for entry in before if entry.endpoint not in there),
        *kept,
        *(entry for entry in after if entry.endpoint not in there),
    )


def _in_place(registry: str, lower: Entry, upper: Entry) -> Entry:
    """An endpoint that is there already: new switches, the same account."""
    if upper.account and lower.account and upper.account != lower.account:
        raise InvalidInput(
            f"{registry} already asks {upper.endpoint!r} with the account {lower.account!r}, "
            f"and {upper.account!r} would replace it",
            at=upper.decided_at,
            mend="To give up that account, replace the whole list with `instead:`.",
        )
    if upper.account:
        return upper
    return replace(upper, account=lower.account, optional=lower.optional)


def _dropped(
    registry: str, current: Sequence[Entry], result: Sequence[Entry], change: RegistryChange
) -> list[Note]:
    if change.instead is None:
        return []
    kept = {entry.account for entry in result}
    return [
        Note(f"`instead` drops the account {entry.account!r} of {registry}", change.at)
        for entry in current
        if entry.account and not entry.optional and entry.account not in kept
    ]


def _merge_cache(lower: Cache | None, upper: Cache | None) -> Cache | None:
    if lower is None or upper is None:
        return upper or lower
    return Cache(
        enabled=lower.enabled if upper.enabled is None else upper.enabled,
        port=lower.port if upper.port is None else upper.port,
        mirrored_registries=(
            lower.mirrored_registries
            if upper.mirrored_registries is None
            else upper.mirrored_registries
        ),
    )
