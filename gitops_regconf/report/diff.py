"""A plan's changes as unified diffs without a secret in them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator

from gitops_regconf.generate.changes import Change, Step

# before and after of a Secret's file -> the two masked values documents
Masked = Callable[[str | None, str | None], tuple[str, str] | None]

_ENCRYPTED = ("-secret.yaml", ".enc.yaml")


def diffs(change: Change, masked: Masked) -> Iterator[str]:
    """The lines of a change's diff: of a Secret its masked values document, of others the file.

    A file that should be encrypted is never shown as it stands: somebody may
    have decrypted it in place.
    """
    if change.step is Step.REMOVAL or change.path.endswith(_ENCRYPTED):
        yield from _of_encrypted(change, masked)
    else:
        yield from _unified(change.path, change.before or "", change.after or "")


def _of_encrypted(change: Change, masked: Masked) -> Iterator[str]:
    complete = change.action == "delete" or change.after is not None
    pair = masked(change.before, change.after) if complete else None
    if pair is None:
        yield f"  {change.path}: its values are not shown: they cannot be decrypted here"
    elif pair[0] == pair[1]:
        yield f"  {change.path}: its values stay as they are"
    else:
        yield from _unified(f"{change.path} (decrypted, masked)", *pair)


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
