"""Every account that is used is stored.

Why: without it the Secret cannot be generated, and clusters keep the old one.

Bad: `account: docker-hub` without registry-credentials/docker-hub.enc.yaml
Good: both
Mend: store it with `regconf set-credentials`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint.subjects import AccountUse

ID = "account-missing"


def of_accounts(use: AccountUse) -> Iterator[Finding]:
    """One finding for each account that is asked for, not optional, and not there."""
    for name, entry in use.used.items():
        if name not in use.stored and not entry.optional:
            yield Finding(
                ID,
                entry.decided_at,
                f"the account {name!r} of {entry.endpoint} is not stored at {use.mc.name}",
                f"regconf set-credentials {use.mc.name} {name} --username USER --password-stdin",
            )
