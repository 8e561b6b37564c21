"""Credential keys stand under `credentials`.

Why: one level too high they are accepted by every chart and read by none, so the
pull is anonymous.

Bad:
    endpoint: registry.example.com
    username: robot
    password: …
Good: one level deeper, and that in an encrypted account
    endpoint: registry.example.com
    credentials:
      username: robot
      password: …
Mend: move them, and into an encrypted account at that.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint.subjects import Block
from gitops_regconf.registries.model import CREDENTIAL_KEYS

ID = "credentials-misplaced"


def of_block(block: Block) -> Iterator[Finding]:
    """One finding for each credential key beside `credentials`."""
    for registry, index, entry in block.entries():
        for key in CREDENTIAL_KEYS:
            if key in entry:
                yield Finding(
                    ID,
                    block.entry_at(registry, index, key),
                    f"{key} stands beside `credentials`, where no chart reads it",
                    "Store an account with `regconf set-credentials`, and name it.",
                )
