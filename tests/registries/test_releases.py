"""What is known of the platform's releases."""

from __future__ import annotations

import re

import pytest

from gitops_regconf.registries.charts import charts, version
from gitops_regconf.registries.known import known
from gitops_regconf.registries.releases import (
    Release,
    name_for,
    newest,
    release,
    releases,
    shipping,
)

PROVIDERS = sorted(charts())


@pytest.mark.parametrize("name", ["31.1.0", "v31.1.0", "aws-31.1.0"])
def test_a_release_is_found_by_each_way_to_write_its_name(name: str) -> None:
    found = release("aws", name)
    assert found
    assert (found.name, found.chart_version) == ("31.1.0", "3.6.0")


@pytest.mark.parametrize("name", ["", "31", "31.1", "azure-31.1.0", "31.1.0 ", "99.0.0", "latest"])
def test_another_name_is_no_release(name: str) -> None:
    assert release("aws", name) is None


def test_the_newest_release_that_ships_a_chart_is_the_one() -> None:
    assert shipping("aws", "1.3.0") == release("aws", "28.1.1")
    assert shipping("aws", "v1.3.0") == shipping("aws", "1.3.0")
    assert name_for("aws", "1.3.0") == "28.1.1"
    assert shipping("aws", "1.2.3") is None
    assert name_for("aws", "1.2.3") == ""


def test_a_release_knows_its_flatcar_and_the_containerd_of_that() -> None:
    assert release("aws", "25.0.0") == Release("25.0.0", "1.0.0", "3815.2.2", "1.7.13")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_releases_are_in_order_and_the_last_is_the_newest(provider: str) -> None:
    known_ones = releases(provider)
    names = [version(name) for name in known_ones]
    assert names == sorted(set(names))
    assert newest(provider) == known_ones[list(known_ones)[-1]]
    for name, one in known_ones.items():
        assert one.name == name
        assert version(one.chart_version) > (0, 0, 0)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_release_ships_a_chart_with_an_interface_for_all_nodes(provider: str) -> None:
    for one in releases(provider).values():
        regime = charts()[provider].regime(one.chart_version)
        assert regime.workers.reads
        assert not regime.is_split


def test_every_flatcar_of_a_release_has_a_known_containerd() -> None:
    for provider in PROVIDERS:
        for one in releases(provider).values():
            if one.flatcar:
                assert re.fullmatch(r"\d+\.\d+\.\d+", one.flatcar_containerd or ""), one


def test_the_data_has_no_provider_and_no_key_that_nobody_reads() -> None:
    content = known("releases.yaml")
    assert sorted(content) == PROVIDERS
    for rows in content.values():
        for row in rows.values():
            assert {"chart"} <= set(row) <= {"chart", "flatcar"}


def test_providers_are_not_mixed_up() -> None:
    assert newest("aws") != newest("azure")
    with pytest.raises(KeyError):
        releases("gcp")
