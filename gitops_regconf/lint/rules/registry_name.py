"""A registry is the host in an image reference.

Why: charts make a directory of its name, and containerd looks for the one that is called
as the host of an image, letter by letter. With a scheme, a path or a capital letter,
without a dot or a port, or as a name of Docker Hub's that no image has, nothing ever
matches and nothing says so. `_default` and `*` mean something to containerd, but charts
write them a server of that name.

Bad:
    containerRegistries:
      https://docker.io:
      - endpoint: mirror.example.com
Good:
    containerRegistries:
      docker.io:
      - endpoint: mirror.example.com
Mend: write the host as it stands in image references, with a port where it has one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint.subjects import Block, filled_in
from gitops_regconf.registries.pull import OTHERS_IN_HOSTS, OTHERS_IN_MIRRORS
from gitops_regconf.source import masking

ID = "registry-name"
SHOWS_LINE = True
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:]+\]")
_ADDRESS = re.compile(r"[0-9.]+")
_OF_DOCKER_HUB = ("docker.io", "index.docker.io", "registry-1.docker.io")
_HIGHEST_PORT = 65535
_MEND = "Write the host alone, in lower case, such as docker.io or registry.internal:5000."


def of_block(block: Block) -> Iterator[Finding]:
    """One finding for each registry that no image reference names."""
    for registry in block.names():
        problem = _problem(registry)
        if problem:
            name = masking.host(registry)
            what = "this registry" if name == masking.MASKED else name
            mend = "Write docker.io." if _is_docker_hub(registry) else _MEND
            at = block.at("containerRegistries", registry)
            yield Finding(ID, at, f"{what} {problem}", mend)


def _problem(registry: str) -> str | None:
    if _is_docker_hub(registry):
        return None if registry == "docker.io" else "is no name of Docker Hub in image references"
    if registry in (OTHERS_IN_HOSTS, OTHERS_IN_MIRRORS):
        return "stands for all others in containerd alone; charts take it for a host"
    host, port = _split(filled_in(registry))
    if _HOST.fullmatch(host.lower()) and host != host.lower():
        return "has capital letters, and is looked up letter by letter"
    if not _HOST.fullmatch(host) or not _is_port(port) or _is_broken_address(host):
        return "is no host that an image reference could name"
    if port is None and host != "localhost" and "." not in host and ":" not in host:
        return "has neither dot nor port: images take it for a part of a repository at docker.io"
    return None


def _is_docker_hub(registry: str) -> bool:
    host, port = _split(registry)
    return host in _OF_DOCKER_HUB and _is_port(port)


def _split(registry: str) -> tuple[str, str | None]:
    """Host and port; the colons in the brackets of an IPv6 address are no ends of the host."""
    host, colon, port = registry.rpartition(":")
    return (host, port) if colon and not registry.endswith("]") else (registry, None)


def _is_port(port: str | None) -> bool:
    number = port is None or re.fullmatch("[1-9][0-9]{0,4}", port)
    return bool(number) and (port is None or int(port) <= _HIGHEST_PORT)


def _is_broken_address(host: str) -> bool:
    """Whether it is all digits and dots, and no IPv4 address."""
    parts = host.split(".")
    if not _ADDRESS.fullmatch(host):
        return parts[-1].isdigit()
    return len(parts) != 4 or any(len(part) > 3 or int(part or 256) > 255 for part in parts)
