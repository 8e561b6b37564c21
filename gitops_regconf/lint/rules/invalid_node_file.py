"""Every file that the chart writes for containerd can be read.

Why: some versions write a table twice where credentials of an endpoint stand twice,
and some run a second account together with the first. An invalid hosts.toml is
passed over: no mirrors, no credentials. With an invalid config.toml containerd does
not start, and the node never joins.

Bad: two accounts in one list, for cluster-aws 0.78 or older
    docker.io:
    - endpoint: registry-1.docker.io
      account: docker-hub
    - endpoint: mirror.example.com
      account: mirror
Good: one of them, or a newer chart
    docker.io:
    - endpoint: registry-1.docker.io
      account: docker-hub
    - endpoint: mirror.example.com
Mend: upgrade the chart, or keep one of the accounts.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.fleet.view import ClusterView
from gitops_regconf.source import masking

ID = "invalid-node-file"
SHOWS_LINE = True
STOPS_REGENERATE = True


def of_cluster(view: ClusterView) -> Iterator[Finding]:
    """One finding for each place that breaks a file."""
    seen = set()
    for version in view.versions:
        for node in view.nodes(version).values():
            for broken in node.broken:
                if broken in seen:
                    continue
                seen.add(broken)
                file = "hosts.toml" if broken.registry else "configuration"
                effect = (
                    f"and containerd would pass over all hosts of {masking.host(broken.registry)}"
                    if broken.registry
                    else "and containerd would not start"
                )
                yield Finding(
                    ID,
                    broken.at,
                    f"{version} would write a {file} that is not valid TOML, {effect}: "
                    f"{broken.why}",
                    "Keep one of the two, or upgrade the chart.",
                )
