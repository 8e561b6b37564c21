"""Decrypting a file: the data key, every leaf, and always the MAC."""

from __future__ import annotations

import contextlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops.errors import MacMismatch, Malformed, Unsupported
from gitops_regconf.sops.file import SopsFile, parse
from gitops_regconf.sops.gotypes import Comment, Tree, Value
from gitops_regconf.sops.metadata import SOPS_KEY, Metadata
from gitops_regconf.sops.tree import DROP, Mac, Path, aad, map_leaves
from gitops_regconf.sops.values import KEY_BYTES, decrypt_value, is_ciphertext

if TYPE_CHECKING:
    from gitops_regconf.sops.identities import Identities

_PAST_SOPS = (
    "It was edited, moved or merged past sops. Restore the version from Git in which it was "
    "right, and change it with 'sops edit' or 'sops set'."
)


@dataclass(frozen=True)
class Decrypted:
    """What a file holds: plaintext `tree` and header `comments`, with the metadata it had."""

    tree: Tree = field(repr=False)
    comments: tuple[str, ...] = field(repr=False)
    metadata: Metadata


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

    @property
    def has_comment_items(self) -> bool:
        """Whether a list holds encrypted comments, which the decrypted tree leaves out."""
        return any(path and isinstance(value, Comment) for path, value, _ in self.leaves)


def decrypt(text: str, *, identities: Identities, path: str = "<text>") -> Decrypted:
    """The plaintext of a SOPS file; comments inside encrypted parts are left out.

    `path` only names the file in errors. Raises WrongKey where no identity
    opens it, MacMismatch where it was changed past sops, Malformed, and
    Unsupported for what only the sops command line reads.
    """
    return open_file(parse(text, path), identities).decrypted


def open_file(file: SopsFile, identities: Identities) -> Opened:
    """A parsed file decrypted and its MAC verified. Raises as `decrypt` does."""
    key = _data_key(file, identities)
    opening = _Opening(file, key)
    tree = map_leaves(
        file.tree, file.metadata.selector, covered=opening.covered, clear=opening.clear
    )
    _verify_mac(file, key, opening.mac)
    comments = tuple(map(opening.comment, file.comments))
    decrypted = Decrypted(tree, comments, file.metadata)
    return Opened(file, decrypted, key, tuple(opening.leaves))


def _data_key(file: SopsFile, identities: Identities) -> bytes:
    metadata = file.metadata
    if not metadata.recipients and metadata.other_kinds:
        raise Unsupported(
            f"the file can only be opened with {', '.join(metadata.other_kinds)}",
            at=file.at(SOPS_KEY) if file.document is None else file.document.key_at(SOPS_KEY),
            mend="Use the sops command line, or add an age recipient with 'sops updatekeys'.",
        )
    key = identities.unwrap(metadata.recipients, file.at())
    if len(key) != KEY_BYTES:
        raise Malformed(f"the data key has not {KEY_BYTES} bytes", at=file.at())
    return key


class _Opening:
    """Decrypts leaf after leaf, and collects the MAC and the ciphertexts on the way."""

    def __init__(self, file: SopsFile, key: bytes) -> None:
        self.file = file
        self.key = key
        self.mac = Mac(only_encrypted=file.metadata.mac_only_encrypted)
        self.leaves: list[tuple[Path, Value, str]] = []
        self.by_comment = file.metadata.selector.by_comment
        # At the top, where comments have no path, only what matches is left out.
        self.comments_are_encrypted = file.metadata.selector.covers(())

    def covered(self, value: Value, path: Path) -> Any:
        if self.by_comment and not is_ciphertext(value):
            # Comments are not read yet. The form of a value tells as much: the
            # MAC covers the outcome.
            self.mac.clear(value)
            return value
        plain = self.decrypted(value, path)
        if isinstance(plain, Comment):
            return DROP
        self.mac.covered(plain)
        return plain

    def clear(self, value: Value, path: Path) -> Any:
        if self.by_comment and is_ciphertext(value):
            return self.covered(value, path)
        self.mac.clear(value)
        return value

    def decrypted(self, value: Value, path: Path) -> Value:
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
                f"{failed.message}: {'.'.join(path)}", at=self.file.at(*path), mend=_PAST_SOPS
            )
        self.leaves.append((path, plain, str(value)))
        return plain

    def comment(self, line: str) -> str:
        """A header comment in clear; as in sops, one that cannot be decrypted counts as clear."""
        text = line.removeprefix("#")
        if not (self.comments_are_encrypted and is_ciphertext(text)):
            return line
        try:
            plain = decrypt_value(text, self.key, aad(()))
        except (MacMismatch, Malformed):
            return line
        self.leaves.append(((), plain, text))
        return f"#{plain}"


def _verify_mac(file: SopsFile, key: bytes, mac: Mac) -> None:
    stored: Value | None = None
    with contextlib.suppress(MacMismatch, Malformed):
        stored = decrypt_value(file.metadata.mac, key, file.metadata.mac_aad)
    if isinstance(stored, str) and hmac.compare_digest(stored.encode(), mac.text().encode()):
        return
    raise MacMismatch(
        "the MAC does not fit: the file was changed past sops", at=file.at(), mend=_PAST_SOPS
    )
