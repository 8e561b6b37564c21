"""The registries in a cluster chart's values: what the schema of each generation takes."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import re
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource

from gitops_regconf.fleet.model import Account
from gitops_regconf.fleet.validate import _inlined, leaves
from gitops_regconf.registries.charts import Chart, Form, Interface, Rendering, base_chart, charts
from gitops_regconf.registries.profiles import built_in
from gitops_regconf.registries.resolve import resolve
from gitops_regconf.render.values import filled, values_document
from gitops_regconf.source.position import Position
from tests.support import ROOT

PATHS = {
    "connectivity": Interface.CONNECTIVITY,
    "global-connectivity": Interface.GLOBAL_CONNECTIVITY,
    "components": Interface.COMPONENTS,
    "components-hosts": Interface.COMPONENTS,
}
NEWEST = "components-hosts"
WITH_CACHES = ("components", "components-hosts")
CACHES = ("localRegistryCache", "managementClusterRegistryCache")
HIDDEN = "hunter2"
BASIC = base64.b64encode(b"me:" + HIDDEN.encode()).decode()


def content(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text())
    return found


SHARED = content("definitions")["$defs"]
RESOURCES: Registry[Any] = Registry().with_resource(
    "definitions.schema.json", Resource.from_contents(content("definitions"))
)
INLINED = {
    name: Draft202012Validator(_inlined(content(f"values-{name}"), SHARED)) for name in PATHS
}
REFERRING = {
    name: Draft202012Validator(content(f"values-{name}"), registry=RESOURCES) for name in PATHS
}


def errors(generation: str, values: object) -> list[ValidationError]:
    """What is wrong with values; the same whether definitions are inlined or referred to."""
    found = list(leaves(INLINED[generation].iter_errors(values)))
    assert bool(found) != REFERRING[generation].is_valid(values)
    return found


def at(path: Interface, settings: object) -> dict[str, Any]:
    for step in reversed(path.path):
        settings = {step: settings}
    assert isinstance(settings, dict)
    return settings


def registries(generation: str, content: object) -> dict[str, Any]:
    return at(PATHS[generation], {"containerRegistries": content})


def entry(generation: str, **keys: object) -> dict[str, Any]:
    return registries(generation, {"docker.io": [{"endpoint": "m.example.io", **keys}]})


@pytest.fixture(params=list(PATHS))
def generation(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(
    "free",
    [
        {},
        {"anything": 1, "connectivity": {"x": 1}},
        {"global": {"x": 1, "connectivity": {"baseDomain": "x.io"}}},
        {"global": {"components": {"selinux": {}, "containerd": {"debug": {}}}}},
    ],
)
def test_all_else_in_the_values_is_free(generation: str, free: object) -> None:
    assert errors(generation, free) == []


@pytest.mark.parametrize("broken", [None, [], "x", {"global": []}, {"global": None}])
def test_what_leads_to_registries_is_a_mapping(generation: str, broken: object) -> None:
    assert errors(generation, broken)


REGISTRIES = {
    True: [
        "docker.io", "localhost", "localhost:5000", "harbor:443", "r1.example.co.uk:65535",
        "10.0.0.1", "10.0.0.1:5000", "my-registry.x-y.io", "9gag.io", "xn--bcher-kva.example",
    ],
    False: [
        "", "Docker.io", "https://docker.io", "docker.io/library", "docker.io:", "docker.io:0",
        "docker.io:65536", "docker.io:08", "user@docker.io", "docker .io", "docker.io.", "a..io",
        "-a.io", "a-.io", "a.io\n", "docker", "10.0.0", "10.0.0.256", "a_b.io", "*", "_default",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "good"), [(name, good) for good, names in REGISTRIES.items() for name in names]
)
def test_the_name_of_a_registry(generation: str, name: str, good: bool) -> None:
    values = registries(generation, {name: [{"endpoint": "m.io"}]})
    assert (errors(generation, values) == []) is good


ENDPOINTS: dict[bool, list[Any]] = {
    True: [
        "docker.io", "localhost", "localhost:5000", "mirror", "zot.alpha.example.io:443",
        "127.0.0.1", "127.0.0.1:32767", "[::1]", "[2001:db8::1]:5000", "[::]", "[fe80::]:80",
        "[1:2:3:4:5:6:7:8]",
    ],
    False: [
        "", " ", "https://m.io", "m.io/v2", "m.io/", "me:pw@m.io", "me@m.io", "M.io", "m .io",
        "m.io ", "m.io\n", "m.io:", "m.io:0", "m.io:65536", "m.io:http", "::1", "[::1", "::1]:80",
        "[]", "[:1]", "[1::2::3]", "[12345::]", "[::G]", "[m.io]", "1.2.3", "1.2.3.400", 'm"io',
        "{mc}.io", "${region}.io", 1, True, None, [], ["m.io"],
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("endpoint", "good"), [(one, good) for good, many in ENDPOINTS.items() for one in many]
)
def test_an_endpoint(generation: str, endpoint: object, good: bool) -> None:
    assert (errors(generation, entry(generation, endpoint=endpoint)) == []) is good


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6), st.none() | st.integers(1, 65535))
def test_every_address_is_an_endpoint(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int | None
) -> None:
    for text in {address.compressed, address.exploded}:
        host = f"[{text}]" if address.version == 6 else text
        endpoint = host if port is None else f"{host}:{port}"
        if "." not in text or address.version == 4:  # ::ffff:1.2.3.4 stays out
            assert errors(NEWEST, entry(NEWEST, endpoint=endpoint)) == []


LISTS: dict[bool, list[Any]] = {
    True: [{}, {"docker.io": [{"endpoint": "a.io"}, {"endpoint": "b.io"}]}],
    False: [
        None, [], "docker.io", {"docker.io": None}, {"docker.io": []}, {"docker.io": {}},
        {"docker.io": ["a.io"]}, {"docker.io": [{}]}, {"docker.io": [None]},
        {"docker.io": {"endpoint": "a.io"}}, {"docker.io": [{"endpoint": "a.io"}] * 2},
        {"docker.io": [{"endpoint": "a.io", "credentials": {}, "x": 1}]},
        {"docker.io": [{"credentials": {"identitytoken": HIDDEN}}]},
        {"docker.io": [{"endpoint": "a.io", "account": "x"}]},
        {"docker.io": [{"endpoint": "a.io", "username": "me", "password": HIDDEN}]},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("content", "good"), [(one, good) for good, many in LISTS.items() for one in many]
)
def test_registries_and_their_lists(generation: str, content: object, good: bool) -> None:
    assert (errors(generation, registries(generation, content)) == []) is good


CREDENTIALS: dict[bool, list[Any]] = {
    True: [
        {"username": "me", "password": HIDDEN}, {"username": "me@x.io", "password": ": \"'é"},
        {"auth": BASIC}, {"auth": base64.b64encode(b"me:").decode()}, {"identitytoken": HIDDEN},
    ],
    False: [
        None, {}, [], HIDDEN,
        {"username": "me"}, {"password": HIDDEN}, {"username": "", "password": HIDDEN},
        {"username": "me", "password": ""}, {"username": "m:e", "password": HIDDEN},
        {"username": "me", "password": 1234}, {"username": "me", "password": None},
        {"username": "me", "password": f"{HIDDEN}\n"}, {"username": "me\t", "password": HIDDEN},
        {"auth": ""}, {"auth": "me:pw"}, {"auth": f"{BASIC}\n"}, {"auth": BASIC[:-1]},
        {"auth": base64.b64encode(b"nocolon").decode()}, {"auth": None},
        {"identitytoken": ""}, {"identitytoken": f"{HIDDEN}\n"},
        {"auth": BASIC, "identitytoken": HIDDEN},
        {"username": "me", "password": HIDDEN, "auth": BASIC},
        {"username": "me", "password": HIDDEN, "identitytoken": HIDDEN},
        {"username": "me", "auth": BASIC}, {"password": HIDDEN, "identitytoken": HIDDEN},
        {"username": "me", "password": HIDDEN, "email": "me@x.io"}, {"identityToken": HIDDEN},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("credentials", "good"), [(one, good) for good, many in CREDENTIALS.items() for one in many]
)
def test_credentials(generation: str, credentials: object, good: bool) -> None:
    assert (errors(generation, entry(generation, credentials=credentials)) == []) is good


def is_basic(text: str) -> bool:
    try:
        return b":" in base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False


@given(
    st.binary(max_size=24).map(lambda data: base64.b64encode(data).decode())
    | st.binary(max_size=24).map(lambda data: base64.b64encode(data + b":").decode())
    | st.text("Ogv6jo=A+/!:", max_size=12)
)
def test_the_pattern_of_auth_finds_the_colon_in_base64(text: str) -> None:
    pattern = SHARED["valuesCredentials"]["properties"]["auth"]["pattern"]
    assert bool(re.search(pattern, text)) is is_basic(text)


@pytest.mark.parametrize("flag", ["insecure", "overridePath", "skipVerify"])
def test_only_the_newest_generation_knows_switches(generation: str, flag: str) -> None:
    good = generation == NEWEST
    assert (errors(generation, entry(generation, **{flag: True})) == []) is good
    for bad in ("true", 1, None):
        assert errors(generation, entry(generation, **{flag: bad}))


SETTINGS: list[tuple[str, object, bool]] = [
    ("localRegistryCache", {}, True),
    ("localRegistryCache", {"enabled": True, "port": 32767, "mirroredRegistries": []}, True),
    ("localRegistryCache", {"port": 1}, True),
    ("localRegistryCache", {"port": 0}, False),
    ("localRegistryCache", {"port": 65536}, False),
    ("localRegistryCache", {"port": "5000"}, False),
    ("localRegistryCache", {"enabled": "yes"}, False),
    ("localRegistryCache", {"registries": []}, False),
    ("localRegistryCache", None, False),
    ("managementClusterRegistryCache", {"enabled": False}, True),
    ("managementClusterRegistryCache", {"mirroredRegistries": ["docker.io", "a.io:5000"]}, True),
    ("managementClusterRegistryCache", {"mirroredRegistries": ["docker.io"] * 2}, False),
    ("managementClusterRegistryCache", {"mirroredRegistries": ["https://docker.io"]}, False),
    ("managementClusterRegistryCache", {"mirroredRegistries": None}, False),
    ("managementClusterRegistryCache", {"port": 5000}, False),
]


@pytest.mark.parametrize(("cache", "settings", "good"), SETTINGS)
def test_caches(generation: str, cache: str, settings: object, good: bool) -> None:
    values = at(Interface.COMPONENTS, {cache: settings})
    assert (errors(generation, values) == []) is (good and generation in WITH_CACHES)


@pytest.mark.parametrize("path", list(Interface))
def test_registries_where_they_are_not_read_are_refused_with_the_reason(
    generation: str, path: Interface
) -> None:
    found = errors(generation, at(path, {"containerRegistries": {}}))
    if path is PATHS[generation]:
        assert found == []
        return
    (error,) = found
    assert list(error.absolute_path) == [*path.path, "containerRegistries"]
    assert isinstance(error.schema, dict)
    assert error.schema["title"] == "Not read here"
    wanted = f"{PATHS[generation]}.containerRegistries"
    assert wanted in error.schema["description"]
    assert wanted in error.schema["deprecationMessage"]


def accounts(names: set[str], fields: tuple[str, ...]) -> dict[str, Account]:
    return {name: Account(name, "x", fields, None, None, mock.Mock()) for name in names}


@pytest.mark.parametrize("profile", sorted(built_in()))
@pytest.mark.parametrize("fields", [("username", "password"), ("auth",), ("identitytoken",)])
def test_what_is_generated_is_accepted(
    generation: str, profile: str, fields: tuple[str, ...]
) -> None:
    resolved = resolve([built_in()[profile]])
    document = values_document(
        resolved, PATHS[generation], accounts(set(resolved.accounts()), fields),
        Position("x"), complete=False,
    )  # fmt: skip
    values = filled(document, lambda placeholder: BASIC if placeholder.field == "auth" else HIDDEN)
    text = json.dumps(values).replace("{region}", "eu").replace("{provider}", "aws")
    values = json.loads(text.replace("{mc}", "alpha").replace("{baseDomain}", "x.io"))
    assert errors(generation, values) == []


def generation_of(rendering: Rendering) -> str | None:
    """The schema that describes what is read for one kind of node."""
    if rendering.reads is Interface.COMPONENTS:
        return NEWEST if rendering.writes is Form.HOSTS else "components"
    return next((name for name, path in PATHS.items() if path is rendering.reads), None)


def spans(chart: Chart) -> dict[str, str]:
    """From which version of a chart to below which each generation is read, as the README says."""
    starts: list[tuple[str, str | None]] = []
    for regime in chart.regimes:
        generation = None if regime.is_split else generation_of(regime.workers)
        if not starts or starts[-1][1] != generation:
            starts.append((".".join(map(str, regime.since)), generation))
    ends = [*(f", below {since}" for since, _ in starts[1:]), " on"]
    found: dict[str, list[str]] = {}
    for (since, name), end in zip(starts, ends, strict=True):
        if name:
            found.setdefault(name, []).append(f"{since}{end}")
    return {name: "; ".join(parts) for name, parts in found.items()}


def test_the_readme_says_which_chart_versions_are_of_which_generation() -> None:
    readme = (ROOT / "schemas/README.md").read_text("utf-8")
    for chart in (*charts().values(), base_chart()):
        cells = [spans(chart).get(name, "none") for name in PATHS]
        assert f"| `{chart.name}` | {' | '.join(cells)} |" in readme


def test_the_readme_says_from_which_version_on_a_cache_or_a_switch_has_effect() -> None:
    readme = (ROOT / "schemas/README.md").read_text("utf-8")
    for chart in (*charts().values(), base_chart()):
        cells = [
            next(
                ".".join(map(str, regime.since))
                for regime in chart.regimes
                if not regime.is_split and what in (*regime.workers.caches, *regime.workers.flags)
            )
            for what in (*CACHES, "skipVerify", "insecure", "overridePath")
        ]
        assert f"| `{chart.name}` | {' | '.join(cells)} |" in readme
