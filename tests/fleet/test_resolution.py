"""Which profile and which layers make up a cluster."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from gitops_regconf.fleet.model import Fleet, Layer, ManagementCluster, Output, WorkloadCluster
from gitops_regconf.fleet.resolution import resolve_management_cluster, resolve_workload_cluster
from gitops_regconf.registries.model import Contribution
from gitops_regconf.registries.profiles import built_in
from gitops_regconf.registries.read import contribution
from gitops_regconf.source.documents import document
from gitops_regconf.source.position import Position

AT = Position("regconf.yaml", 1, 1)


def says(name: str, registry: str = "", how: str = "") -> Contribution:
    """A contribution with one registry of its own, named after it."""
    change = f"{{{how}: [{{endpoint: {name}}}]}}" if how else f"[{{endpoint: {name}}}]"
    text = f"containerRegistries: {{{registry or name}: {change}}}\n"
    return contribution(document(text, name), (), name)


def layer(name: str, profile: str | None = None, **patterns: str) -> Layer:
    labels = {key[6:]: value for key, value in patterns.items() if key.startswith("label_")}
    plain = {key: value for key, value in patterns.items() if not key.startswith("label_")}
    return Layer(plain, labels, profile, says(name), AT)


PROFILES = {name: says(name) for name in ("of-fleet", "of-layer", "of-later-layer", "of-mc")}


def fleet(*layers: Layer, profiles: Mapping[str, Contribution] = PROFILES) -> Fleet:
    return Fleet("acme", (), {}, "of-fleet", profiles, layers, Output(), (), AT)


def mc(profile: str | None = None, contribution: Contribution | None = None) -> ManagementCluster:
    own = contribution or Contribution("mc")
    labels = {"stage": "canary"}
    return ManagementCluster("alpha", "aws", "cn-north-1", "a.io", (), own, profile, labels)


def wc(provider: str | None = None, organization: str = "acme", **labels: str) -> WorkloadCluster:
    return WorkloadCluster("prod1", organization, "d", Contribution("wc"), provider, labels)


def of_mc(fleet: Fleet, cluster: ManagementCluster) -> set[str]:
    return set(resolve_management_cluster(fleet, cluster).registries)


def of_wc(fleet: Fleet, cluster: WorkloadCluster) -> set[str]:
    return set(resolve_workload_cluster(fleet, mc(), cluster).registries)


FIRST = layer("first", "of-layer", provider="aws")
SECOND = layer("second", "of-later-layer", region="cn-*")
WITHOUT = layer("without", None, provider="*")
ELSEWHERE = layer("elsewhere", "of-layer", region="eu-*")


@pytest.mark.parametrize(
    ("own", "layers", "expected"),
    [
        (None, [], {"of-fleet"}),
        (None, [FIRST], {"of-layer", "first"}),
        (None, [FIRST, SECOND], {"of-later-layer", "first", "second"}),
        (None, [SECOND, FIRST], {"of-layer", "first", "second"}),
        (None, [FIRST, WITHOUT], {"of-layer", "first", "without"}),
        (None, [ELSEWHERE], {"of-fleet"}),
        ("of-mc", [FIRST, SECOND], {"of-mc", "first", "second"}),
    ],
)
def test_the_profile_is_the_mcs_else_the_last_matching_layers_else_the_fleets(
    own: str | None, layers: list[Layer], expected: set[str]
) -> None:
    assert of_mc(fleet(*layers), mc(own)) == expected


@pytest.mark.parametrize(
    ("patterns", "matches"),
    [
        ({"provider": "aws"}, True),
        ({"provider": "a?s"}, True),
        ({"provider": "AWS"}, False),
        ({"provider": "azure"}, False),
        ({"region": "cn-*"}, True),
        ({"region": "cn"}, False),
        ({"organization": "giantswarm"}, True),
        ({"organization": "acme"}, False),
        ({"label_stage": "can*"}, True),
        ({"label_stage": "prod"}, False),
        ({"label_other": "*"}, False),
        ({"provider": "aws", "region": "cn-*", "label_stage": "canary"}, True),
        ({"provider": "aws", "region": "eu-*"}, False),
    ],
)
def test_a_layer_takes_in_an_mc_when_every_pattern_matches(
    patterns: dict[str, str], matches: bool
) -> None:
    found = of_mc(fleet(layer("extra", None, **patterns)), mc())
    assert ("extra" in found) == matches


@pytest.mark.parametrize(
    ("cluster", "patterns", "matches"),
    [
        (wc(), {"provider": "aws"}, True),
        (wc("azure"), {"provider": "aws"}, False),
        (wc("azure"), {"provider": "azure"}, True),
        (wc(), {"organization": "acme"}, True),
        (wc(), {"organization": "giantswarm"}, False),
        (wc(organization=""), {"organization": "giantswarm"}, True),
        (wc(), {"region": "cn-*"}, True),
        (wc(), {"label_stage": "canary"}, True),
        (wc(stage="stable"), {"label_stage": "canary"}, False),
        (wc(tier="gold"), {"label_tier": "gold", "label_stage": "canary"}, True),
    ],
)
def test_a_wc_matches_by_its_own_values_else_by_its_mcs(
    cluster: WorkloadCluster, patterns: dict[str, str], matches: bool
) -> None:
    found = of_wc(fleet(layer("extra", None, **patterns)), cluster)
    assert ("extra" in found) == matches


def test_the_layers_come_before_the_mc_and_the_mc_before_the_wc() -> None:
    profiles = {"of-fleet": says("profile", "docker.io")}
    of_layer = Layer({"provider": "*"}, {}, None, says("layer", "docker.io", "after"), AT)
    cluster = WorkloadCluster("prod1", "acme", "d", says("wc", "docker.io", "after"))
    of_all = resolve_workload_cluster(
        fleet(of_layer, profiles=profiles), mc(None, says("mc", "docker.io", "after")), cluster
    )
    endpoints = [entry.endpoint for entry in of_all.registries["docker.io"]]
    assert endpoints == ["profile", "layer", "mc", "wc"]


def test_a_profile_of_ones_own_can_replace_a_built_in_one() -> None:
    own = built_in() | {"of-fleet": says("own"), "acr-with-cache": says("replaced")}
    assert of_mc(fleet(profiles=own), mc("acr-with-cache")) == {"replaced"}
    assert of_mc(fleet(profiles=own), mc()) == {"own"}
