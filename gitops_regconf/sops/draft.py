"""Encrypting a tree, on its own or as the next version of a file.

In two steps, because a clear value may have to hold a digest of the
ciphertext: a `Draft` has every leaf encrypted, `seal` computes the MAC.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops import selector as selectors
from gitops_regconf.sops.encrypter import Encrypter, stanzas_for
from gitops_regconf.sops.errors import Unsupported
from gitops_regconf.sops.file import SopsFile, parse
from gitops_regconf.sops.gotypes import Tree, Value, as_read, to_bytes
from gitops_regconf.sops.identities import Identities
from gitops_regconf.sops.metadata import SOPS_KEY, VERSION, Metadata, Stanza
from gitops_regconf.sops.opening import Opened, open_file
from gitops_regconf.sops.tree import Path, mac_of, map_leaves, same
from gitops_regconf.sops.values import KEY_BYTES, encrypt_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gitops_regconf.sops.selector import Selector


@dataclass(frozen=True)
class Draft:
    """A file whose leaves are encrypted and whose MAC is not yet computed.

    `tree` and `comments` stand as they will in the file; `stanzas` are the
    recipients with the wrapped data key.
    """

    tree: Tree
    comments: tuple[str, ...]
    selector: Selector
    stanzas: tuple[Stanza, ...]
    mac_only_encrypted: bool
    _plain: Tree = field(repr=False)
    _data_key: bytes = field(repr=False)
    _previous: Opened | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls,
        tree: Tree,
        *,
        recipients: Sequence[str],
        selector: Selector | None = None,
        comments: Iterable[str] = (),
        previous: Opened | SopsFile | str | None = None,
        identities: Identities | None = None,
        mac_only_encrypted: bool | None = None,
    ) -> Draft:
        """Encrypt the leaves of `tree` that `selector` covers, for `recipients` in their order.

        Without `selector` and `mac_only_encrypted` those of `previous` hold,
        else sops' own defaults. With `previous`, an existing file that
        `identities` open, the data key, unchanged leaves and the wrapped keys
        of recipients that stay are kept; a recipient that is gone makes a new
        data key, and everything is encrypted anew. Comments inside the
        previous file are not carried over: the result holds `tree` and
        `comments`.

        Raises InvalidInput for data or recipients that cannot be written, and
        what `opening.decrypt` raises where `previous` cannot be opened.
        """
        before = _opened(previous, identities)
        metadata = before.file.metadata if before else None
        selector = selector or (metadata.selector if metadata else selectors.DEFAULT)
        _check(tree, selector)
        wanted = tuple(dict.fromkeys(recipients))
        kept_key = before is not None and set(before.file.metadata.ages) <= set(wanted)
        if metadata and metadata.other_kinds and not kept_key:
            raise _cannot_wrap(before)
        key = before.data_key if before and kept_key else os.urandom(KEY_BYTES)
        stanzas = stanzas_for(wanted, key, metadata.recipients if metadata and kept_key else ())
        encrypter = Encrypter(key, before.leaves if before and kept_key else ())
        if mac_only_encrypted is None:
            mac_only_encrypted = metadata.mac_only_encrypted if metadata else False
        return cls(
            tree=map_leaves(tree, selector, covered=encrypter.covered, clear=_clear),
            comments=encrypter.comments(comments, selector),
            selector=selector,
            stanzas=stanzas,
            mac_only_encrypted=mac_only_encrypted,
            _plain=map_leaves(tree, selector, covered=_itself, clear=_clear),
            _data_key=key,
            _previous=before,
        )

    def with_clear(self, path: Path, value: Value) -> Draft:
        """A draft with the clear `value` at `path`, in its place or as the last key there.

        Raises InvalidInput where the selector covers the path, or leads through a leaf.
        """
        if self.selector.covers(path):
            raise InvalidInput(f"{'.'.join(path)} is encrypted by the rule {self.selector.value!r}")
        value = _clear(value, path)
        return replace(
            self, tree=_with(self.tree, path, value), _plain=_with(self._plain, path, value)
        )

    def seal(self, now: datetime | None = None) -> SopsFile:
        """The finished file. `now` (default: the current moment) becomes `lastmodified`.

        The previous file itself where nothing changed; where only recipients
        or comments did, MAC and `lastmodified` stay, as with `sops updatekeys`.
        """
        before = self._previous
        old = before.file if before else None
        unchanged = before is not None and self._same_values(before)
        if old and unchanged:
            metadata = replace(old.metadata, recipients=self.stanzas)
            if metadata == old.metadata and self.comments == old.comments:
                return old
        else:
            metadata = self._sealed(now, old.metadata if old else None)
        return SopsFile(old.path if old else "<new>", self.comments, self.tree, metadata)

    def _same_values(self, before: Opened) -> bool:
        metadata = before.file.metadata
        return (
            self._data_key == before.data_key
            and self.selector == metadata.selector
            and self.mac_only_encrypted == metadata.mac_only_encrypted
            and same(self._plain, before.decrypted.tree)
        )

    def _sealed(self, now: datetime | None, old: Metadata | None) -> Metadata:
        moment = (now or datetime.now(UTC)).astimezone(UTC)
        metadata = Metadata(
            recipients=self.stanzas,
            lastmodified=moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            mac="",
            selector=self.selector,
            mac_only_encrypted=self.mac_only_encrypted,
            version=old.version if old else VERSION,
            other=old.other if old else {},
        )
        mac = mac_of(self._plain, self.selector, only_encrypted=self.mac_only_encrypted)
        return replace(metadata, mac=encrypt_value(mac, self._data_key, metadata.mac_aad))


def _clear(value: Value, _path: Path) -> Value:
    to_bytes(value)  # raises for what a SOPS file cannot hold
    return as_read(value) if isinstance(value, float) else value


def _itself(value: Value, _path: Path) -> Value:
    return value


def _opened(
    previous: Opened | SopsFile | str | None, identities: Identities | None
) -> Opened | None:
    if previous is None or isinstance(previous, Opened):
        return previous
    file = parse(previous) if isinstance(previous, str) else previous
    return open_file(file, identities if identities is not None else Identities())


def _check(tree: Tree, selector: Selector) -> None:
    if SOPS_KEY in tree:
        raise InvalidInput(f"the key {SOPS_KEY!r} is reserved for the metadata of a SOPS file")
    if selector.by_comment:
        raise Unsupported(f"files with {selector.kind} can be read, but not written yet")


def _cannot_wrap(before: Opened | None) -> Unsupported:
    kinds = ", ".join(before.file.metadata.other_kinds) if before else ""
    return Unsupported(
        f"a recipient is removed, and a new data key cannot be encrypted for {kinds} here",
        at=before.file.at() if before else None,
        mend="Use 'sops updatekeys' and 'sops rotate'.",
    )


def _with(tree: Any, path: Path, value: Value) -> Any:
    if not path:
        return value
    if not isinstance(tree, dict):
        raise InvalidInput("the path of a clear value leads through something that is no mapping")
    return {**tree, path[0]: _with(tree.get(path[0], {}), path[1:], value)}
