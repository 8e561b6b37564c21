"""The `sops` block of a file: who can open it, what is encrypted, the MAC.

Read in every layout, and written again in the one that it had; new files get
that of sops 3.13. Source: stores/stores.go, and stores/metadata.go of 3.13.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from gitops_regconf.sops import selector as selectors
from gitops_regconf.sops.age import Stanza
from gitops_regconf.sops.errors import Malformed
from gitops_regconf.sops.recipients import KeyGroups, of_block
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
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?")
_KEYS: Final = (*OTHER_KEYS, "shamir_threshold")
_KNOWN = frozenset(
    ("age", "lastmodified", "mac", "mac_only_encrypted", "version", *selectors.KINDS)
)
# The order of the fields up to sops 3.12; hckms is there since 3.12.
_FIXED_ORDER: Final = (
    "shamir_threshold",
    "key_groups",
    "kms",
    "gcp_kms",
    "hckms",
    "azure_kv",
    "hc_vault",
    "age",
    "lastmodified",
    "mac",
    "pgp",
    *selectors.KINDS,
    "mac_only_encrypted",
    "version",
)
_EMPTY_LISTS: Final = ("kms", "gcp_kms", "azure_kv", "hc_vault", "age", "pgp")


class Layout(Enum):
    """How a sops writes the block."""

    WITH_EMPTY_LISTS = "3.7 to 3.9: a fixed order, with a list for every kind of key"
    FIXED = "3.10 to 3.12: a fixed order"
    SORTED = "3.13: sorted"


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

    def keys_block(self) -> Tree:
        """The part of the block that holds the wrapped data key."""
        block: Tree = {key: self.other[key] for key in _KEYS if key in self.other}
        if self.recipients:
            block["age"] = [self._stanza(one) for one in self.recipients]
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
        if self.layout is Layout.SORTED:
            return dict(sorted(block.items()))
        if self.layout is Layout.WITH_EMPTY_LISTS:
            block = {kind: [] for kind in _EMPTY_LISTS} | block
        return dict(sorted(block.items(), key=lambda item: _fixed(item[0])))

    def _stanza(self, one: Stanza) -> Tree:
        if self.layout is Layout.SORTED:
            return {"enc": one.enc, "recipient": one.recipient}
        return {"recipient": one.recipient, "enc": one.enc}


def _fixed(key: str) -> tuple[int, str]:
    """The rank of a key in the fixed order; unknown ones come last."""
    return (_FIXED_ORDER.index(key) if key in _FIXED_ORDER else len(_FIXED_ORDER), key)


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
        version=_version(block),
        other={key: value for key, value in block.items() if key not in _KNOWN and value != []},
        layout=_layout(block),
    )
    _ = metadata.mac_aad, metadata.groups  # raise where they are none
    return metadata


def _layout(block: Tree) -> Layout:
    if any(block.get(kind) == [] for kind in _EMPTY_LISTS):
        return Layout.WITH_EMPTY_LISTS
    stanzas = block.get("age")
    if stanzas:  # the only kind of entry whose own order differs
        return Layout.FIXED if next(iter(stanzas[0])) == "recipient" else Layout.SORTED
    return Layout.SORTED if list(block) == sorted(block) else Layout.FIXED


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
    if not isinstance(value, str) or not value:
        raise Malformed(f"'{key}' is missing in the metadata or not text")
    return str(value)


def _version(block: Tree) -> str:
    version = _text(block, "version")
    if _VERSION.fullmatch(version):
        return version
    raise Malformed("'version' is not that of a sops, such as 3.13.3: sops opens no such file")


def _flag(value: Any) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    if value in ("true", "false"):
        return bool(value == "true")
    raise Malformed("'sops.mac_only_encrypted' must be true or false")
