"""The layouts of the `sops` block, by the version of sops that wrote it.

Source: stores/stores.go, and stores/metadata.go of 3.13, which sorts.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from gitops_regconf.sops import selector as selectors

if TYPE_CHECKING:
    from gitops_regconf.sops.gotypes import Tree

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

    @classmethod
    def of(cls, block: Tree) -> Layout:
        """The layout of a block as it was read."""
        if any(block.get(kind) == [] for kind in _EMPTY_LISTS):
            return cls.WITH_EMPTY_LISTS
        stanzas = block.get("age")
        if stanzas:  # the only kind of entry whose own order differs
            return cls.FIXED if next(iter(stanzas[0])) == "recipient" else cls.SORTED
        return cls.SORTED if list(block) == sorted(block) else cls.FIXED

    def age_entry(self, recipient: str, enc: str) -> Tree:
        """An entry of the list `age`."""
        if self is Layout.SORTED:
            return {"enc": enc, "recipient": recipient}
        return {"recipient": recipient, "enc": enc}

    def block(self, block: Tree) -> Tree:
        """The fields of `block` in their order."""
        if self is Layout.SORTED:
            return dict(sorted(block.items()))
        if self is Layout.WITH_EMPTY_LISTS:
            block = {kind: [] for kind in _EMPTY_LISTS} | block
        return dict(sorted(block.items(), key=lambda item: _fixed(item[0])))


def _fixed(key: str) -> tuple[int, str]:
    """The rank of a key in the fixed order; unknown ones come last."""
    return (_FIXED_ORDER.index(key) if key in _FIXED_ORDER else len(_FIXED_ORDER), key)
