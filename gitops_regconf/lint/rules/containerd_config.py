"""Registries come through the interface, not as a containerd configuration of one's own.

Why: a file under /etc/containerd that values bring along replaces what the chart
writes, credentials included, or is replaced by it, depending on the order. The RFC
rejects a full containerd configuration (7.a) for that.

Bad: `files: [{path: /etc/containerd/config.toml, …}]`
Good: `containerRegistries` in a regconf.yaml
Mend: say it with the interface.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitops_regconf.findings import Finding
from gitops_regconf.fleet.view import ClusterView
from gitops_regconf.registries.values import Path

ID = "containerd-config"
_SIGNS = ("/etc/containerd/", "io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images")


def of_cluster(view: ClusterView) -> Iterator[Finding]:
    """One finding for each text in a cluster's own values that is about containerd's files."""
    for values in view.given:
        for path, text in _texts(values.content, ()):
            if any(sign in text for sign in _SIGNS):
                yield Finding(
                    ID,
                    values.locate(path),
                    "this brings a containerd configuration past the interface",
                    "Use containerRegistries in a regconf.yaml instead.",
                )


def _texts(node: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _texts(value, (*path, str(key)))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _texts(value, (*path, index))
