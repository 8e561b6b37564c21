"""Registries stand under the values path that the chart version reads.

Why: the path has changed twice. Some versions accept an old one and ignore it, so
that nothing has an effect; others refuse all values, so that nothing is deployed.

Bad: for cluster-aws 7
    connectivity:
      containerRegistries:
        docker.io:
        - endpoint: mirror.example.com
Good:
    global:
      components:
        containerd:
          containerRegistries:
            docker.io:
            - endpoint: mirror.example.com
Mend: move them, or better: put them into a regconf.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.fleet.view import ClusterView
from gitops_regconf.lint.subjects import blocks
from gitops_regconf.registries.keys import REGISTRIES

ID = "ignored-path"
SHOWS_LINE = True


def of_cluster(view: ClusterView) -> Iterator[Finding]:
    """One finding for each block of a cluster's own values that its chart does not read."""
    for values in view.given:
        for block in blocks(values):
            if REGISTRIES not in block.content:
                continue
            for version in view.versions:
                regime = view.regime(version)
                reads = (regime.control_plane.reads, regime.workers.reads)
                if block.interface in reads:
                    continue
                does = "ignores" if block.interface in regime.ignores else "refuses values with"
                yield Finding(
                    ID,
                    block.at(REGISTRIES),
                    f"{version} {does} {block.interface}.containerRegistries",
                    f"It reads {regime.workers.reads}.containerRegistries; better still, put "
                    "registries into a regconf.yaml."
                    if regime.workers.reads
                    else "Upgrade the chart.",
                )
