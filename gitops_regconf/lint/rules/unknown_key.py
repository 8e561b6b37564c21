"""An entry has the keys of the interface and no others.

Why: most charts accept unknown keys and read none of them; a misspelt one has no
effect and nobody says so. Versions with a closed schema refuse the whole values.

Bad:
    endpoint: registry.example.com
    overridepath: true
Good:
    endpoint: registry.example.com
    overridePath: true
Mend: correct or remove the key.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from gitops_regconf.findings import Finding
from gitops_regconf.lint.subjects import Block
from gitops_regconf.registries.model import CREDENTIAL_KEYS, FLAGS
from gitops_regconf.source import masking
from gitops_regconf.source.position import Position

ID = "unknown-key"
_KNOWN = ("endpoint", "credentials", *FLAGS)


def of_block(block: Block) -> Iterator[Finding]:
    """One finding for each key that no chart reads, in entries and in their credentials."""
    for registry, index, entry in block.entries():
        for key in entry:
            if key not in _KNOWN and key not in CREDENTIAL_KEYS:
                yield _finding(block.entry_at(registry, index, str(key)), str(key), _KNOWN)
        credentials = entry.get("credentials")
        for key in credentials if isinstance(credentials, Mapping) else ():
            if key not in CREDENTIAL_KEYS:
                at = block.entry_at(registry, index, "credentials", str(key))
                yield _finding(at, str(key), CREDENTIAL_KEYS)


def _finding(at: Position, key: str, known: tuple[str, ...]) -> Finding:
    close = difflib.get_close_matches(key, known, n=1)
    mend = f"Did you mean {close[0]!r}?" if close else f"Known here: {', '.join(known)}."
    return Finding(ID, at, f"no chart reads {masking.key(key)}", mend)
