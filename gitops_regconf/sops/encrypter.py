"""Encrypting leaves under a data key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops import style
from gitops_regconf.sops.gotypes import Comment, Value, to_bytes
from gitops_regconf.sops.tree import Path, aad
from gitops_regconf.sops.values import encrypt_value, is_ciphertext

if TYPE_CHECKING:
    from gitops_regconf.sops.selector import Selector

Leaves = tuple[tuple[Path, Value, str], ...]


class Encrypter:
    """Encrypts leaves under one data key, taking over the ciphertext of unchanged ones.

    `before` has path, plaintext and ciphertext of what the same data key encrypted.
    """

    def __init__(self, key: bytes, selector: Selector, before: Leaves = ()) -> None:
        self.key = key
        self.selector = selector
        self.kept: dict[tuple[Path, str, bytes], list[str]] = {}
        for path, value, text in reversed(before):
            self.kept.setdefault((path, *to_bytes(value)), []).append(text)

    def covered(self, value: Value, path: Path) -> str:
        """The ciphertext for a leaf: the one it had at this path, or a new one.

        Comments that are empty, or encrypted under a key that is lost, stay.
        """
        if isinstance(value, Comment):
            return self._comment(value, path)
        return self._encrypted(value, path)

    def _comment(self, comment: Comment, path: Path) -> str:
        if not comment or is_ciphertext(comment):
            return comment
        if not style.fits_comment(comment):
            raise InvalidInput("a comment must be one line of printable text")
        text = self._encrypted(comment, path)
        if not self.selector.by_match and self.selector.decides(text):
            raise InvalidInput(
                f"an encrypted comment matches {self.selector.kind} {self.selector.value!r}, "
                "and sops would take what follows for unencrypted",
                mend="Make the expression one that no base64 text can match.",
            )
        # As an item of a list, it would hide from sops the comment that decides before it.
        return type(comment)(text) if self.selector.by_comment else text

    def _encrypted(self, value: Value, path: Path) -> str:
        # Equal items of one list share this key, and each takes its own text.
        kept = self.kept.get((path, *to_bytes(value))) if self.kept else None
        return kept.pop() if kept else encrypt_value(value, self.key, aad(path))
