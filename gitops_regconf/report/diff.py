"""A plan's changes as unified diffs without a secret in them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator

from gitops_regconf.generate.changes import Change

# before and after of a Secret's file -> the two masked values documents
Masked = Callable[[str | None, str | None], tuple[str, str] | None]

_CIPHERTEXT = re.compile(r"ENC\[AES256_GCM,[^\]\s]*\]")
_BOOKKEEPING = re.compile(r"^( *(?:regconf/inputs-digest|lastmodified): ).*$", re.MULTILINE)
_STANZA = re.compile(r"^(\s*)-----BEGIN AGE.*?-----END AGE[^\n]*\n", re.DOTALL | re.MULTILINE)


def diffs(change: Change, masked: Masked) -> Iterator[str]:
    """The lines of a change's diff: of a Secret, its values document; of others, the file."""
    if "sops:" not in (change.before or change.after or ""):
        yield from _unified(change.path, change.before or "", change.after or "")
        return
    before, after = _abbreviated(change.before), _abbreviated(change.after)
    if change.action != "delete" and change.after is None:
        yield f"  {change.path}: what would be in it is not shown without the key"
        return
    yield from _unified(change.path, before, after)
    pair = masked(change.before, change.after) if "kind: Secret" in (before or after) else None
    if pair:
        yield from _unified(f"{change.path} (decrypted, masked)", *pair)
    elif "kind: Secret" in (before or after):
        yield f"  {change.path}: its values are not shown without the key"


def _abbreviated(text: str | None) -> str:
    """A SOPS file without what changes with every write and tells a reader nothing."""
    plain = _STANZA.sub(r"\1…\n", text or "")
    return _BOOKKEEPING.sub(r"\1…", _CIPHERTEXT.sub("ENC[…]", plain))


def _unified(title: str, before: str, after: str) -> Iterator[str]:
    lines = difflib.unified_diff(
        before.splitlines(),
        after.splitlines(),
        fromfile=f"a/{title}" if before else "/dev/null",
        tofile=f"b/{title}" if after else "/dev/null",
        lineterm="",
        n=3,
    )
    yield from lines
