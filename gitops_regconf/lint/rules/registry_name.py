"""A registry is the host in an image reference.

Why: containerd looks it up by exactly that text, in lower case. With a scheme, a
path or a capital letter nothing ever matches, and nothing says so.

Bad: `containerRegistries: {https://docker.io: […]}`
Good: `containerRegistries: {docker.io: […]}`
Mend: write the host as it stands in image references, with a port where it has one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint.subjects import Block

ID = "registry-name"
_VARIABLE = re.compile(r"\$\{[^{}]*\}")  # Flux fills it in; a host may come of it
_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")
_OTHER_NAMES = {"index.docker.io": "docker.io", "registry-1.docker.io": "docker.io"}


def of_block(block: Block) -> Iterator[Finding]:
    """One finding for each registry that no image reference names."""
    for registry, _ in block.registries():
        at = block.at("containerRegistries", registry)
        if registry in _OTHER_NAMES:
            meant = _OTHER_NAMES[registry]
            message = f"images of {registry} are looked up as {meant}"
            yield Finding(ID, at, message, f"Write {meant}.")
        elif not _NAME.fullmatch(_VARIABLE.sub("x", registry)):
            shown = "this registry" if "@" in registry else repr(registry)
            yield Finding(
                ID,
                at,
                f"{shown} is no host that an image reference could name",
                "Write the host alone, in lower case, such as docker.io or registry.internal:5000.",
            )
