"""The two halves of encrypting: leaves under a data key, the data key for recipients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops.age import check_recipient, wrap
from gitops_regconf.sops.gotypes import Comment, Value, to_bytes
from gitops_regconf.sops.tree import Path, aad
from gitops_regconf.sops.values import encrypt_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gitops_regconf.sops.metadata import Stanza
    from gitops_regconf.sops.selector import Selector

Leaves = tuple[tuple[Path, Value, str], ...]


class Encrypter:
    """Encrypts leaves under one data key, taking over the ciphertext of unchanged ones.

    `before` has path, plaintext and ciphertext of what the same data key encrypted.
    """

    def __init__(self, key: bytes, before: Leaves = ()) -> None:
        self.key = key
        self.kept: dict[tuple[Path, str, bytes], list[str]] = {}
        for path, value, text in reversed(before):
            self.kept.setdefault((path, *to_bytes(value)), []).append(text)

    def covered(self, value: Value, path: Path) -> str:
        """The ciphertext for a leaf: the one it had at this path, or a new one."""
        # Equal items of one list share this key, and each takes its own text.
        kept = self.kept.get((path, *to_bytes(value))) if self.kept else None
        return kept.pop() if kept else encrypt_value(value, self.key, aad(path))

    def comments(self, lines: Iterable[str], selector: Selector) -> tuple[str, ...]:
        """Header comments, encrypted where the selector encrypts all that it does not name."""
        if not selector.covers(()):
            return tuple(lines)
        return tuple(f"#{self.covered(Comment(line.removeprefix('#')), ())}" for line in lines)


def stanzas_for(wanted: Sequence[str], key: bytes, kept: Iterable[Stanza]) -> tuple[Stanza, ...]:
    """The data key wrapped for each recipient, in their order; `kept` ones stay as they are.

    Raises InvalidInput without a recipient, or for one that cannot be used.
    """
    if not wanted:
        raise InvalidInput("a SOPS file needs at least one recipient")
    have = {stanza.recipient: stanza for stanza in kept}
    for recipient in wanted:
        if recipient not in have:
            check_recipient(recipient)
    return tuple(have.get(recipient) or wrap(key, recipient) for recipient in wanted)
