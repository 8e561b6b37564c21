"""The way of a pull: which hosts are asked, in which order, and what becomes of credentials."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitops_regconf.registries.challenges import Containerd
from gitops_regconf.registries.charts import (
    Defect,
    Form,
    Interface,
    Rendering,
)
from gitops_regconf.registries.image import image
from gitops_regconf.registries.keys import MANAGEMENT_CLUSTER_CACHE
from gitops_regconf.registries.model import Placeholder
from gitops_regconf.registries.node import Broken, Host, Login, Node
from gitops_regconf.registries.proxies import Proxies
from gitops_regconf.registries.pull import (
    NO_CREDENTIALS,
    AskedHost,
    Circumstances,
    Pull,
    pull,
)
from gitops_regconf.source.position import Position

AT = Position("values.yaml", 3, 5)
CHART = "cluster-aws 7.7.3"
APART = (Form.BARE, Form.DROP_IN, Form.CONFIG)
NEW, OLD, OLDEST = (2, 1), (2, 0), (1, 6)
ACCOUNT = Login({"username": Placeholder("team", "username"), "password": "fake"}, AT)


def host(endpoint: str, form: Form = Form.HOSTS, **more: Any) -> Host:
    url = endpoint if form is Form.BARE else f"https://{endpoint}"
    return Host(more.pop("url", url), endpoint, at=AT, **more)


def node(form: Form, *defects: Defect, logins: Any = (), **registries: tuple[Host, ...]) -> Node:
    rendering = Rendering(Interface.COMPONENTS, form, defects=frozenset(defects))
    named = {name.replace("_", "."): hosts for name, hosts in registries.items()}
    return Node(rendering, named, tuple(logins))


def asked(
    told: Node, reference: str, containerd: Containerd = NEW, **circumstances: Any
) -> tuple[AskedHost, ...]:
    return pull(
        told, image(reference), Circumstances(containerd, chart=CHART, **circumstances)
    ).hosts


def urls(told: Node, reference: str = "nginx", containerd: Containerd = NEW) -> list[str]:
    return [one.url for one in asked(told, reference, containerd)]


# --- Which hosts, in which order --------------------------------------------------------------


def test_the_hosts_of_a_hosts_toml_are_asked_in_order_and_the_server_last() -> None:
    told = node(Form.HOSTS, docker_io=(host("registry-1.docker.io"), host("mirror.example")))
    assert urls(told) == [
        "https://registry-1.docker.io",
        "https://mirror.example",
        "https://docker.io",
    ]
    server = asked(told, "nginx")[-1]
    assert (server.account, server.effective, server.why) == (None, None, NO_CREDENTIALS)
    assert server.decided_at == Position(f"{CHART} (server)")
    assert "only redirects" in server.remarks[0]


def test_a_server_that_is_listed_is_asked_once_more_without_credentials() -> None:
    told = node(Form.HOSTS, quay_io=(host("quay.io", login=ACCOUNT), host("mirror.example")))
    assert urls(told, "quay.io/x/y") == [
        "https://quay.io",
        "https://mirror.example",
        "https://quay.io",
    ]
    first, _, last = asked(told, "quay.io/x/y")
    assert (first.account, last.account) == ("team", None)
    assert "once more" in last.remarks[0]


@pytest.mark.parametrize("form", APART)
@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (("quay.io", "mirror.example"), ["https://quay.io", "https://mirror.example"]),
        (("mirror.example",), ["https://mirror.example", "https://quay.io"]),
        ((), ["https://quay.io"]),
    ],
)
def test_in_older_forms_the_registry_is_asked_last_where_it_is_not_listed(
    form: Form, listed: tuple[str, ...], expected: list[str]
) -> None:
    told = node(form, quay_io=tuple(host(one, form) for one in listed))
    assert urls(told, "quay.io/x/y") == expected


def test_the_registry_that_containerd_adds_is_said_to_be_added() -> None:
    told = node(Form.CONFIG, quay_io=(host("mirror.example"),))
    added = asked(told, "quay.io/x/y")[-1]
    assert added.decided_at == Position("containerd (default)")
    assert added.remarks == ("containerd asks it last by itself",)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("nginx", "https://registry-1.docker.io"),
        ("quay.io/x/y", "https://quay.io"),
        ("quay.io:8443/x/y", "https://quay.io:8443"),
        ("localhost:5000/x", "http://localhost:5000"),
        ("localhost/x", "http://localhost"),
        ("127.0.0.1:5000/x", "http://127.0.0.1:5000"),
        ("127.1.2.3/x", "http://127.1.2.3"),
        ("[::1]:5000/x", "http://[::1]:5000"),
        ("[::1]/x", "http://[::1]"),
        ("localhost.example/x", "https://localhost.example"),
        ("128.0.0.1/x", "https://128.0.0.1"),
    ],
)
def test_a_registry_that_is_not_configured_is_asked_itself(
    form: Form, reference: str, expected: str
) -> None:
    told = node(form, other_example=(host("mirror.example", form),))
    if form is Form.HOSTS and ":" not in reference.partition("/")[0].rpartition("]")[2]:
        # Without a port, only the older forms take a host on the node itself for http.
        expected = expected.replace("http://", "https://")
    assert urls(told, reference) == [expected]
    (only,) = asked(told, reference)
    assert (only.on_failure, only.account) == ("the pull fails", None)
    assert ("over http" in only.remarks[0]) == expected.startswith("http://")


def test_only_the_last_host_fails_the_pull() -> None:
    told = node(Form.HOSTS, docker_io=(host("a.example"), host("b.example")))
    failures = [one.on_failure for one in asked(told, "nginx")]
    assert failures == ["next host", "next host", "the pull fails"]


@pytest.mark.parametrize(
    ("containerd", "expected"),
    [
        (OLDEST, "https://registry-1.docker.io"),
        ((1, 7), "https://docker.io"),
        (NEW, "https://docker.io"),
    ],
)
def test_a_file_with_a_server_alone_is_read_since_containerd_1_7(
    containerd: Containerd, expected: str
) -> None:
    assert urls(node(Form.HOSTS, docker_io=()), "nginx", containerd) == [expected]


def test_misnamed_mirrors_are_not_asked_and_credentials_stay() -> None:
    logins = [("registry-1.docker.io", ACCOUNT), ("mirror.example", ACCOUNT)]
    hosts = (host("mirror.example"), host("registry-1.docker.io"))
    told = node(Form.CONFIG, Defect.MIRRORS_MISNAMED, logins=logins, docker_io=hosts)
    (only,) = asked(told, "nginx")
    assert (only.url, only.account) == ("https://registry-1.docker.io", "team")
    assert only.effective
    assert "misnames" in only.remarks[0]


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("mirror.example", "https://mirror.example"),
        ("127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("localhost", "http://localhost"),
        ("localhost/v2/x", "http://localhost/v2/x"),
        ("[::1]:5000", "http://[::1]:5000"),
    ],
)
def test_an_endpoint_without_a_scheme_gets_one(endpoint: str, expected: str) -> None:
    told = node(Form.BARE, docker_io=(host(endpoint, Form.BARE),))
    first = asked(told, "nginx")[0]
    assert (first.url, first.decided_at) == (expected, AT)


# --- Files that cannot be read ----------------------------------------------------------------

OF_DOCKER_HUB = Broken("for a reason", AT, "docker.io")


def test_containerd_passes_over_a_hosts_toml_that_it_cannot_read() -> None:
    told = replace(
        node(Form.HOSTS, docker_io=(host("mirror.example"),), quay_io=(host("q.example"),)),
        broken=(OF_DOCKER_HUB,),
    )
    found = pull(told, image("nginx"), Circumstances(NEW))
    assert [one.url for one in found.hosts] == ["https://registry-1.docker.io"]
    assert found.broken == (OF_DOCKER_HUB,)
    assert "cannot be read" in found.hosts[0].remarks[0]
    other = pull(told, image("quay.io/x/y"), Circumstances(NEW))
    assert [one.url for one in other.hosts] == ["https://q.example", "https://quay.io"]
    assert other.broken == ()


@pytest.mark.parametrize("form", APART)
@pytest.mark.parametrize("reference", ["nginx", "quay.io/x/y"])
def test_a_broken_file_of_all_registries_breaks_every_pull(form: Form, reference: str) -> None:
    told = replace(node(form, docker_io=(host("a.example"),)), broken=(OF_DOCKER_HUB,))
    assert pull(told, image(reference), Circumstances(NEW)) == Pull((), (OF_DOCKER_HUB,))


# --- Credentials ------------------------------------------------------------------------------


@pytest.mark.parametrize(("containerd", "effective"), [(OLDEST, False), (OLD, False), (NEW, True)])
def test_a_header_reaches_docker_hub_since_containerd_2_1(
    containerd: Containerd, effective: bool
) -> None:
    told = node(Form.HOSTS, docker_io=(host("registry-1.docker.io", login=ACCOUNT),))
    first = asked(told, "nginx", containerd)[0]
    assert (first.account, first.effective) == ("team", effective)


@pytest.mark.parametrize("containerd", [OLDEST, OLD, NEW])
@pytest.mark.parametrize("form", APART)
def test_configured_credentials_reach_it_in_every_version(
    form: Form, containerd: Containerd
) -> None:
    hosts = (host("registry-1.docker.io", form), host("mirror.example", form))
    told = node(form, logins=[("registry-1.docker.io", ACCOUNT)], docker_io=hosts)
    first, mirror, *_ = asked(told, "nginx", containerd)
    assert (first.account, first.effective) == ("team", True)
    assert (mirror.account, mirror.effective, mirror.why) == (None, None, NO_CREDENTIALS)


def test_credentials_in_clear_have_no_account_and_an_effect() -> None:
    clear = Login({"auth": "ZmFrZQ=="}, AT)
    told = node(Form.HOSTS, docker_io=(host("gsoci.azurecr.io", login=clear),))
    first = asked(told, "nginx")[0]
    assert (first.account, first.effective) == (None, True)


@pytest.mark.parametrize(
    ("stored", "effective"), [(None, True), ({"team": 1}, True), ({"other": 1}, False), ({}, False)]
)
def test_an_account_that_is_not_stored_has_no_effect(
    stored: dict[str, object] | None, effective: bool
) -> None:
    told = node(Form.HOSTS, docker_io=(host("registry-1.docker.io", login=ACCOUNT),))
    first = asked(told, "nginx", stored=stored)[0]
    assert (first.account, first.effective) == ("team", effective)
    assert ("not stored" in first.why) == (not effective)


def test_an_account_that_is_lost_to_a_second_host_is_said_to_be() -> None:
    hosts = (
        host("registry.example", url="http://registry.example"),
        host("registry.example", login=ACCOUNT, declared=False),
    )
    meant, other, _ = asked(node(Form.HOSTS, docker_io=hosts), "nginx")
    assert (meant.url, meant.account) == ("http://registry.example", None)
    assert other.account == "team"
    assert "gets no credentials" in other.remarks[0]


@pytest.mark.parametrize(
    ("endpoint", "effective"), [("gsoci.azurecr.io", False), ("gsoci.azurecr.io/v2/x", True)]
)
def test_a_host_that_is_asked_without_v2_answers_no_pull(endpoint: str, effective: bool) -> None:
    told = node(Form.HOSTS, docker_io=(host(endpoint, login=ACCOUNT, override_path=True),))
    first = asked(told, "nginx")[0]
    assert first.effective is effective
    assert bool(first.remarks) == (not effective)


# --- Proxies ----------------------------------------------------------------------------------

PROXY = "http://proxy.example:3128"
CACHE = host("zot.alpha.example.io", cache=MANAGEMENT_CLUSTER_CACHE)


def test_each_host_has_its_proxy_and_a_cache_behind_one_is_remarked() -> None:
    told = node(Form.HOSTS, docker_io=(CACHE, host("inside.example"), host("outside.io")))
    found = asked(told, "nginx", proxies=Proxies(PROXY, PROXY, (".example",)))
    assert [one.proxy for one in found] == [PROXY, None, PROXY, PROXY]
    assert [any("the cache" in remark for remark in one.remarks) for one in found] == [
        *(True, False, False, False)
    ]


def test_a_cache_that_no_proxy_names_is_asked_straight() -> None:
    told = node(Form.HOSTS, docker_io=(CACHE,))
    first = asked(told, "nginx", proxies=Proxies(PROXY, PROXY, ("example.io",)))[0]
    assert (first.proxy, first.remarks) == (None, ())


def test_a_proxy_that_is_not_known_is_remarked_at_every_host() -> None:
    told = node(Form.HOSTS, docker_io=(host("a.example"),))
    for one in asked(told, "nginx", proxies=Proxies(unknown=True)):
        assert "a proxy is set in a Secret that is not read here" in one.remarks
