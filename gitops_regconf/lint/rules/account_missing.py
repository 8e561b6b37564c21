"""Every account that is used is stored.

Why: without it the Secret cannot be generated, and clusters keep the old one.

Bad: no `registry-credentials/docker-hub.enc.yaml` for
    containerRegistries:
      docker.io:
      - endpoint: registry-1.docker.io
        account: docker-hub
Good: the entry and `registry-credentials/docker-hub.enc.yaml`
Mend: store it with `regconf set-credentials`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint.subjects import AccountUse
from gitops_regconf.source import masking

ID = "account-missing"
SHOWS_LINE = True


def of_accounts(use: AccountUse) -> Iterator[Finding]:
    """One finding for each account that is asked for, not optional, and not there."""
    for name, entry in use.used.items():
        if name not in use.stored and not entry.optional:
            yield Finding(
                ID,
                entry.decided_at,
                f"the account {name!r} of {masking.host(entry.endpoint)} is not stored at "
                f"{use.mc.name}",
                f"regconf set-credentials {use.mc.name} {name} --username USER --password-stdin",
            )
