"""Encrypting a tree, on its own or as the next version of a file.

In two steps, because a clear value may have to hold a digest of the
ciphertext: a `Draft` has every leaf encrypted, `seal` computes the MAC.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops import selector as selectors
from gitops_regconf.sops.draft_checks import all_stay, check_comments, check_trees
from gitops_regconf.sops.encrypter import Encrypter
from gitops_regconf.sops.file import SopsFile, parse
from gitops_regconf.sops.gotypes import Comment, Tree, Value, as_read, to_bytes
from gitops_regconf.sops.identities import Identities
from gitops_regconf.sops.layout import Layout
from gitops_regconf.sops.metadata import SOPS_KEY, VERSION, Metadata, wrapped_keys
from gitops_regconf.sops.opening import Opened, open_file
from gitops_regconf.sops.recipients import KeyGroups
from gitops_regconf.sops.tree import Path, mac_of, map_leaves, same
from gitops_regconf.sops.values import KEY_BYTES, encrypt_value
from gitops_regconf.sops.wrapping import Wrapped, wrapped

if TYPE_CHECKING:
    from gitops_regconf.sops.selector import Selector


@dataclass(frozen=True)
class Draft:
    """A file whose leaves are encrypted and whose MAC is not yet computed.

    `trees` stand as they will in the file.
    """

    trees: tuple[Tree, ...]
    selector: Selector
    mac_only_encrypted: bool
    _wrapped: Wrapped
    _plain: tuple[Tree, ...] = field(repr=False)
    _data_key: bytes = field(repr=False)
    _previous: Opened | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls,
        tree: Tree | Sequence[Tree],
        *,
        recipients: Sequence[str] | KeyGroups,
        selector: Selector | None = None,
        previous: Opened | SopsFile | str | None = None,
        identities: Identities | Iterable[str] = (),
        mac_only_encrypted: bool | None = None,
        new_data_key: bool = False,
    ) -> Draft:
        """Encrypt the leaves of `tree` that `selector` covers, for `recipients` in their order.

        `tree` is a list for a file of several documents. Without `selector`
        and `mac_only_encrypted` those of `previous` hold, else sops' own
        defaults. With `previous`, an existing file that `identities` open, the
        data key, unchanged leaves, the wrapped keys of recipients that stay
        and the layout are kept; a recipient that is gone makes a new data key,
        and everything is encrypted anew, as does `new_data_key`. Comments are
        those that `tree` carries.

        Raises InvalidInput for data or recipients that cannot be written,
        Unsupported where a new data key cannot be wrapped for a kind of key
        that the previous file has, CannotCheck where the sops command line is
        needed for a recipient and cannot be had, and what `opening.decrypt`
        raises where `previous` cannot be opened.
        """
        before = _opened(previous, identities)
        metadata = before.file.metadata if before else None
        selector = selector or (metadata.selector if metadata else selectors.DEFAULT)
        if isinstance(recipients, str):
            recipients = (recipients,)
        wanted = recipients if isinstance(recipients, KeyGroups) else KeyGroups.of(*recipients)
        trees = (tree,) if isinstance(tree, dict) else tuple(tree)
        check_trees(trees, before.file if before else None)
        if before and selector.by_comment and selector == before.file.metadata.selector:
            check_comments(before.decrypted.trees, trees, selector)
        stay = before is not None and all_stay(before.file, wanted) and not new_data_key
        kept = before if stay else None
        key = kept.data_key if kept else os.urandom(KEY_BYTES)
        encrypter = Encrypter(key, selector, kept.leaves if kept else ())
        if mac_only_encrypted is None:
            mac_only_encrypted = metadata.mac_only_encrypted if metadata else False

        def encrypted(one: Tree) -> Tree:
            return map_leaves(one, selector, covered=encrypter.covered, clear=_clear)

        def plain(one: Tree) -> Tree:
            return map_leaves(one, selector, covered=_itself, clear=_clear)

        return cls(
            trees=tuple(map(encrypted, trees)),
            selector=selector,
            mac_only_encrypted=mac_only_encrypted,
            _wrapped=wrapped(key, wanted, metadata if kept else None),
            _plain=tuple(map(plain, trees)),
            _data_key=key,
            _previous=before,
        )

    @property
    def tree(self) -> Any:
        """The tree of the document; a list of them where there are several."""
        return self.trees[0] if len(self.trees) == 1 else list(self.trees)

    @property
    def wrapped_keys(self) -> dict[str, Any]:
        """The wrapped data key, by kind and recipient, as it will stand in the file."""
        return wrapped_keys(self._wrapped.stanzas, self._wrapped.other)

    def with_clear(self, path: Path, value: Value) -> Draft:
        """A draft with the clear `value` at `path` of the only document, in its place or last.

        Raises InvalidInput where the selector covers the path, or may do so by
        comments, where the path leads through a leaf, and where a mapping or
        list stands there.
        """
        if self.selector.by_comment or self.selector.covers(path):
            raise InvalidInput(f"{'.'.join(path)} may be encrypted by {self.selector}")
        if len(self.trees) != 1 or not path or path[0] == SOPS_KEY or isinstance(value, Comment):
            raise InvalidInput("a clear value needs a path in the only document of a file")
        value = _clear(value, path)
        (tree,), (plain,) = self.trees, self._plain
        return replace(self, trees=(_with(tree, path, value),), _plain=(_with(plain, path, value),))

    def seal(self, now: datetime | None = None) -> SopsFile:
        """The finished file. `now` (default: the current moment) becomes `lastmodified`.

        The previous file itself where nothing changed; where only recipients
        did, MAC and `lastmodified` stay, as with `sops updatekeys`, and only
        the lines of the `sops` block differ.
        """
        before = self._previous
        old = before.file if before else None
        if before and old and self._same_values(before):
            metadata = replace(
                old.metadata, recipients=self._wrapped.stanzas, other=self._wrapped.other
            )
            return old if metadata == old.metadata else old.with_metadata(metadata)
        metadata = self._sealed(now, old.metadata if old else None)
        form = old.form if old else None
        return SopsFile(old.path if old else "<new>", self.trees, metadata, known_form=form)

    def _same_values(self, before: Opened) -> bool:
        metadata = before.file.metadata
        return (
            self._data_key == before.data_key
            and self.selector == metadata.selector
            and self.mac_only_encrypted == metadata.mac_only_encrypted
            and len(self._plain) == len(before.decrypted.trees)
            and all(map(same, self._plain, before.decrypted.trees))
        )

    def _sealed(self, now: datetime | None, old: Metadata | None) -> Metadata:
        moment = (now or datetime.now(UTC)).astimezone(UTC)
        metadata = Metadata(
            recipients=self._wrapped.stanzas,
            lastmodified=moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            mac="",
            selector=self.selector,
            mac_only_encrypted=self.mac_only_encrypted,
            version=old.version if old else VERSION,
            other=self._wrapped.other,
            layout=old.layout if old else Layout.SORTED,
        )
        mac = mac_of(self._plain, self.selector, only_encrypted=self.mac_only_encrypted)
        return replace(metadata, mac=encrypt_value(mac, self._data_key, metadata.mac_aad))


def _clear(value: Value, _path: Path) -> Value:
    if not isinstance(value, Comment):
        to_bytes(value)  # raises for what a SOPS file cannot hold
    return as_read(value) if isinstance(value, float) else value


def _itself(value: Value, _path: Path) -> Value:
    return value


def _opened(
    previous: Opened | SopsFile | str | None, identities: Identities | Iterable[str]
) -> Opened | None:
    if previous is None or isinstance(previous, Opened):
        return previous
    file = parse(previous) if isinstance(previous, str) else previous
    return open_file(file, Identities.of_any(identities))


def _with(tree: Any, path: Path, value: Value) -> Any:
    if not path:
        if isinstance(tree, (dict, list)) and tree:
            raise InvalidInput("a clear value cannot replace a mapping or a list")
        return value
    if not isinstance(tree, dict):
        raise InvalidInput("the path of a clear value leads through something that is no mapping")
    changed = copy.copy(tree)
    changed[path[0]] = _with(tree.get(path[0], {}), path[1:], value)
    return changed
