"""Encrypting and re-encrypting in one step; built from `Draft`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops.draft import Draft
from gitops_regconf.sops.file import SopsFile, parse
from gitops_regconf.sops.identities import Identities
from gitops_regconf.sops.opening import Opened, open_file
from gitops_regconf.sops.selector import Selector

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from gitops_regconf.sops.gotypes import Tree
    from gitops_regconf.sops.recipients import KeyGroups


def encrypt(
    tree: Tree | Sequence[Tree],
    *,
    recipients: Sequence[str] | KeyGroups,
    encrypted_regex: str | None = None,
    selector: Selector | None = None,
    previous: Opened | SopsFile | str | None = None,
    identities: Identities | Iterable[str] = (),
    mac_only_encrypted: bool | None = None,
    now: datetime | None = None,
) -> str:
    """The text of a SOPS file that holds `tree`; only public keys are needed without `previous`.

    What is encrypted is said by `encrypted_regex` or by another `selector`; one
    that matches nothing leaves everything in clear, as with sops: `verify` tells.
    The other parameters, what is kept of `previous`, and the errors are those
    of `Draft.of`; `now` that of `Draft.seal`.
    """
    if encrypted_regex is not None:
        if selector is not None:
            raise InvalidInput("only one selector may decide what is encrypted")
        selector = Selector("encrypted_regex", encrypted_regex)
    draft = Draft.of(
        tree,
        recipients=recipients,
        selector=selector,
        previous=previous,
        identities=identities,
        mac_only_encrypted=mac_only_encrypted,
    )
    return draft.seal(now).to_yaml()


def rewrap(
    text: str,
    *,
    recipients: Sequence[str] | KeyGroups,
    identities: Identities | Iterable[str],
    path: str = "<text>",
    now: datetime | None = None,
    new_data_key: bool = False,
) -> str:
    """The file in `text` for exactly these `recipients`, in their order.

    Where recipients are only added, values, MAC and `lastmodified` stay; where
    one is removed, everything is encrypted under a new data key, since the
    old one would open every later value for whoever has the file from Git.
    `new_data_key` does so in any case: a recipient may stand in a file under
    the name of another one, which only that one's key could tell. Raises as
    `Draft.of` does.
    """
    opened = open_file(parse(text, path), Identities.of_any(identities))
    draft = Draft.of(
        opened.decrypted.trees,
        recipients=recipients,
        previous=opened,
        new_data_key=new_data_key,
    )
    return draft.seal(now).to_yaml()
