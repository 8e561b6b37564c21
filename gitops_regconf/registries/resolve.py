"""Merging contributions, lowest first, into what a cluster's nodes shall be told.

Pure functions: the same contributions give the same result, whatever the order
of keys in their files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
        sent = _sent(registries)
        for registry, change in sorted(contribution.registries.items()):
            current = registries.get(registry)
            registries[registry] = _merge(registry, current, change, sent)
            notes += _dropped(registry, current or (), registries[registry], change)
        local = _merge_cache(local, contribution.local_cache)
        management_cluster = _merge_cache(management_cluster, contribution.management_cluster_cache)
    return ResolvedCluster(
        dict(sorted(registries.items())), local, management_cluster, tuple(notes)
    )


def _sent(registries: Mapping[str, tuple[Entry, ...]]) -> dict[str, set[str]]:
    """The accounts of the layers so far, each with its endpoints: nobody above may add others."""
    sent: dict[str, set[str]] = {}
    for entries in registries.values():
        for entry in entries:
            if entry.account and not entry.optional:
                sent.setdefault(entry.account, set()).add(entry.endpoint)
    return sent


def _merge(
    registry: str,
    current: tuple[Entry, ...] | None,
    change: RegistryChange,
    sent: Mapping[str, set[str]],
) -> tuple[Entry, ...]:
    if change.instead is not None:
        return change.instead
    _refuse_leaks((*change.before, *(change.defines or ()), *change.after), sent)
    if current is None:
        return (*change.before, *(change.defines or ()), *change.after)
    if change.defines is not None:
        raise InvalidInput(
            f"{registry} is already defined by a lower layer, and a plain list leaves open "
            "what shall become of it",
            at=change.at,
            mend="Say `before:` or `after:` to add endpoints, or `instead:` to replace them all.",
        )
    return _placed(registry, current, change.before, change.after)


def _refuse_leaks(entries: Iterable[Entry], sent: Mapping[str, set[str]]) -> None:
    for entry in entries:
        endpoints = sent.get(entry.account or "")
        if endpoints and entry.endpoint not in endpoints:
            raise InvalidInput(
                f"the account {entry.account!r} belongs to the platform and would be sent "
                f"to {entry.endpoint!r}",
                at=entry.decided_at,
                mend="Store an account of your own for this endpoint, "
                "or replace the whole list with `instead:`.",
            )


def _placed(
    registry: str,
    current: tuple[Entry, ...],
    before: Sequence[Entry],
    after: Sequence[Entry],
) -> tuple[Entry, ...]:
    there = {entry.endpoint: entry for entry in current}
    for entry in (*before, *after):
        if entry.endpoint in there:
            there[entry.endpoint] = _in_place(registry, there[entry.endpoint], entry)
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
    if lower.account is None:
        return upper
    optional = lower.optional and (upper.optional or upper.account is None)
    return replace(upper, account=lower.account, optional=optional)


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
        at=upper.at,
    )
