"""Registries, endpoints and caches as data.

An *entry* is one item of the charts' interface with the name of an account in
place of the credentials; a *contribution* is what one place (a profile, a
layer, an MC, a WC) says about registries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gitops_regconf.source.position import Position

FLAGS = ("insecure", "overridePath", "skipVerify")
CREDENTIAL_KEYS = ("username", "password", "auth", "identitytoken")
# Charts write one complete kind, and nothing for any other set of keys.
COMPLETE_CREDENTIALS = (
    frozenset({"username", "password"}),
    frozenset({"auth"}),
    frozenset({"identitytoken"}),
)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Where one field of an account's credentials goes; the credential itself is never here."""

    account: str
    field: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One endpoint that is contacted for a registry.

    `flags` holds those of the interface's switches (`insecure`,
    `overridePath`, `skipVerify`) that are set. `optional` means: without
    credentials, where the MC has no such account.
    """

    endpoint: str
    account: str | None = None
    optional: bool = False
    flags: tuple[tuple[str, bool], ...] = ()
    decided_at: Position = field(default=Position(""), compare=False)


@dataclass(frozen=True, slots=True)
class RegistryChange:
    """What one contribution says about one registry.

    Either `defines` it (a plain list), or puts entries `before` and `after`
    those of lower layers, or replaces them (`instead`).
    """

    at: Position = field(compare=False)
    defines: tuple[Entry, ...] | None = None
    before: tuple[Entry, ...] = ()
    after: tuple[Entry, ...] = ()
    instead: tuple[Entry, ...] | None = None


@dataclass(frozen=True, slots=True)
class Cache:
    """Settings of a pull-through cache as the charts know them; None leaves a field as it is.

    Used for both the cache on each node (`localRegistryCache`) and the one of
    the MC (`managementClusterRegistryCache`, which has no port).
    """

    enabled: bool | None = None
    port: int | None = None
    mirrored_registries: tuple[str, ...] | None = None
    at: Position = field(default=Position(""), compare=False)


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one place contributes; `name` says which place in a message."""

    name: str
    registries: Mapping[str, RegistryChange] = field(default_factory=dict)
    local_cache: Cache | None = None
    management_cluster_cache: Cache | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a resolution did and that its reader should know."""

    message: str
    at: Position


@dataclass(frozen=True, slots=True)
class ResolvedCluster:
    """What the nodes of a cluster shall be told, before any chart's own defaults."""

    registries: Mapping[str, tuple[Entry, ...]]
    local_cache: Cache | None = None
    management_cluster_cache: Cache | None = None
    notes: tuple[Note, ...] = field(default=(), compare=False)

    def accounts(self) -> dict[str, Entry]:
        """The accounts in use, each with the first entry that uses it."""
        used: dict[str, Entry] = {}
        for entries in self.registries.values():
            for entry in entries:
                if entry.account and (entry.account not in used or not entry.optional):
                    used[entry.account] = entry
        return used
