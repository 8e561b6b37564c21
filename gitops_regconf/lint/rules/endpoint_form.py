"""An endpoint is a host, with a port where it has one.

Why: charts put `https://` before it. With a scheme it becomes `https://https://…`,
with user info it leaks a password, and with a path or a space no registry answers.

Bad: `endpoint: https://registry.example.com/v2`
Good: `endpoint: registry.example.com`
Mend: write the host alone; for http say `insecure: true`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint.subjects import Block, filled_in
from gitops_regconf.source import masking

ID = "endpoint-form"
SHOWS_LINE = True
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?")


def of_block(block: Block) -> Iterator[Finding]:
    """One finding for each endpoint that is no host."""
    for registry, index, entry in block.entries():
        endpoint = entry.get("endpoint")
        if not isinstance(endpoint, str) or _HOST.fullmatch(filled_in(endpoint)):
            continue
        yield Finding(
            ID,
            block.entry_at(registry, index, "endpoint"),
            f"this endpoint of {masking.host(registry)} {_problem(endpoint)}",
            "Write the host alone, with a port where it has one.",
        )


def _problem(endpoint: str) -> str:
    if "@" in endpoint:
        return "holds user info, which is a credential in clear"
    if "://" in endpoint:
        return "holds a scheme, and charts add one"
    if "/" in endpoint:
        return "holds a path"
    return "is empty" if not endpoint.strip() else "is no host"
