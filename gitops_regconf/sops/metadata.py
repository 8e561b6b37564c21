"""The `sops` block of a file: who can open it, what is encrypted, the MAC.

Read in both layouts (sops 3.7 to 3.12 write a fixed order, up to 3.9 with
empty lists; 3.13 sorts) and written as 3.13 does. Source: stores/stores.go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from gitops_regconf.sops import selector as selectors
from gitops_regconf.sops.errors import Malformed
from gitops_regconf.sops.selector import Selector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitops_regconf.sops.gotypes import Tree

SOPS_KEY: Final = "sops"
VERSION: Final = "3.13.3"  # the sops whose layout is written; named by new files
OTHER_KEYS: Final = ("pgp", "kms", "gcp_kms", "hckms", "azure_kv", "hc_vault", "key_groups")

_RFC3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:[.,][0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})"
)
_KNOWN = frozenset(
    ("age", "lastmodified", "mac", "mac_only_encrypted", "version", *selectors.KINDS)
)


@dataclass(frozen=True, slots=True)
class Stanza:
    """The data key, wrapped for one age recipient: `enc` is an armored age file."""

    recipient: str
    enc: str = field(repr=False)


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

    @property
    def ages(self) -> tuple[str, ...]:
        """The age recipients, in the order of the file."""
        return tuple(stanza.recipient for stanza in self.recipients)

    @property
    def other_kinds(self) -> tuple[str, ...]:
        """Kinds of keys that the file has besides age, such as `pgp`."""
        return tuple(kind for kind in OTHER_KEYS if self.other.get(kind))

    @property
    def mac_aad(self) -> str:
        """The additional data of the MAC: `lastmodified` as Go prints it, in whole seconds."""
        found = _RFC3339.fullmatch(self.lastmodified)
        if not found:
            raise Malformed("'lastmodified' is not a moment as RFC 3339 writes it")
        return found[1] + ("Z" if found[2][1:] in ("", "00:00") else found[2])

    def to_tree(self) -> Tree:
        """The block as sops 3.13 writes it: sorted keys, nothing that is empty."""
        stanzas = [{"enc": one.enc, "recipient": one.recipient} for one in self.recipients]
        block: Tree = {
            **self.other,
            "lastmodified": self.lastmodified,
            "mac": self.mac,
            self.selector.kind: self.selector.value,
            "version": self.version,
        }
        if stanzas:
            block["age"] = stanzas
        if self.mac_only_encrypted:
            block["mac_only_encrypted"] = True
        return dict(sorted(block.items()))


def read_metadata(block: Any) -> Metadata:
    """The metadata in the plain data of a `sops` block.

    Raises Malformed, without a position; its message names the key.
    """
    if not isinstance(block, dict):
        raise Malformed("'sops' must be a mapping")
    metadata = Metadata(
        recipients=_stanzas(block.get("age")),
        lastmodified=_text(block, "lastmodified"),
        mac=_text(block, "mac"),
        selector=_selector(block),
        mac_only_encrypted=_flag(block.get("mac_only_encrypted")),
        version=_text(block, "version"),
        other={key: value for key, value in block.items() if key not in _KNOWN and value != []},
    )
    _ = metadata.mac_aad  # raises where the moment is none
    return metadata


def _stanzas(entries: Any) -> tuple[Stanza, ...]:
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise Malformed("'sops.age' must be a list")
    stanzas = []
    for entry in entries:
        if not isinstance(entry, dict):
            raise Malformed("an entry of 'sops.age' must be a mapping")
        stanzas.append(Stanza(_text(entry, "recipient"), _text(entry, "enc")))
    return tuple(stanzas)


def _selector(block: Tree) -> Selector:
    found = [(kind, block[kind]) for kind in selectors.KINDS if block.get(kind)]
    if len(found) > 1:
        names = " and ".join(kind for kind, _ in found)
        raise Malformed(f"'sops' has {names}, and only one selector may decide")
    if not found:
        return selectors.DEFAULT
    kind, value = found[0]
    if not isinstance(value, str):
        raise Malformed(f"'sops.{kind}' must be text")
    return Selector(kind, value)


def _text(block: Tree, key: str) -> str:
    value = block.get(key)
    if isinstance(value, (int, float)) and key == "version" and not isinstance(value, bool):
        return str(value)  # `version: 3.7` without quotes
    if not isinstance(value, str) or not value:
        raise Malformed(f"'{key}' is missing in the metadata or not text")
    return str(value)


def _flag(value: Any) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    if value in ("true", "false"):
        return bool(value == "true")
    raise Malformed("'sops.mac_only_encrypted' must be true or false")
