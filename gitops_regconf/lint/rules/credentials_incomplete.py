"""Credentials are one complete kind: username and password, or auth, or identitytoken.

Why: charts write nothing for an incomplete kind, without an error, and of several
kinds they take one. The pull is then anonymous, or runs as somebody else.

Bad:
    endpoint: registry.example.com
    credentials:
      username: robot
Good: all of a kind, and that in an encrypted account
    endpoint: registry.example.com
    credentials:
      username: robot
      password: …
Mend: complete them, and leave out the other kinds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gitops_regconf.findings import Finding
from gitops_regconf.lint.subjects import Block
from gitops_regconf.registries.model import COMPLETE_CREDENTIALS, CREDENTIAL_KEYS
from gitops_regconf.source import masking

ID = "credentials-incomplete"


def of_block(block: Block) -> Iterator[Finding]:
    """One finding for each entry whose credentials are not exactly one kind."""
    for registry, index, entry in block.entries():
        credentials = entry.get("credentials")
        if "credentials" not in entry:
            continue
        keys = _filled(credentials)
        if keys in COMPLETE_CREDENTIALS:
            continue
        complete = [kind for kind in COMPLETE_CREDENTIALS if kind <= keys]
        problem = (
            "contradict each other: charts take one kind and drop the others"
            if complete
            else "are incomplete: charts write none of them"
        )
        yield Finding(
            ID,
            block.entry_at(registry, index, "credentials"),
            f"the credentials of this endpoint of {masking.host(registry)} {problem}",
            "Give username and password, or auth, or identitytoken.",
        )


def _filled(credentials: object) -> set[str]:
    if not isinstance(credentials, Mapping):
        return set()
    return {str(key) for key, value in credentials.items() if key in CREDENTIAL_KEYS and value}
