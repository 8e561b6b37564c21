"""What is known of charts, and what is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gitops_regconf.errors import InvalidInput, Refused
from gitops_regconf.registries.charts import (
    Chart,
    Defect,
    Form,
    Interface,
    Rendering,
    _rendering,
    base_chart,
    chart,
    charts,
    interface,
    provider_of,
    version,
)
from gitops_regconf.registries.keys import LOCAL_CACHE, MANAGEMENT_CLUSTER_CACHE
from gitops_regconf.registries.known import known
from gitops_regconf.registries.profiles import built_in
from gitops_regconf.registries.releases import newest, release, shipping
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
    assert newest(provider).chart_version in (caught.value.mend or "")


@pytest.mark.parametrize("text", ["", "1", "1.2", "1.2.x", "latest", "1.2.3 4", "1.2.3\n"])
def test_what_is_no_version_is_an_error(text: str) -> None:
    with pytest.raises(InvalidInput, match="no chart version") as caught:
        version(text, AT)
    assert caught.value.at == AT


def test_versions_compare_as_numbers() -> None:
    assert version("0.10.0") > version("0.9.9")


def test_every_provider_has_a_chart_with_regimes_and_releases_in_order() -> None:
    assert set(charts()) == {"aws", "azure", "vsphere", "cloud-director"}
    for provider, found in charts().items():
        assert provider_of(found.name) == provider
        since = [regime.since for regime in found.regimes]
        assert since == sorted(set(since))
        assert since[0] == (0, 0, 0)
        last = newest(provider)
        assert shipping(provider, last.chart_version) == last
        assert release(provider, f"{provider}-{last.name}") == release(provider, f"v{last.name}")
        assert interface(provider, last.chart_version, AT) is NEW
    assert provider_of("hello-world") is None
    assert shipping("aws", "99.0.0") is None
    assert release("aws", "99.0.0") is None


def test_only_the_newest_interface_has_the_plain_name() -> None:
    assert [path.suffix for path in Interface] == ["", "-global-connectivity", "-connectivity"]


@pytest.mark.parametrize(
    ("profile", "accounts"),
    [("docker-hub-with-acr", {"docker-hub"}), ("acr-with-cache", {"customer-docker-hub"})],
)
def test_the_built_in_profiles_are_those_of_the_two_rfcs(profile: str, accounts: set[str]) -> None:
    assert set(resolve([built_in()[profile]]).accounts()) == accounts


# --- What changes from one version to the next, row by row -----------------------------------

LOCAL, MC = LOCAL_CACHE, MANAGEMENT_CLUSTER_CACHE
TOGETHER, MISNAMED, ALWAYS = (
    Defect.ACCOUNTS_RUN_TOGETHER,
    Defect.MIRRORS_MISNAMED,
    Defect.OVERRIDE_PATH_ALWAYS,
)
BARE, DROP_IN, CONFIG, HOSTS = Form.BARE, Form.DROP_IN, Form.CONFIG, Form.HOSTS
SWITCHES = ("insecure", "overridePath", "skipVerify")
EVERY_CACHE = (LOCAL, MC)

# What stands in a chart, said in short: endpoints by registry, and what its caches serve.
Defaults = tuple[dict[str, list[str]], dict[str, tuple[bool, list[str]]]]
HUB = {"docker.io": ["registry-1.docker.io", "giantswarm.azurecr.io"]}
ACR = {"gsoci.azurecr.io": ["gsoci.azurecr.io"]}
OFF: dict[str, tuple[bool, list[str]]] = {LOCAL: (False, [])}
IDLE = {**OFF, MC: (True, [])}
CACHED = {**OFF, MC: (True, ["gsoci.azurecr.io"])}
DOCKER_HUB: Defaults = (HUB, OFF)
DOCKER_HUB_AND_CACHED_ACR: Defaults = ({**HUB, **ACR}, CACHED)
DOCKER_HUB_AND_ACR: Defaults = ({**HUB, **ACR}, IDLE)
ONLY_ACR: Defaults = (ACR, IDLE)
CACHED_ACR: Defaults = (ACR, CACHED)


def behaviour(chart: Chart, chart_version: str) -> dict[str, Any]:
    """Everything that is known of a version: of both kinds of node, or of each by itself."""
    regime = chart.regime(chart_version)
    kinds = {"control plane": said(regime.control_plane), "workers": said(regime.workers)}
    found: dict[str, Any] = {"ignores": set(regime.ignores)}
    for key, of_workers in kinds["workers"].items():
        of_control_plane = kinds["control plane"][key]
        found[key] = of_workers
        if of_control_plane != of_workers:
            found[key] = {"control plane": of_control_plane, "workers": of_workers}
    return found


def said(rendering: Rendering) -> dict[str, Any]:
    return {
        "reads": rendering.reads,
        "writes": rendering.writes if rendering.reads else None,
        "caches": rendering.caches,
        "flags": rendering.flags,
        "closed": rendering.closed,
        "defects": set(rendering.defects),
        "defaults": None if rendering.defaults is None else in_short(rendering.defaults),
    }


def in_short(defaults: Mapping[str, Any]) -> Defaults:
    registries = {
        registry: [entry["endpoint"] for entry in entries]
        for registry, entries in defaults["containerRegistries"].items()
    }
    caches = {
        name: (settings["enabled"], settings["mirroredRegistries"])
        for name, settings in defaults.items()
        if name != "containerRegistries"
    }
    return registries, caches


def kinds(control_plane: object, workers: object) -> dict[str, object]:
    return {"control plane": control_plane, "workers": workers}


# Chart, the last version before a boundary, the first one after it, and all that it changes.
# Written by hand from the charts: the data file says the same, and must go on doing so.
BOUNDARIES: list[tuple[str, str, str, dict[str, Any]]] = [
    (
        *("cluster-aws", "0.24.1", "0.25.0"),
        {"reads": OLD, "writes": DROP_IN, "defects": {TOGETHER}, "ignores": {GLOBAL, NEW}},
    ),
    ("cluster-aws", "0.27.0", "0.28.0", {"ignores": set()}),
    ("cluster-aws", "0.30.1", "0.31.0", {"defaults": DOCKER_HUB}),
    ("cluster-aws", "0.33.1", "0.34.0", {"writes": CONFIG}),
    ("cluster-aws", "0.48.9", "0.49.0", {"ignores": {GLOBAL, NEW}}),
    ("cluster-aws", "0.49.9", "0.50.0", {"reads": NEW, "ignores": {GLOBAL}}),
    ("cluster-aws", "0.55.9", "0.56.0", {"ignores": set()}),
    ("cluster-aws", "0.74.9", "0.75.0", {"defects": {TOGETHER, MISNAMED}}),
    ("cluster-aws", "0.75.9", "0.76.0", {"defects": {TOGETHER}}),
    ("cluster-aws", "0.78.9", "0.79.0", {"defects": set(), "caches": (LOCAL,)}),
    (
        *("cluster-aws", "1.2.9", "1.3.0"),
        {"caches": EVERY_CACHE, "defaults": DOCKER_HUB_AND_CACHED_ACR},
    ),
    (
        *("cluster-aws", "6.9.9", "7.0.0"),
        {"writes": HOSTS, "flags": ("skipVerify",), "defects": {ALWAYS}},
    ),
    ("cluster-aws", "7.0.9", "7.1.0", {"flags": SWITCHES, "defects": set()}),
    ("cluster-aws", "7.3.9", "7.4.0", {"defaults": CACHED_ACR}),
    (
        *("cluster-azure", "0.0.26", "0.0.27"),
        {
            "reads": OLD,
            "writes": CONFIG,
            "defects": {TOGETHER},
            "defaults": DOCKER_HUB,
        },
    ),
    ("cluster-azure", "0.0.29", "0.0.30", {"ignores": {GLOBAL, NEW}}),
    ("cluster-azure", "0.6.9", "0.7.0", {"reads": NEW, "ignores": {GLOBAL}}),
    (
        *("cluster-azure", "0.8.9", "0.9.0"),
        {"defects": kinds({TOGETHER, MISNAMED}, {TOGETHER})},
    ),
    ("cluster-azure", "0.9.9", "0.10.0", {"defects": {TOGETHER}}),
    ("cluster-azure", "0.12.9", "0.13.0", {"defects": set(), "caches": (LOCAL,)}),
    (
        *("cluster-azure", "0.17.9", "0.18.0"),
        {"caches": EVERY_CACHE, "defaults": DOCKER_HUB_AND_CACHED_ACR},
    ),
    (
        *("cluster-azure", "4.9.9", "5.0.0"),
        {"writes": HOSTS, "flags": ("skipVerify",), "defects": {ALWAYS}},
    ),
    ("cluster-azure", "5.0.9", "5.1.0", {"flags": SWITCHES, "defects": set()}),
    ("cluster-azure", "5.2.0", "5.2.1", {"defaults": CACHED_ACR}),
    (
        *("cluster-vsphere", "0.2.1", "0.3.0"),
        {"reads": OLD, "writes": BARE, "ignores": {GLOBAL, NEW}},
    ),
    ("cluster-vsphere", "0.6.1", "0.6.2", {"writes": CONFIG, "defects": {TOGETHER}}),
    (
        *("cluster-vsphere", "0.50.9", "0.51.0"),
        {"reads": GLOBAL, "closed": True, "ignores": {OLD, NEW}},
    ),
    ("cluster-vsphere", "0.51.9", "0.52.0", {"ignores": {NEW}}),
    ("cluster-vsphere", "0.53.9", "0.54.0", {"defects": set()}),
    (
        *("cluster-vsphere", "0.59.9", "0.60.0"),
        {
            "reads": kinds(NEW, GLOBAL),
            "closed": kinds(control_plane=False, workers=True),
            "caches": kinds(EVERY_CACHE, ()),
            "defaults": kinds(DOCKER_HUB_AND_CACHED_ACR, None),
            "ignores": set(),
        },
    ),
    (
        *("cluster-vsphere", "0.63.9", "0.64.0"),
        {
            "reads": NEW,
            "closed": False,
            "caches": EVERY_CACHE,
            "ignores": {GLOBAL},
            "defaults": DOCKER_HUB_AND_CACHED_ACR,
        },
    ),
    ("cluster-vsphere", "0.68.0", "0.68.1", {"defaults": DOCKER_HUB_AND_ACR}),
    ("cluster-vsphere", "1.9.9", "2.0.0", {"defaults": ONLY_ACR}),
    (
        *("cluster-vsphere", "3.9.9", "4.0.0"),
        {"writes": HOSTS, "flags": ("skipVerify",), "defects": {ALWAYS}},
    ),
    ("cluster-vsphere", "4.0.9", "4.1.0", {"flags": SWITCHES, "defects": set()}),
    ("cluster-vsphere", "4.1.2", "4.1.3", {"defaults": CACHED_ACR}),
    ("cluster-vsphere", "6.5.9", "6.6.0", {"ignores": set()}),
    (
        *("cluster-cloud-director", "0.5.9", "0.6.0"),
        {"reads": OLD, "writes": BARE, "ignores": {GLOBAL, NEW}},
    ),
    ("cluster-cloud-director", "0.11.9", "0.12.0", {"closed": True, "ignores": set()}),
    ("cluster-cloud-director", "0.12.9", "0.13.0", {"writes": CONFIG, "defects": {TOGETHER}}),
    ("cluster-cloud-director", "0.14.3", "0.14.4", {"ignores": {GLOBAL, NEW}}),
    ("cluster-cloud-director", "0.52.9", "0.53.0", {"reads": GLOBAL, "ignores": {NEW}}),
    ("cluster-cloud-director", "0.53.0", "0.53.1", {"ignores": {OLD, NEW}}),
    ("cluster-cloud-director", "0.53.9", "0.54.0", {"defects": set()}),
    (
        *("cluster-cloud-director", "0.59.9", "0.60.0"),
        {
            "reads": kinds(GLOBAL, NEW),
            "closed": kinds(control_plane=True, workers=False),
            "caches": kinds((), EVERY_CACHE),
            "defaults": kinds(None, DOCKER_HUB_AND_CACHED_ACR),
            "ignores": {OLD},
        },
    ),
    (
        *("cluster-cloud-director", "0.60.9", "0.61.0"),
        {
            "reads": NEW,
            "closed": False,
            "caches": EVERY_CACHE,
            "ignores": {OLD, GLOBAL},
            "defaults": DOCKER_HUB_AND_CACHED_ACR,
        },
    ),
    ("cluster-cloud-director", "0.64.0", "0.64.1", {"defaults": DOCKER_HUB_AND_ACR}),
    ("cluster-cloud-director", "0.69.9", "1.0.0", {"defaults": ONLY_ACR}),
    (
        *("cluster-cloud-director", "2.9.9", "3.0.0"),
        {"writes": HOSTS, "flags": ("skipVerify",), "defects": {ALWAYS}},
    ),
    ("cluster-cloud-director", "3.0.9", "3.1.0", {"flags": SWITCHES, "defects": set()}),
    ("cluster-cloud-director", "3.1.2", "3.1.3", {"defaults": CACHED_ACR}),
    ("cluster-cloud-director", "4.6.9", "4.7.0", {"ignores": set()}),
    (
        *("cluster", "0.0.9", "0.1.0"),
        {
            "reads": NEW,
            "writes": CONFIG,
            "defects": {TOGETHER},
            "defaults": DOCKER_HUB,
            "ignores": {GLOBAL},
        },
    ),
    ("cluster", "0.19.9", "0.20.0", {"defects": {TOGETHER, MISNAMED}}),
    ("cluster", "0.24.9", "0.25.0", {"defects": {TOGETHER}}),
    ("cluster", "0.31.9", "0.32.0", {"defects": set(), "caches": (LOCAL,)}),
    (
        *("cluster", "0.99.9", "1.0.0"),
        {"caches": EVERY_CACHE, "defaults": DOCKER_HUB_AND_CACHED_ACR},
    ),
    (
        *("cluster", "2.9.9", "3.0.0"),
        {
            "reads": kinds(NEW, None),
            "writes": kinds(CONFIG, None),
            "caches": kinds(EVERY_CACHE, ()),
            "defaults": kinds(CACHED_ACR, None),
        },
    ),
    (
        *("cluster", "3.0.0", "3.0.1"),
        {"reads": NEW, "writes": CONFIG, "caches": EVERY_CACHE, "defaults": CACHED_ACR},
    ),
    (
        *("cluster", "4.5.9", "4.6.0"),
        {"writes": HOSTS, "flags": ("skipVerify",), "defects": {ALWAYS}},
    ),
    ("cluster", "5.0.9", "5.1.0", {"flags": SWITCHES, "defects": set()}),
]

NOTHING: dict[str, Any] = {
    "reads": None,
    "writes": None,
    "caches": (),
    "flags": (),
    "closed": False,
    "defects": set(),
    "defaults": None,
    "ignores": set(),
}


def known_chart(name: str) -> Chart:
    found = chart(name)
    assert found
    return found


@pytest.mark.parametrize(
    ("name", "before", "since", "change"),
    BOUNDARIES,
    ids=[f"{name}-{since}" for name, _, since, _ in BOUNDARIES],
)
def test_a_version_changes_this_and_nothing_else(
    name: str, before: str, since: str, change: dict[str, Any]
) -> None:
    old, new = (behaviour(known_chart(name), one) for one in (before, since))
    assert {key: new[key] for key in new if new[key] != old[key]} == change


@pytest.mark.parametrize("name", ["cluster", *sorted(one.name for one in charts().values())])
def test_every_change_is_in_the_table_and_the_first_version_has_no_interface(name: str) -> None:
    listed = [version(since) for of, _, since, _ in BOUNDARIES if of == name]
    assert [regime.since for regime in known_chart(name).regimes] == [(0, 0, 0), *listed]
    assert behaviour(known_chart(name), "0.0.0") == NOTHING


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("cluster-vsphere", ["0.60.0"]),
        ("cluster-cloud-director", ["0.60.0"]),
        ("cluster-aws", []),
        # Its control planes and workers have other defects, and read the same.
        ("cluster-azure", []),
        ("cluster", ["3.0.0"]),
    ],
)
def test_control_plane_and_workers_read_different_paths_in_these_versions(
    name: str, split: list[str]
) -> None:
    found = [regime.since for regime in known_chart(name).regimes if regime.is_split]
    assert found == [version(one) for one in split]


def test_a_chart_is_found_by_its_name_and_others_are_not() -> None:
    assert chart("cluster") is base_chart()
    assert chart("cluster-aws") is charts()["aws"]
    assert chart("aws") is None
    assert provider_of("cluster") is None


class Watched(dict[str, Any]):
    """A mapping that remembers which of its keys were asked for."""

    def __init__(self, content: Mapping[str, Any]):
        super().__init__(content)
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)


ROW_KEYS = {"from", "reads", "ignores", "writes", "caches", "flags", "items", "defects", "defaults"}
OF_A_KIND = ("controlPlane", "workers")


def rows() -> list[tuple[str, dict[str, Any]]]:
    content = known("charts.yaml")
    listed = [*content["charts"].values(), content["base"]]
    return [(f"{one['chart']} {row['from']}", row) for one in listed for row in one["versions"]]


@pytest.mark.parametrize(("row", "key"), [(row, key) for _, row in rows() for key in row])
def test_every_key_of_a_row_is_read(row: dict[str, Any], key: str) -> None:
    assert key in {*ROW_KEYS, *OF_A_KIND}
    if key in OF_A_KIND:
        assert set(row[key]) <= ROW_KEYS - {"from", "ignores"}


@pytest.mark.parametrize("key", sorted(ROW_KEYS - {"from", "ignores"}))
def test_the_keys_that_a_row_may_have_are_those_that_are_read(key: str) -> None:
    content = known("charts.yaml")
    state = Watched({"reads": "connectivity", "writes": "config", "defaults": "acr"})
    _rendering(state, content["defaults"])
    assert key in state.asked


def test_all_defaults_are_used_and_hold_what_charts_read() -> None:
    content = known("charts.yaml")
    kinds_of_rows = [
        part for _, row in rows() for part in (row, *(row.get(kind, {}) for kind in OF_A_KIND))
    ]
    used = {part["defaults"] for part in kinds_of_rows if "defaults" in part}
    assert used == set(content["defaults"])
    for defaults in content["defaults"].values():
        assert set(defaults) <= {"containerRegistries", LOCAL, MC}
        assert defaults[LOCAL]["port"] == 32767
