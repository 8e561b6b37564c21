"""Credentials reach the registry in a way that it takes.

Why: charts from `cluster` 4.6.0 on write a static header. Before containerd 2.1 it
does not reach a token service, as Docker Hub has one: the pull is anonymous and the
anonymous rate limit applies, while everything looks configured.

Bad: docker.io with an account, cluster-aws 7 and containerd 2.0
Good: the same with containerd 2.1
Mend: upgrade containerd; where its version is not known, say it with `containerd:`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.fleet.explanation import effects
from gitops_regconf.fleet.view import ClusterView
from gitops_regconf.source import masking

ID = "credential-without-effect"
SHOWS_LINE = True


def of_cluster(view: ClusterView) -> Iterator[Finding]:
    """An error where credentials certainly have no effect, a warning where they may have none."""
    for (endpoint, at), found in effects(view).items():
        if all(effect.effective is False for effect in found):
            yield Finding(
                ID,
                at,
                f"the credentials for {masking.host(endpoint)} have no effect: {found[0].why}",
                "Upgrade containerd or the chart, or leave the account out.",
            )
        elif any(effect.effective is not True for effect in found):
            why = next(effect.why for effect in found if effect.effective is not True)
            yield Finding(
                ID,
                at,
                f"the credentials for {masking.host(endpoint)} may have no effect: {why}",
                'Say which containerd the nodes run: `containerd: "2.1"` in regconf.yaml.'
                if any(effect.effective is not None for effect in found)
                else "Pull an image on a node to see whether this host takes them.",
                "warning",
            )
