"""The chart version writes mirrors so that containerd asks them.

Why: cluster-aws 0.75.0 and cluster-azure 0.9.0 give the table of mirrors a name that
containerd does not know, and cluster-aws 7.0.0, cluster-azure 5.0.0, cluster-vsphere
4.0.0 and cluster-cloud-director 3.0.0 ask mirrors and caches without /v2 in the
path, which registries answer with 404.

Bad: cluster-aws 7.0.0 with any mirror
Good: cluster-aws 7.1.0
Mend: use the next version of the chart.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.fleet.view import ClusterView
from gitops_regconf.registries.charts import Defect
from gitops_regconf.registries.node import Node, is_default

ID = "mirrors-lost"
SHOWS_LINE = True
STOPS_REGENERATE = True


def of_cluster(view: ClusterView) -> Iterator[Finding]:
    """One finding for each chart version that loses the mirrors of a cluster."""
    for version in view.versions:
        why = {_why(node) for node in view.nodes(version).values()} - {""}
        if why:
            yield Finding(
                ID,
                version.at,
                f"{version} loses the mirrors of this cluster: {' and '.join(sorted(why))}",
                "Use another version of the chart.",
            )


def _why(node: Node) -> str:
    """What a chart does to its own defaults is no loss of what the cluster is told."""
    told = [host for hosts in node.registries.values() for host in hosts if not is_default(host.at)]
    if told and Defect.MIRRORS_MISNAMED in node.rendering.defects:
        return "the table of mirrors has a name that containerd does not know"
    always = Defect.OVERRIDE_PATH_ALWAYS in node.rendering.defects
    if always and any(host.override_path for host in told):
        return "hosts are asked without /v2 in the path"
    return ""
