"""What a chart writes on a node, its defects included: one test for each rule of the charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gitops_regconf.errors import InvalidInput
from gitops_regconf.registries.charts import (
    Defect,
    Form,
    Interface,
    Rendering,
)
from gitops_regconf.registries.keys import LOCAL_CACHE, MANAGEMENT_CLUSTER_CACHE
from gitops_regconf.registries.model import Placeholder
from gitops_regconf.registries.node import (
    Broken,
    Host,
    Login,
    Node,
    cache_host,
    cached_in_vain,
    is_default,
    node,
)
from gitops_regconf.registries.values import Values, merged_by_app_platform, tree
from gitops_regconf.source.documents import document
from gitops_regconf.source.position import Position

CHART = "cluster-aws 7.7.3"
READS = Interface.COMPONENTS
# As the newest charts are, but without their defaults and caches.
HOSTS = Rendering(READS, Form.HOSTS, flags=("insecure", "overridePath", "skipVerify"))
CONFIG = Rendering(READS, Form.CONFIG)
DROP_IN, BARE = (Rendering(Interface.CONNECTIVITY, form) for form in (Form.DROP_IN, Form.BARE))
CACHES = (LOCAL_CACHE, MANAGEMENT_CLUSTER_CACHE)
APART = (CONFIG, DROP_IN, BARE)

USER = "{username: robot, password: fake}"
AUTH = "{auth: ZmFrZQ==}"
TOKEN = "{identitytoken: fake-token}"


def settings(text: str, reads: Interface = READS, around: str = "") -> Values:
    """Values with `text` below an interface; `around` is what else is under `global`."""
    opened, closed = "", ""
    for step in reads.path:
        opened, closed = f"{opened}{step}: {{", f"{closed}}}"
    if around:
        opened = f"{opened.replace('global: {', f'global: {{{around}, ')}"
    file = document(f"{opened}{text}{closed}\n", "values.yaml")
    return Values("values", file.data, lambda path: file.at(*path))


def written(rendering: Rendering, registries: str, around: str = "", more: str = "") -> Node:
    assert rendering.reads
    text = f"containerRegistries: {{{registries}}}{more}"
    return node(rendering, CHART, tree(settings(text, rendering.reads, around)))


def urls(found: Node, registry: str = "docker.io") -> list[str]:
    return [host.url for host in found.registries[registry]]


def entry(endpoint: str, credentials: str = "", more: str = "") -> str:
    of_account = f", credentials: {credentials}" if credentials else ""
    return f"{{endpoint: {endpoint}{of_account}{more}}}"


def error(rendering: Rendering, registries: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        written(rendering, registries)
    return caught.value


def whys(found: Node) -> list[str]:
    return [broken.why for broken in found.broken]


# --- Hosts and credentials --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rendering", "expected"),
    [
        (BARE, ["hub", "acr.io:5000"]),
        (DROP_IN, ["https://hub", "https://acr.io:5000"]),
        (CONFIG, ["https://hub", "https://acr.io:5000"]),
        (HOSTS, ["https://hub", "https://acr.io:5000"]),
    ],
)
def test_endpoints_keep_their_order_and_get_https_but_in_the_oldest_form(
    rendering: Rendering, expected: list[str]
) -> None:
    found = written(rendering, f"docker.io: [{entry('hub')}, {entry('acr.io:5000')}]")
    assert urls(found) == expected
    assert [host.endpoint for host in found.registries["docker.io"]] == ["hub", "acr.io:5000"]
    assert (found.writes, found.broken) == (rendering.writes, ())


@pytest.mark.parametrize("rendering", [HOSTS, *APART])
def test_registries_are_in_alphabetical_order(rendering: Rendering) -> None:
    found = written(rendering, f"quay.io: [{entry('q')}], docker.io: [{entry('d')}], a.io: []")
    assert list(found.registries) == ["a.io", "docker.io", "quay.io"]
    assert found.registries["a.io"] == ()


@pytest.mark.parametrize("rendering", APART)
def test_the_older_forms_keep_credentials_by_endpoint(rendering: Rendering) -> None:
    listed = f"[{entry('hub', AUTH)}, {entry('acr')}, {entry('last', USER)}]"
    found = written(rendering, f"docker.io: {listed}")
    assert [(endpoint, dict(login.fields)) for endpoint, login in found.logins] == [
        ("hub", {"auth": "ZmFrZQ=="}),
        ("last", {"username": "robot", "password": "fake"}),
    ]
    assert [host.login for host in found.registries["docker.io"]] == [None, None, None]


def test_the_newest_form_keeps_credentials_with_their_host() -> None:
    listed = f"[{entry('hub', AUTH)}, {entry('acr')}, {entry('last', USER)}]"
    found = written(HOSTS, f"docker.io: {listed}")
    logins = [host.login for host in found.registries["docker.io"]]
    assert [login and dict(login.fields) for login in logins] == [
        {"auth": "ZmFrZQ=="},
        None,
        {"username": "robot", "password": "fake"},
    ]
    assert found.logins == ()


PRECEDENCE = [
    (USER, {"username", "password"}),
    (AUTH, {"auth"}),
    (TOKEN, {"identitytoken"}),
    ("{identitytoken: t, auth: a, username: u, password: p}", {"username", "password"}),
    ("{identitytoken: t, auth: a}", {"auth"}),
    ("{identitytoken: t, username: u}", {"identitytoken"}),
    ("{auth: a, password: p}", {"auth"}),
    ("{username: u, password: '', auth: a}", {"auth"}),
]


@pytest.mark.parametrize(("credentials", "taken"), PRECEDENCE)
@pytest.mark.parametrize("rendering", [HOSTS, CONFIG, DROP_IN])
def test_the_first_complete_kind_of_credentials_is_taken(
    rendering: Rendering, credentials: str, taken: set[str]
) -> None:
    found = written(rendering, f"docker.io: [{entry('hub', credentials)}]")
    (host,) = found.registries["docker.io"]
    login = host.login or dict(found.logins)["hub"]
    assert set(login.fields) == taken
    assert login.is_basic == (taken != {"identitytoken"})


@pytest.mark.parametrize(("credentials", "_taken"), PRECEDENCE)
def test_the_oldest_form_copies_all_of_them(credentials: str, _taken: set[str]) -> None:
    found = written(BARE, f"docker.io: [{entry('hub', credentials)}]")
    given = document(credentials, "credentials").data
    ((_, login),) = found.logins
    assert dict(login.fields) == given
    assert list(login.fields) == sorted(given)


@pytest.mark.parametrize("credentials", ["{username: u}", "{password: p}", "{auth: ''}"])
def test_incomplete_credentials_are_an_empty_table_or_nothing(credentials: str) -> None:
    listed = f"docker.io: [{entry('hub', credentials)}]"
    for rendering in (CONFIG, DROP_IN):
        ((endpoint, login),) = written(rendering, listed).logins
        assert (endpoint, dict(login.fields), login.is_basic) == ("hub", {}, False)
        assert login.account is None
    (host,) = written(HOSTS, listed).registries["docker.io"]
    assert host.login is None


@pytest.mark.parametrize("credentials", ["{}", "null"])
@pytest.mark.parametrize("rendering", [HOSTS, *APART])
def test_empty_credentials_are_none(rendering: Rendering, credentials: str) -> None:
    found = written(rendering, f"docker.io: [{entry('hub', credentials)}]")
    assert (found.logins, found.registries["docker.io"][0].login) == ((), None)


def test_credentials_of_an_account_know_its_name_and_those_in_clear_do_not() -> None:
    of_account = Login({"auth": Placeholder("hub", "auth")}, Position(""))
    assert of_account.account == "hub"
    assert Login({"auth": "ZmFrZQ=="}, Position("")).account is None


# --- Switches ---------------------------------------------------------------------------------


def host(rendering: Rendering, item: str, registry: str = "docker.io") -> Host:
    (found,) = written(rendering, f"{registry}: [{item}]").registries[registry]
    return found


@pytest.mark.parametrize("value", ["true", "'yes'", "1"])
def test_each_switch_has_its_effect_where_the_chart_knows_it(value: str) -> None:
    assert host(HOSTS, entry("h", more=f", overridePath: {value}")).override_path is True
    assert host(HOSTS, entry("h", more=f", skipVerify: {value}")).skip_verify is True
    assert host(HOSTS, entry("h", more=f", insecure: {value}")).url == "http://h"


def test_a_switch_that_is_off_is_not_written() -> None:
    off = ", insecure: false, overridePath: false, skipVerify: false"
    assert host(HOSTS, entry("h", more=off)) == host(HOSTS, entry("h"))
    assert host(HOSTS, entry("h")) == Host("https://h", "h")


ON = ", insecure: true, overridePath: true, skipVerify: true"


@pytest.mark.parametrize("rendering", [*APART, replace(HOSTS, flags=())])
def test_a_switch_that_the_chart_does_not_know_has_no_effect(rendering: Rendering) -> None:
    assert host(rendering, entry("h", more=ON)) == host(rendering, entry("h"))


def test_an_account_of_an_insecure_endpoint_goes_to_a_second_host() -> None:
    found = written(HOSTS, f"docker.io: [{entry('h', USER, ON)}]")
    plain, headers = found.registries["docker.io"]
    assert (plain.url, plain.login, plain.declared) == ("http://h", None, True)
    assert (plain.override_path, plain.skip_verify) == (True, True)
    assert (headers.url, headers.declared) == ("https://h", False)
    assert headers.login
    assert dict(headers.login.fields) == {"username": "robot", "password": "fake"}
    assert (headers.override_path, headers.skip_verify) == (False, None)
    assert found.broken == ()


def test_an_insecure_endpoint_without_an_account_is_one_host() -> None:
    assert host(HOSTS, entry("h", "{username: only}", ON)).url == "http://h"


# Charts between the first hosts.toml and the switch for it.
ALWAYS = replace(
    HOSTS, flags=("skipVerify",), defects=frozenset({Defect.OVERRIDE_PATH_ALWAYS}), caches=CACHES
)


@pytest.mark.parametrize(
    ("endpoint", "without_v2"), [("quay.io", False), ("mirror.io", True), ("quay.io/x", True)]
)
def test_in_some_versions_every_host_but_the_registry_is_asked_without_v2(
    endpoint: str, without_v2: bool
) -> None:
    found = host(ALWAYS, entry(endpoint, more=", overridePath: false"), "quay.io")
    assert (found.override_path, found.skip_verify) == (without_v2, False)
    assert host(ALWAYS, entry(endpoint, more=", skipVerify: true"), "quay.io").skip_verify is True


def test_in_those_versions_the_caches_are_asked_without_v2_too() -> None:
    enabled = "{enabled: true, port: 32767, mirroredRegistries: [quay.io]}"
    more = "".join(f", {name}: {enabled}" for name in CACHES)
    found = written(ALWAYS, f"quay.io: [{entry('quay.io')}]", more=more)
    assert [host.override_path for host in found.registries["quay.io"]] == [True, True, False]


# --- Caches -----------------------------------------------------------------------------------

MC = "managementCluster: alpha, connectivity: {baseDomain: example.io}"
LOCAL = "localRegistryCache: {enabled: true, port: 32767, mirroredRegistries: [docker.io]}"
OF_MC = "managementClusterRegistryCache: {enabled: true, mirroredRegistries: [docker.io, quay.io]}"
WITH_CACHES = replace(HOSTS, caches=CACHES)
HUB = f"docker.io: [{entry('hub')}]"


@pytest.mark.parametrize("rendering", [HOSTS, CONFIG])
def test_caches_come_before_all_endpoints_in_the_order_of_the_chart(rendering: Rendering) -> None:
    rendering = replace(rendering, caches=CACHES)
    found = written(rendering, HUB, MC, f", {OF_MC}, {LOCAL}")
    assert urls(found) == [
        "http://127.0.0.1:32767",
        "https://zot.alpha.example.io",
        "https://hub",
    ]
    assert [host.cache for host in found.registries["docker.io"]] == [*CACHES, None]
    assert [host.login for host in found.registries["docker.io"]] == [None] * 3


def test_caches_serve_only_the_registries_that_they_are_told() -> None:
    found = written(WITH_CACHES, f"a.io: [{entry('a')}], quay.io: []", MC, f", {OF_MC}, {LOCAL}")
    assert urls(found, "a.io") == ["https://a"]
    assert urls(found, "quay.io") == ["https://zot.alpha.example.io"]


@pytest.mark.parametrize(
    ("rendering", "more"),
    [
        (WITH_CACHES, OF_MC.replace("enabled: true", "enabled: false")),
        (WITH_CACHES, OF_MC.replace("enabled: true, ", "")),
        (WITH_CACHES, "managementClusterRegistryCache: {enabled: true}"),
        (WITH_CACHES, "managementClusterRegistryCache: {enabled: true, mirroredRegistries: []}"),
        (replace(HOSTS, caches=(LOCAL_CACHE,)), OF_MC),
        (HOSTS, OF_MC),
    ],
)
def test_a_cache_that_is_off_or_serves_nothing_or_is_unknown_is_not_asked(
    rendering: Rendering, more: str
) -> None:
    assert urls(written(rendering, HUB, MC, f", {more}")) == ["https://hub"]


def test_a_cache_is_decided_where_its_registries_are_listed() -> None:
    found = written(WITH_CACHES, HUB, MC, f", {OF_MC}")
    at = found.registries["docker.io"][0].at
    assert (at.path, at.line) == ("values.yaml", 1)
    assert at.column > found.registries["docker.io"][1].at.column


@pytest.mark.parametrize(
    ("around", "expected"),
    [
        ({"managementCluster": "a", "connectivity": {"baseDomain": "b.io"}}, "zot.a.b.io"),
        ({"managementCluster": "a"}, "zot.a."),
        ({}, "zot.."),
    ],
)
def test_the_host_of_a_clusters_cache_is_put_together_from_the_values(
    around: Mapping[str, Any], expected: str
) -> None:
    values = Values("values", {"global": around}, lambda _: Position("values"))
    assert cache_host(tree(values)) == expected


def test_a_registry_that_only_a_cache_serves_is_cached_in_vain() -> None:
    more = f", {OF_MC}, {LOCAL}"
    values = tree(settings(f"containerRegistries: {{{HUB}}}{more}", around=MC))
    (found,) = cached_in_vain(WITH_CACHES, CHART, values)
    assert found[:2] == ("quay.io", MANAGEMENT_CLUSTER_CACHE)
    assert found[2].path == "values.yaml"
    assert list(cached_in_vain(HOSTS, CHART, values)) == []
    assert list(cached_in_vain(Rendering(), CHART, values)) == []


# --- The chart's own defaults -----------------------------------------------------------------

DEFAULTS = {
    "containerRegistries": {
        "docker.io": [{"endpoint": "registry-1.docker.io"}],
        "gsoci.azurecr.io": [{"endpoint": "gsoci.azurecr.io"}],
    },
    "localRegistryCache": {"enabled": False, "port": 32767, "mirroredRegistries": []},
    "managementClusterRegistryCache": {"enabled": True, "mirroredRegistries": ["docker.io"]},
}
WITH_DEFAULTS = replace(WITH_CACHES, defaults=DEFAULTS)


def test_without_values_the_defaults_of_the_chart_are_in_force() -> None:
    found = node(WITH_DEFAULTS, CHART, {})
    assert urls(found) == ["https://zot..", "https://registry-1.docker.io"]
    assert urls(found, "gsoci.azurecr.io") == ["https://gsoci.azurecr.io"]
    for hosts in found.registries.values():
        for host in hosts:
            assert host.at == Position(f"{CHART} (default)")
            assert is_default(host.at)


def test_a_registry_that_no_values_name_keeps_its_default_beside_the_others() -> None:
    found = written(WITH_DEFAULTS, f"docker.io: [{entry('own')}]", MC)
    assert urls(found) == ["https://zot.alpha.example.io", "https://own"]
    assert urls(found, "gsoci.azurecr.io") == ["https://gsoci.azurecr.io"]
    ours, theirs = found.registries["docker.io"][1], found.registries["gsoci.azurecr.io"][0]
    assert (is_default(ours.at), is_default(theirs.at)) == (False, True)


def test_an_empty_list_is_a_registry_without_hosts_and_null_removes_it() -> None:
    assert written(WITH_DEFAULTS, "gsoci.azurecr.io: []").registries["gsoci.azurecr.io"] == ()
    removed = written(WITH_DEFAULTS, "gsoci.azurecr.io: null")
    assert list(removed.registries) == ["docker.io"]


def test_null_removes_all_defaults_at_once() -> None:
    file = settings("containerRegistries: null")
    assert node(WITH_DEFAULTS, CHART, tree(file)).registries == {}


def test_of_a_cache_each_setting_keeps_its_default() -> None:
    more = ", localRegistryCache: {enabled: true, mirroredRegistries: [docker.io]}"
    found = written(WITH_DEFAULTS, HUB, MC, more)
    assert urls(found)[0] == "http://127.0.0.1:32767"


def test_a_later_document_decides_over_an_earlier_one() -> None:
    lower = settings(f"containerRegistries: {{docker.io: [{entry('lower')}, {entry('gone')}]}}")
    upper = settings(f"containerRegistries: {{docker.io: [{entry('upper')}]}}")
    found = node(CONFIG, CHART, merged_by_app_platform([lower, upper]))
    assert urls(found) == ["https://upper"]


def test_values_under_another_interface_are_not_read() -> None:
    other = settings(f"containerRegistries: {{{HUB}}}", Interface.CONNECTIVITY)
    assert node(HOSTS, CHART, tree(other)).registries == {}
    assert node(Rendering(), CHART, tree(other)) == Node(Rendering(), {})


# --- What a chart cannot render ---------------------------------------------------------------


@pytest.mark.parametrize("rendering", [HOSTS, *APART])
@pytest.mark.parametrize(
    ("registries", "why", "column"),
    [
        ("docker.io: hub", "must be a list", 12),
        ("docker.io: 1", "must be a list", 12),
        ("docker.io: [hub]", "must have an endpoint", 13),
        ("docker.io: [{endpoint: h}, {credentials: {}}]", "must have an endpoint", 28),
        ("docker.io: [{endpoint: 1}]", "must have an endpoint", 13),
        ("docker.io: [{endpoint: null}]", "must have an endpoint", 13),
        ("docker.io: [null]", "must have an endpoint", 13),
    ],
)
def test_values_that_the_charts_schema_refuses_are_an_error_where_they_stand(
    rendering: Rendering, registries: str, why: str, column: int
) -> None:
    assert rendering.reads
    refused = error(rendering, registries)
    assert why in refused.message
    assert "docker.io" in refused.message
    before = document_text(rendering.reads).index("@")
    assert refused.at == Position("values.yaml", 1, before + column)


def document_text(reads: Interface) -> str:
    return "".join(f"{step}: {{" for step in reads.path) + "containerRegistries: {@"


def test_a_mapping_in_place_of_endpoints_is_an_error() -> None:
    assert "must be a list" in error(HOSTS, "docker.io: {hub: {}}").message


# --- Files that containerd cannot read --------------------------------------------------------


@pytest.mark.parametrize("rendering", [HOSTS, *APART])
@pytest.mark.parametrize("character", ['\\"', "\\\\", "\\n", "\\t", "\\0"])
def test_a_character_that_ends_a_text_of_toml_breaks_the_file(
    rendering: Rendering, character: str
) -> None:
    bad = entry(f'"ba{character}d"')
    found = written(rendering, f"docker.io: [{entry('good')}, {bad}]")
    (broken,) = found.broken
    assert "ends its text" in broken.why
    assert broken.registry == "docker.io"
    assert broken.at == found.registries["docker.io"][1].at


def test_an_endpoint_twice_for_one_registry_is_a_table_twice_in_its_file() -> None:
    twice = f"docker.io: [{entry('hub')}, {entry('acr')}, {entry('hub')}], quay.io: []"
    found = written(HOSTS, twice)
    at = found.registries["docker.io"][2].at
    assert found.broken == (Broken("https://hub stands there twice", at, "docker.io"),)


@pytest.mark.parametrize("rendering", APART)
def test_an_endpoint_twice_without_an_account_breaks_no_older_form(rendering: Rendering) -> None:
    assert whys(written(rendering, f"docker.io: [{entry('hub')}, {entry('hub')}]")) == []


def test_the_same_endpoint_over_http_and_https_is_two_tables() -> None:
    insecure = entry("hub", more=", insecure: true")
    assert whys(written(HOSTS, f"docker.io: [{entry('hub')}, {insecure}]")) == []


@pytest.mark.parametrize(("secure", "broken"), [("", False), (USER, True)])
def test_two_tables_of_headers_for_one_endpoint_break_the_file(secure: str, broken: bool) -> None:
    insecure = entry("hub", USER, ", insecure: true")
    found = written(HOSTS, f"docker.io: [{entry('hub', secure)}, {insecure}]")
    assert whys(found) == (["https://hub stands there twice"] if broken else [])


@pytest.mark.parametrize("rendering", [CONFIG, DROP_IN])
def test_credentials_twice_for_one_endpoint_break_the_whole_file(rendering: Rendering) -> None:
    listed = f"docker.io: [{entry('hub', AUTH)}], quay.io: [{entry('hub', AUTH)}]"
    found = written(rendering, listed)
    at = found.registries["quay.io"][0].at
    assert found.broken == (Broken("the credentials of hub stand there twice", at),)
    assert written(HOSTS, listed).broken == ()


TOGETHER = replace(CONFIG, defects=frozenset({Defect.ACCOUNTS_RUN_TOGETHER}))
NONE = ""
EMPTY = "{username: u}"


@pytest.mark.parametrize(
    ("accounts", "breaks"),
    [
        ([USER], False),
        ([TOKEN], False),
        ([USER, USER], True),
        ([TOKEN, AUTH], True),
        ([USER, TOKEN], True),
        # After `auth`, and after the empty table of incomplete ones, the line ends.
        ([AUTH, AUTH], False),
        ([AUTH, USER], False),
        ([EMPTY, USER], False),
        ([USER, EMPTY], True),
        ([AUTH, AUTH, TOKEN], False),
        # Endpoints without an account do not come between two others.
        ([USER, NONE, AUTH], True),
        ([NONE, USER, NONE], False),
    ],
)
def test_in_some_versions_an_account_after_another_breaks_the_file(
    accounts: list[str], breaks: bool
) -> None:
    items = [entry(f"h{index}", account) for index, account in enumerate(accounts)]
    found = written(TOGETHER, f"docker.io: [{', '.join(items)}]")
    assert bool(found.broken) == breaks
    assert written(CONFIG, f"docker.io: [{', '.join(items)}]").broken == ()


def test_accounts_run_together_across_registries_in_their_alphabetical_order() -> None:
    def broken(first: str, second: str) -> list[str]:
        return whys(
            written(TOGETHER, f"quay.io: [{entry('q', second)}], a.io: [{entry('a', first)}]")
        )

    assert broken(USER, AUTH) == ["the credentials of q begin on the line of those before them"]
    assert broken(AUTH, USER) == []


def test_misnamed_mirrors_break_no_file() -> None:
    misnamed = replace(CONFIG, defects=frozenset({Defect.MIRRORS_MISNAMED}))
    found = written(misnamed, f"docker.io: [{entry('hub', USER)}]")
    assert (urls(found), found.broken) == (["https://hub"], ())
