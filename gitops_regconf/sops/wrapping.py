"""The data key of a file, wrapped for everyone who is to open it.

age X25519 recipients are wrapped here; all other kinds, and key groups, by the
sops command line. What is wrapped already stays as it is.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops.age import Stanza, wrap
from gitops_regconf.sops.command import SopsCommand
from gitops_regconf.sops.key_text import without_version
from gitops_regconf.sops.recipients import (
    FILE_KINDS,
    KeyGroups,
    check_recipient,
    from_entry,
    is_native,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitops_regconf.sops.metadata import Metadata


@dataclass(frozen=True)
class Wrapped:
    """The part of a `sops` block that opens the file: age stanzas, and all else as it stands."""

    stanzas: tuple[Stanza, ...]
    other: Mapping[str, Any] = field(default_factory=dict, repr=False)


def wrapped(key: bytes, wanted: KeyGroups, before: Metadata | None) -> Wrapped:
    """The data key for exactly the recipients `wanted`, in their order.

    `before` is metadata that wraps the same key, if there is any. Fields of
    kinds not known here are kept. Raises InvalidInput for a recipient that is
    none, and what `SopsCommand.wrap` raises for those that only sops knows.
    """
    if not any(wanted.groups):
        raise InvalidInput("a SOPS file needs at least one recipient")
    unknown = {name: before.other[name] for name in before.unknown} if before else {}
    if len(wanted.groups) > 1:
        if before and wanted.met_by(before.groups):
            return Wrapped(before.recipients, before.other)
        return Wrapped((), {**_by_sops(key, wanted), **unknown})
    names = tuple(dict.fromkeys(wanted.groups[0]))
    have = _entries(before.keys_block()) if before else {}
    missing = [name for name in names if name not in have]
    for name in missing:
        check_recipient(name)
    have |= {name: _native(key, name) for name in missing if is_native(name)}
    foreign = tuple(name for name in missing if not is_native(name))
    if foreign:
        have |= _entries(_by_sops(key, KeyGroups((foreign,))))
    return _wrapped(names, have, unknown)


def selected(metadata: Metadata, names: tuple[str, ...]) -> Wrapped:
    """Of what `metadata` wraps for one group, the part for these recipients, in this order."""
    have = _entries(metadata.keys_block())
    return _wrapped(tuple(name for name in names if name in have), have, {})


def _wrapped(
    names: tuple[str, ...], have: Mapping[str, tuple[str, Any]], unknown: Mapping[str, Any]
) -> Wrapped:
    lists: dict[str, list[Any]] = {}
    for name in names:
        kind, entry = have[name]
        lists.setdefault(kind, []).append(entry)
    stanzas = tuple(Stanza(one["recipient"], one["enc"]) for one in lists.pop("age", []))
    return Wrapped(stanzas, {**lists, **unknown})


def _entries(block: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
    """The entries of a block with one group: kind and entry, by the name of the recipient.

    A key of Azure is also there by its name without a version.
    """
    named = {
        from_entry(kind, entry): (kind, entry)
        for kind in FILE_KINDS
        for entry in block.get(kind) or ()
    }
    return {without_version(name): entry for name, entry in named.items()} | named


def _native(key: bytes, recipient: str) -> tuple[str, Any]:
    stanza = wrap(key, recipient)
    return "age", {"recipient": stanza.recipient, "enc": stanza.enc}


def _by_sops(key: bytes, groups: KeyGroups) -> dict[str, Any]:
    return SopsCommand.find(os.environ).wrap(key, groups)
