"""Walking the data of a file: paths, what is encrypted, and the MAC.

A tree is plain data (`dict` with string keys, `list`, and the scalars of
`gotypes`) in document order, which the MAC depends on. Source: sops.go,
`walkBranch`, `walkSlice`, `Encrypt` and `Decrypt`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops.gotypes import Value, to_bytes

if TYPE_CHECKING:
    from gitops_regconf.sops.gotypes import Tree
    from gitops_regconf.sops.selector import Selector

Path = tuple[str, ...]
OnLeaf = Callable[[Value, Path], Any]

# sha256(b"sops"): keeps a MAC over encrypted values apart from one over all.
MAC_ONLY_ENCRYPTED: Final = bytes.fromhex(
    "8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69"
)


class _Drop:
    """The mark of a leaf to leave out."""


DROP: Final = _Drop()


def aad(path: Path) -> str:
    """The additional data of a value: its keys, without list indices; `()` for a top comment."""
    return ":".join(path) + ":"


def map_leaves(tree: Tree, selector: Selector, *, covered: OnLeaf, clear: OnLeaf) -> Tree:
    """A copy of `tree` with every leaf replaced by what `covered` or `clear` returns for it.

    `covered` gets the leaves that `selector` encrypts, `clear` the others, in
    document order. `None` and empty collections stay as they are and are not
    passed on: sops neither encrypts nor hashes them. An item of a list is left
    out for `DROP`. Raises InvalidInput for a key that is not a string.
    """
    matched, unmatched = (covered, clear) if selector.by_match else (clear, covered)

    def walk(node: Any, path: Path, on_leaf: OnLeaf) -> Any:
        if isinstance(node, dict):
            below = {}
            for key, value in node.items():
                if not isinstance(key, str):
                    raise InvalidInput("a SOPS file can only have keys that are strings")
                hit = on_leaf is matched or selector.matches(key)
                below[key] = walk(value, (*path, key), matched if hit else on_leaf)
            return below
        if isinstance(node, list):
            items = [walk(item, path, on_leaf) for item in node]
            return [item for item in items if item is not DROP]
        return None if node is None else on_leaf(node, path)

    walked: Tree = walk(tree, (), unmatched)
    return walked


class Mac:
    """The message authentication code: SHA-512 over the plaintext of the leaves in order."""

    def __init__(self, *, only_encrypted: bool) -> None:
        self._only_encrypted = only_encrypted
        self._hash = hashlib.sha512(MAC_ONLY_ENCRYPTED if only_encrypted else b"")

    def covered(self, value: Value) -> None:
        """Take in the plaintext of an encrypted leaf."""
        self._hash.update(to_bytes(value)[1])

    def clear(self, value: Value) -> None:
        """Take in a clear leaf, unless only encrypted ones count."""
        if not self._only_encrypted:
            self._hash.update(to_bytes(value)[1])

    def text(self) -> str:
        """The digest as sops encrypts it: upper-case hexadecimal."""
        return self._hash.hexdigest().upper()


def mac_of(tree: Tree, selector: Selector, *, only_encrypted: bool) -> str:
    """The MAC of a tree of plaintext."""
    mac = Mac(only_encrypted=only_encrypted)
    map_leaves(
        tree,
        selector,
        covered=lambda value, _path: mac.covered(value),
        clear=lambda value, _path: mac.clear(value),
    )
    return mac.text()


def same(one: Any, other: Any) -> bool:
    """Whether two trees are equal for sops: types and key order count, `1` is not `True`."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one is None or to_bytes(one) == to_bytes(other)
