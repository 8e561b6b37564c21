"""Control plane and workers read their registries from the same values path.

Why: in cluster-vsphere 0.60 to 0.63 and cluster-cloud-director 0.60 they do not.
Whatever the Secret holds, one of the two kinds of node gets nothing.

Bad: cluster-vsphere 0.62.0
Good: cluster-vsphere 0.64.0
Mend: upgrade the chart.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.fleet.view import ClusterView

ID = "split-paths"
SHOWS_LINE = True


def of_cluster(view: ClusterView) -> Iterator[Finding]:
    """One finding for each possible version that reads two paths."""
    for version in view.versions:
        regime = view.regime(version)
        if regime.is_split:
            yield Finding(
                ID,
                version.at,
                f"in {version} the control plane reads {regime.control_plane.reads} and the "
                f"workers {regime.workers.reads}: one of them gets nothing",
                "Upgrade the chart.",
            )
