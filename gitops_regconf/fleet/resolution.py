"""Which contributions make up a cluster, lowest first, and their result."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from gitops_regconf.fleet.model import Fleet, Layer, ManagementCluster, WorkloadCluster
from gitops_regconf.registries.expand import expanded
from gitops_regconf.registries.model import Contribution, ResolvedCluster
from gitops_regconf.registries.resolve import resolve

# An MC's own cluster App lives in the namespace of this organization.
PLATFORM_ORGANIZATION = "giantswarm"


def resolve_management_cluster(fleet: Fleet, mc: ManagementCluster) -> ResolvedCluster:
    """What the nodes of an MC shall be told. Raises InvalidInput."""
    return resolve(_contributions(fleet, mc, None))


def resolve_workload_cluster(
    fleet: Fleet, mc: ManagementCluster, wc: WorkloadCluster
) -> ResolvedCluster:
    """What the nodes of a WC shall be told. Raises InvalidInput."""
    return resolve(_contributions(fleet, mc, wc))


def unmatched_layers(fleet: Fleet) -> list[Layer]:
    """The layers that no cluster matches: accepted, and without any effect."""
    matched: set[int] = set()
    for mc in fleet.management_clusters:
        for wc in (None, *mc.workload_clusters):
            matched |= {layer.at.line for layer in _layers_of(fleet, mc, wc)}
    return [layer for layer in fleet.layers if layer.at.line not in matched]


def _contributions(
    fleet: Fleet, mc: ManagementCluster, wc: WorkloadCluster | None
) -> list[Contribution]:
    variables = {
        "mc": mc.name,
        "baseDomain": mc.base_domain,
        "region": mc.region,
        "provider": (wc and wc.provider) or mc.provider,
    }
    return [expanded(found, variables) for found in _unexpanded(fleet, mc, wc)]


def _unexpanded(
    fleet: Fleet, mc: ManagementCluster, wc: WorkloadCluster | None
) -> list[Contribution]:
    layers = _layers_of(fleet, mc, wc)
    of_layers = next((layer.profile for layer in reversed(layers) if layer.profile), None)
    profile = mc.profile or of_layers or fleet.profile
    return [
        fleet.profiles[profile],
        *(layer.contribution for layer in layers),
        mc.contribution,
        *([wc.contribution] if wc else []),
    ]


def _layers_of(fleet: Fleet, mc: ManagementCluster, wc: WorkloadCluster | None) -> list[Layer]:
    attributes = {
        "provider": (wc and wc.provider) or mc.provider,
        "region": mc.region,
        "organization": (wc and wc.organization) or PLATFORM_ORGANIZATION,
    }
    labels = {**mc.labels, **(wc.labels if wc else {})}
    return [layer for layer in fleet.layers if _matches(layer, attributes, labels)]


def _matches(layer: Layer, attributes: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    return all(
        fnmatchcase(attributes[name], pattern) for name, pattern in layer.patterns.items()
    ) and all(
        name in labels and fnmatchcase(labels[name], pattern)
        for name, pattern in layer.labels.items()
    )
