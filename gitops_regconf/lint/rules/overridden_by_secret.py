"""A cluster's own values set no registry that the Secret sets as well.

Why: the Secret beats every ConfigMap, whatever its priority, and lists are replaced
as a whole. What the ConfigMap says about that registry never reaches a node.

Bad: in a ConfigMap that the cluster App takes in
    containerRegistries:
      docker.io:
      - endpoint: mirror.example.com
Good: in the regconf.yaml of the cluster
    containerRegistries:
      docker.io:
        after:
        - endpoint: mirror.example.com
Mend: move the endpoints into the regconf.yaml of the cluster.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.fleet.view import ClusterView
from gitops_regconf.lint.subjects import blocks
from gitops_regconf.source import masking

ID = "overridden-by-secret"
SHOWS_LINE = True


def of_cluster(view: ClusterView) -> Iterator[Finding]:
    """One finding for each registry of a ConfigMap that is in the Secret."""
    interfaces = {view.interface(version) for version in view.versions}
    for values in view.given:
        for block in blocks(values):
            if block.interface not in interfaces:
                continue
            for registry, _ in block.registries():
                if registry in view.resolved.registries:
                    name = masking.host(registry)
                    yield Finding(
                        ID,
                        block.at("containerRegistries", registry),
                        f"the Secret of this cluster sets {name} as well, and beats every "
                        "ConfigMap: these endpoints are never asked",
                        f"Put them into the cluster's regconf.yaml: `{name}: {{after: […]}}`.",
                    )
