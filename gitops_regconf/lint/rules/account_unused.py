"""Every stored account is used.

Why: credentials that nothing uses are a risk without a purpose, and often mean that
an entry names another account than the one stored.

Bad: `registry-credentials/docker-hub.enc.yaml`, and no entry with
    account: docker-hub
Good: the file removed, or the entry that was meant to name it
Mend: remove the file, or name the account.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint.subjects import AccountUse
from gitops_regconf.source.position import Position

ID = "account-unused"
SHOWS_LINE = True


def of_accounts(use: AccountUse) -> Iterator[Finding]:
    """One finding for each account that neither the MC nor a WC of it uses."""
    for name, account in use.stored.items():
        if name not in use.used:
            yield Finding(
                ID,
                Position(account.path),
                f"nothing at {use.mc.name} uses the account {name!r}",
                "Remove the file, or name the account in an entry.",
                "warning",
            )
