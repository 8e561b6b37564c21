"""What is known of charts, and what is not."""

from __future__ import annotations

import pytest

from gitops_regconf.errors import InvalidInput, Refused
from gitops_regconf.registries.charts import Interface, charts, interface, provider_of, version
from gitops_regconf.registries.profiles import built_in
from gitops_regconf.registries.resolve import resolve
from gitops_regconf.source.position import Position

AT = Position("app.yaml", 3, 5)
NEW, GLOBAL, OLD = Interface.COMPONENTS, Interface.GLOBAL_CONNECTIVITY, Interface.CONNECTIVITY


@pytest.mark.parametrize(
    ("provider", "chart_version", "expected"),
    [
        ("aws", "0.25.0", OLD),
        ("aws", "0.49.9", OLD),
        ("aws", "0.50.0", NEW),
        ("aws", "v7.7.3-beta.1+x", NEW),
        ("aws", "", NEW),
        ("azure", "0.0.27", OLD),
        ("azure", "0.7.0", NEW),
        ("vsphere", "0.3.0", OLD),
        ("vsphere", "0.51.0", GLOBAL),
        ("vsphere", "0.64.0", NEW),
    ],
)
def test_a_chart_version_reads_one_values_path(
    provider: str, chart_version: str, expected: Interface
) -> None:
    assert interface(provider, chart_version, AT) is expected


@pytest.mark.parametrize(
    ("provider", "chart_version", "why"),
    [
        ("aws", "0.24.9", "no interface"),
        ("azure", "0.0.26", "no interface"),
        ("vsphere", "0.60.0", "different places"),
    ],
)
def test_a_version_that_could_have_no_effect_is_refused(
    provider: str, chart_version: str, why: str
) -> None:
    with pytest.raises(Refused, match=why) as caught:
        interface(provider, chart_version, AT)
    assert caught.value.at == AT
    assert charts()[provider].newest in (caught.value.mend or "")


@pytest.mark.parametrize("text", ["", "1", "1.2", "1.2.x", "latest", "1.2.3 4", "1.2.3\n"])
def test_what_is_no_version_is_an_error(text: str) -> None:
    with pytest.raises(InvalidInput, match="no chart version") as caught:
        version(text, AT)
    assert caught.value.at == AT


def test_versions_compare_as_numbers() -> None:
    assert version("0.10.0") > version("0.9.9")


def test_every_provider_has_a_chart_with_releases_in_order() -> None:
    assert set(charts()) == {"aws", "azure", "vsphere", "cloud-director"}
    for provider, chart in charts().items():
        assert provider_of(chart.name) == provider
        assert [since for since, _ in chart.reads] == sorted(since for since, _ in chart.reads)
        assert chart.reads[0][0] == (0, 0, 0)
        newest = chart.release_of(chart.newest)
        assert newest == chart.releases[-1][0]
        assert interface(provider, chart.newest, AT) is NEW
    assert provider_of("hello-world") is None
    assert charts()["aws"].release_of("99.0.0") is None


def test_only_the_newest_interface_has_the_plain_name() -> None:
    assert [path.suffix for path in Interface] == ["", "-global-connectivity", "-connectivity"]


@pytest.mark.parametrize(
    ("profile", "accounts"),
    [("docker-hub-with-acr", {"docker-hub"}), ("acr-with-cache", {"customer-docker-hub"})],
)
def test_the_built_in_profiles_are_those_of_the_two_rfcs(profile: str, accounts: set[str]) -> None:
    assert set(resolve([built_in()[profile]]).accounts()) == accounts
