"""Decrypting a file: the data key, every leaf, and always the MAC."""

from __future__ import annotations

import contextlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops.errors import MacMismatch, Malformed
from gitops_regconf.sops.file import SopsFile, parse
from gitops_regconf.sops.gotypes import Comment, Tree, Value
from gitops_regconf.sops.identities import Identities
from gitops_regconf.sops.tree import Mac, Path, aad, map_leaves
from gitops_regconf.sops.values import KEY_BYTES, decrypt_value, is_ciphertext

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitops_regconf.sops.metadata import Metadata

_PAST_SOPS = (
    "It was edited, moved or merged past sops. Restore the version from Git in which it was "
    "right, and change it with 'sops edit' or 'sops set'."
)


@dataclass(frozen=True)
class Decrypted:
    """What a file holds, in plaintext, with the metadata it had; `trees` are its documents."""

    trees: tuple[Tree, ...] = field(repr=False)
    metadata: Metadata

    @property
    def tree(self) -> Any:
        """The data of the document; a list of them where there are several.

        Plain dicts and lists, which carry their comments (`comments.CommentedDict`).
        """
        return self.trees[0] if len(self.trees) == 1 else list(self.trees)


@dataclass(frozen=True)
class Opened:
    """A decrypted file with what writing it again needs.

    `leaves` has path, plaintext and ciphertext of every encrypted leaf and
    comment, in document order.
    """

    file: SopsFile
    decrypted: Decrypted
    data_key: bytes = field(repr=False)
    leaves: tuple[tuple[Path, Value, str], ...] = field(repr=False)


def decrypt(
    text: str, *, identities: Identities | Iterable[str], path: str = "<text>"
) -> Decrypted:
    """The plaintext of a SOPS file.

    `identities` come from `find_identities`, or are private keys as text.
    `path` only names the file in errors. Raises WrongKey where no identity
    opens it, MacMismatch where it was changed past sops, Malformed, and
    CannotCheck where the sops command line is needed and cannot be had.
    """
    return open_file(parse(text, path), Identities.of_any(identities)).decrypted


def open_file(file: SopsFile, identities: Identities) -> Opened:
    """A parsed file decrypted and its MAC verified. Raises as `decrypt` does."""
    key = identities.data_key(file.metadata, file.at())
    if len(key) != KEY_BYTES:
        raise Malformed(f"the data key has not {KEY_BYTES} bytes", at=file.at())
    opening = _Opening(file, key)
    trees = tuple(map(opening.decrypted, range(len(file.trees))))
    _verify_mac(file, key, opening.mac)
    return Opened(file, Decrypted(trees, file.metadata), key, tuple(opening.leaves))


class _Opening:
    """Decrypts leaf after leaf, and collects the MAC and the ciphertexts on the way."""

    def __init__(self, file: SopsFile, key: bytes) -> None:
        self.file = file
        self.key = key
        self.mac = Mac(only_encrypted=file.metadata.mac_only_encrypted)
        self.leaves: list[tuple[Path, Value, str]] = []
        self.document = 0

    def decrypted(self, document: int) -> Tree:
        self.document = document
        return map_leaves(
            self.file.trees[document],
            self.file.metadata.selector,
            covered=self.covered,
            clear=self.mac.clear,
        )

    def covered(self, value: Value, path: Path) -> Value:
        if isinstance(value, Comment):
            return self.comment(value, path)
        return self.mac.covered(self.opened(value, path))

    def opened(self, value: Value, path: Path) -> Value:
        failed: InvalidInput | None = None
        if type(value) is not str:
            failed = Malformed("a value that should be encrypted is not")
        else:
            try:
                plain = decrypt_value(value, self.key, aad(path))
            except InvalidInput as error:
                failed = error
        if failed:
            raise type(failed)(
                f"{failed.message}: {'.'.join(path)}",
                at=self.file.at(*path, document=self.document),
                mend=failed.mend or _PAST_SOPS,
            )
        self.leaves.append((path, plain, str(value)))
        return plain

    def comment(self, comment: Comment, path: Path) -> Comment:
        """A comment in clear; as in sops, one that cannot be decrypted counts as clear.

        It may have been encrypted for a collection further up, where sops had
        attached it: its own text tells.
        """
        if is_ciphertext(comment):
            for length in range(len(path), -1, -1):
                with contextlib.suppress(MacMismatch, Malformed):
                    plain = decrypt_value(str(comment), self.key, aad(path[:length]))
                    if length == len(path):  # elsewhere it could not be kept
                        self.leaves.append((path, Comment(plain), str(comment)))
                    return type(comment)(plain)
        return comment


def _verify_mac(file: SopsFile, key: bytes, mac: Mac) -> None:
    stored: Value | None = None
    with contextlib.suppress(MacMismatch, Malformed):
        stored = decrypt_value(file.metadata.mac, key, file.metadata.mac_aad)
    if isinstance(stored, str) and hmac.compare_digest(stored.encode(), mac.text().encode()):
        return
    raise MacMismatch(
        "the MAC does not fit: the file was changed past sops", at=file.at(), mend=_PAST_SOPS
    )
