"""The `sops` block of a file: who can open it, what is encrypted, the MAC.

Written again in the layout that it had; new files get that of sops 3.13.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from gitops_regconf.sops import selector as selectors
from gitops_regconf.sops.age import Stanza
from gitops_regconf.sops.errors import Malformed
from gitops_regconf.sops.layout import Layout
from gitops_regconf.sops.recipients import KeyGroups, of_block
from gitops_regconf.sops.selector import Selector

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gitops_regconf.sops.gotypes import Tree

SOPS_KEY: Final = "sops"
VERSION: Final = "3.13.3"  # the sops whose layout is written; named by new files

_RFC3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:[.,][0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})"
)
# What holds wrapped data keys, besides age.
_KEYS: Final = (
    *("pgp", "kms", "gcp_kms", "hckms", "azure_kv", "hc_vault"),
    *("key_groups", "shamir_threshold"),
)


def wrapped_keys(stanzas: Iterable[Stanza], other: Mapping[str, Any]) -> dict[str, Any]:
    """The data key as it is wrapped in a block with these parts, in no order that counts."""
    return {"age": {one.recipient: one.enc for one in stanzas}} | dict(other)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the `sops` block says. `other` holds every key not known here, as it stands."""

    recipients: tuple[Stanza, ...]
    lastmodified: str
    mac: str = field(repr=False)
    selector: Selector = selectors.DEFAULT
    mac_only_encrypted: bool = False
    version: str = VERSION
    other: Mapping[str, Any] = field(default_factory=dict, repr=False)
    layout: Layout = field(default=Layout.SORTED, compare=False)

    @property
    def ages(self) -> tuple[str, ...]:
        """The age recipients, in the order of the file."""
        return tuple(stanza.recipient for stanza in self.recipients)

    @property
    def groups(self) -> KeyGroups:
        """Everyone who can open the file. Raises Malformed where an entry lacks what it needs."""
        if not self.other and self.recipients:
            return KeyGroups((self.ages,))
        return of_block(self.keys_block())

    @property
    def names(self) -> tuple[str, ...]:
        """All recipients, of all key groups. Raises as `groups` does."""
        return tuple(name for group in self.groups.groups for name in group)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Fields that are not known here."""
        return tuple(name for name in self.other if name not in _KEYS)

    @property
    def unknown_kinds(self) -> tuple[str, ...]:
        """Fields that seem to be of kinds of keys that are not known here: lists of mappings."""
        return tuple(
            name
            for name in self.unknown
            if isinstance(self.other[name], list)
            and any(isinstance(entry, dict) for entry in self.other[name])
        )

    @property
    def wrapped_keys(self) -> dict[str, Any]:
        """The wrapped data key, by kind and recipient."""
        return wrapped_keys(self.recipients, self.other)

    def keys_block(self) -> Tree:
        """The part of the block that holds the wrapped data key."""
        block: Tree = {key: self.other[key] for key in _KEYS if key in self.other}
        if self.recipients:
            block["age"] = [
                self.layout.age_entry(one.recipient, one.enc) for one in self.recipients
            ]
        return block

    @property
    def mac_aad(self) -> str:
        """The additional data of the MAC: `lastmodified` as Go prints it, in whole seconds."""
        found = _RFC3339.fullmatch(self.lastmodified)
        if not found:
            raise Malformed("'lastmodified' is not a moment as RFC 3339 writes it")
        return found[1] + ("Z" if found[2][1:] in ("", "00:00") else found[2])

    def to_tree(self) -> Tree:
        """The block as the sops of its layout writes it."""
        block: Tree = {
            **self.other,
            **self.keys_block(),
            "lastmodified": self.lastmodified,
            "mac": self.mac,
            self.selector.kind: self.selector.value,
            "version": self.version,
        }
        if self.mac_only_encrypted:
            block["mac_only_encrypted"] = True
        return self.layout.block(block)
