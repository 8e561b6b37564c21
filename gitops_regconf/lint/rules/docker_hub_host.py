"""The list of docker.io names a host that serves Docker Hub's images.

Why: `docker.io` itself has no registry, it redirects to a web page, and charts that
write hosts.toml ask it last. Without `registry-1.docker.io` or a mirror in the
list, every pull from Docker Hub fails.

Bad:
    docker.io:
    - endpoint: docker.io
Good:
    docker.io:
    - endpoint: registry-1.docker.io
Mend: add `registry-1.docker.io`, or a mirror of Docker Hub.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint.subjects import Block

ID = "docker-hub-host"
SHOWS_LINE = True
_NOT_THE_REGISTRY = {"docker.io", "www.docker.io", "hub.docker.com", "index.docker.io"}


def of_block(block: Block) -> Iterator[Finding]:
    """A finding where docker.io has no host that serves it, and for each host that does not."""
    for registry, entries in block.registries():
        if registry != "docker.io":
            continue
        endpoints = [entry.get("endpoint") for entry in entries if isinstance(entry, dict)]
        if all(isinstance(one, str) and one in _NOT_THE_REGISTRY for one in endpoints):
            yield Finding(
                ID,
                block.at("containerRegistries", registry),
                "no host in this list serves Docker Hub's images",
                "Add `endpoint: registry-1.docker.io`, or a mirror of Docker Hub.",
            )
