"""An endpoint stands only once for a registry.

Why: charts that write hosts.toml write its table twice. The file is then not valid
TOML, and containerd passes it over with one line in its log: no mirrors, no
credentials.

Bad:
    docker.io:
    - endpoint: mirror.example.com
    - endpoint: mirror.example.com
Good:
    docker.io:
    - endpoint: mirror.example.com
Mend: keep one of the entries.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint.subjects import Block
from gitops_regconf.source import masking

ID = "endpoint-repeated"
SHOWS_LINE = True


def of_block(block: Block) -> Iterator[Finding]:
    """One finding for each entry whose endpoint stands before it already."""
    seen: set[tuple[str, str]] = set()
    for registry, index, entry in block.entries():
        endpoint = entry.get("endpoint")
        if not isinstance(endpoint, str):
            continue
        key = (registry, endpoint)
        if key in seen:
            yield Finding(
                ID,
                block.entry_at(registry, index),
                f"this endpoint of {masking.host(registry)} stands there twice",
                "Keep one of them.",
            )
        seen.add(key)
