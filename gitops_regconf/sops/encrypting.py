"""Encrypting and re-encrypting in one step; built from `Draft`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops.draft import Draft
from gitops_regconf.sops.errors import Unsupported
from gitops_regconf.sops.file import SopsFile, parse
from gitops_regconf.sops.opening import Opened, open_file
from gitops_regconf.sops.selector import Selector

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from gitops_regconf.sops.gotypes import Tree
    from gitops_regconf.sops.identities import Identities


def encrypt(
    tree: Tree,
    *,
    recipients: Sequence[str],
    encrypted_regex: str | None = None,
    selector: Selector | None = None,
    comments: Iterable[str] = (),
    previous: Opened | SopsFile | str | None = None,
    identities: Identities | None = None,
    now: datetime | None = None,
) -> str:
    """The text of a SOPS file that holds `tree`; only public keys are needed without `previous`.

    What is encrypted is said by `encrypted_regex` or by another `selector`.
    The other parameters, what is kept of `previous`, and the errors are those
    of `Draft.of`; `now` those of `Draft.seal`.
    """
    if encrypted_regex is not None:
        if selector is not None:
            raise InvalidInput("only one selector may decide what is encrypted")
        selector = Selector("encrypted_regex", encrypted_regex)
    draft = Draft.of(
        tree,
        recipients=recipients,
        selector=selector,
        comments=comments,
        previous=previous,
        identities=identities,
    )
    return draft.seal(now).to_yaml()


def rewrap(
    text: str,
    *,
    recipients: Sequence[str],
    identities: Identities,
    path: str = "<text>",
    now: datetime | None = None,
) -> str:
    """The file in `text` for exactly these `recipients`, in their order.

    Where recipients are only added, values, MAC and `lastmodified` stay; where
    one is removed, everything is encrypted under a new data key, since the
    old one would open every later value for whoever has the file from Git.

    Raises Unsupported for a file with comments after its header, which would
    get lost; otherwise as `Draft.of`.
    """
    file = parse(text, path)
    opened = open_file(file, identities)
    comment = file.inner_comment() or (file.at() if opened.has_comment_items else None)
    if comment and file.metadata.ages != tuple(dict.fromkeys(recipients)):
        raise Unsupported(
            "recipients of a file with comments inside cannot be changed here yet",
            at=comment,
            mend="Use 'sops updatekeys' (and 'sops rotate' where a recipient was removed).",
        )
    draft = Draft.of(
        opened.decrypted.tree,
        recipients=recipients,
        comments=opened.decrypted.comments,
        previous=opened,
    )
    return draft.seal(now).to_yaml()
