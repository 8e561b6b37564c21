"""The hosts of a pull as predicted here and as containerd's own resolver asks them.

The resolver reads the files that are rendered for a node. Every registry is played as
`data/registries.yaml` knows it, and none has the image: so all hosts are asked, and what each
saw tells whether the credentials had the effect that was predicted.
"""

from __future__ import annotations

import base64
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from gitops_regconf.registries.challenges import Containerd, challenge
from gitops_regconf.registries.charts import Form, Rendering, base_chart, charts
from gitops_regconf.registries.image import image
from gitops_regconf.registries.known import known
from gitops_regconf.registries.model import CREDENTIAL_KEYS, FLAGS, Placeholder
from gitops_regconf.registries.node import Node, node
from gitops_regconf.registries.pull import AskedHost, Circumstances, pull
from gitops_regconf.registries.values import Values, tree
from gitops_regconf.render.node import hosts_file, node_files, toml
from gitops_regconf.source.position import Position
from tests.interop.conftest import peer, versions
from tests.interop.registry_server import (
    ANONYMOUS,
    Registry,
    RegistryServer,
    Visit,
    identity_token,
    password,
)
from tests.interop.resolver_pull import resolve

EXAMPLES = int(os.environ.get("REGCONF_PULLS", "60"))
CONTAINERD: dict[str, Containerd] = {
    "1.6": (1, 6),
    "2.0": (2, 0),
    "2.1": (2, 1),
    "2.4": (2, 4),
}
HUB = "registry-1.docker.io"  # answers a user and password by the address of its token service
ACR = "gsoci.azurecr.io"  # takes them as they are
ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"  # knows nothing but them
QUAY = "quay.io"  # as Docker Hub, and refuses identity tokens
NGINX = "docker.io/library/nginx:1.29"

Registries = Mapping[str, Sequence[Mapping[str, Any]]]


def played(host: str) -> Registry:
    """A registry as it is known; what is not known of it is as in most."""
    row = challenge(host)
    usual = Registry()
    return Registry(
        row.auth or usual.auth,
        row.basic or usual.basic,
        row.bearer or usual.bearer,
        row.exchange or usual.exchange,
    )


@pytest.fixture(scope="module")
def server() -> Iterator[RegistryServer]:
    with RegistryServer(played) as running:
        yield running


@pytest.fixture(params=CONTAINERD)
def containerd(request: pytest.FixtureRequest) -> str:
    version: str = request.param
    return version


def endpoint(name: str, account: str = "", *kinds: str, **flags: bool) -> dict[str, Any]:
    """An entry of `containerRegistries`, with a user name and password or other credentials."""
    keys = (kinds or ("username", "password")) if account else ()
    credentials = {key: Placeholder(account, key) for key in keys}
    return {"endpoint": name, **flags, **({"credentials": credentials} if credentials else {})}


def stored(field: Placeholder) -> str:
    user = field.account
    return {
        "username": user,
        "password": password(user),
        "auth": base64.b64encode(f"{user}:{password(user)}".encode()).decode(),
        "identitytoken": identity_token(user),
    }[field.field]


def rendering(provider: str, version: str) -> Rendering:
    return charts()[provider].regime(version).workers


BARE = rendering("vsphere", "0.3.0")
DROP_IN = rendering("aws", "0.25.0")
CONFIG = rendering("aws", "1.3.0")
HOSTS = rendering("aws", "7.1.0")
ALL = [BARE, DROP_IN, CONFIG, HOSTS]
in_each_form = pytest.mark.parametrize("how", ALL, ids=[how.writes for how in ALL])


def told(how: Rendering, registries: Registries, **caches: Mapping[str, Any]) -> Node:
    """What a node gets from values."""
    content: dict[str, Any] = {"containerRegistries": registries, **caches}
    for step in reversed(how.reads.path if how.reads else ()):
        content = {step: content}
    of_all = content.setdefault("global", {})
    of_all["managementCluster"] = "golem"
    of_all.setdefault("connectivity", {})["baseDomain"] = "example.io"
    return node(how, "chart", tree(Values("values.yaml", content, lambda _: Position(""))))


def files(of: Node) -> dict[str, str]:
    """The files of a node, also those that are not rendered because the chart breaks them."""
    rendered = {path: toml(content) for path, content in node_files(of, stored).items()}
    if of.writes is Form.HOSTS:
        for registry, hosts in of.registries.items():
            spoilt = registry in {broken.registry for broken in of.broken}
            if spoilt or len({host.url for host in hosts}) < len(hosts):
                rendered[hosts_file(registry)] = host_by_host(of, registry)
    return rendered


def host_by_host(of: Node, registry: str) -> str:
    """A hosts.toml as the charts write it: without a look at what stands there already."""
    server = f'server = "https://{registry}"\n'
    alone = [
        replace(of, registries={registry: (host,)}, broken=()) for host in of.registries[registry]
    ]
    texts = [toml(node_files(one, stored)[hosts_file(registry)]) for one in alone]
    return server + "".join(text.removeprefix(server) for text in texts).replace('\\"', '"')


def compare(
    of: Node, reference: str, containerd: str, server: RegistryServer, *, tls_on_node: bool = True
) -> list[Visit]:
    """The real visits of a pull, which must be those predicted."""
    pulled = image(reference)
    predicted = pull(of, pulled, Circumstances(CONTAINERD[containerd])).hosts
    if not predicted:
        assert not files(of), "containerd does not start"
        return []
    program = peer("resolver", containerd)
    visits = resolve(program, files(of), str(pulled), server, tls_on_node=tls_on_node)
    assert [base_url(host.url) for host in predicted] == [visit.url for visit in visits]
    for host, visit in zip(predicted, visits, strict=True):
        compare_credentials(of.writes, host, visit)
    return visits


def base_url(url: str) -> str:
    return "{0.scheme}://{0.netloc}".format(urlsplit(url))


def compare_credentials(form: Form, host: AskedHost, visit: Visit) -> None:
    # A header goes with every request; a login only where it is asked for.
    assert visit.sent in ({host.account} if form is Form.HOSTS else {host.account, None}), host
    if host.effective is True:
        assert visit.let_in == host.account, host
    if host.effective is False:
        assert visit.let_in in {ANONYMOUS, None}, host


def summary(visits: Sequence[Visit]) -> list[tuple[str, str | None]]:
    return [(visit.url, visit.let_in) for visit in visits]


def test_every_resolver_is_compared() -> None:
    assert [*CONTAINERD] == versions("resolver")


def test_the_resolvers_differ_in_their_containerd_alone() -> None:
    sources = Path(__file__).parent / "resolver"
    programs = {
        (sources / version / "main.go")
        .read_text(encoding="utf-8")
        .replace("/containerd/containerd/v2/core/", "/containerd/containerd/")
        for version in CONTAINERD
    }
    assert len(programs) == 1


def every_rendering() -> dict[str, Rendering]:
    """All that charts do, each by the first version that does so."""
    found: dict[str, Rendering] = {}
    for chart in (*charts().values(), base_chart()):
        for regime in chart.regimes:
            for how in (regime.control_plane, regime.workers):
                if how not in found.values():
                    found["{} {}.{}.{}".format(chart.name, *regime.since)] = how
    return found


EVERY_RENDERING = every_rendering()


@pytest.mark.parametrize("how", EVERY_RENDERING.values(), ids=EVERY_RENDERING)
def test_docker_hub_with_an_account(
    how: Rendering, containerd: str, server: RegistryServer
) -> None:
    for kind in (["username", "password"], ["auth"], ["identitytoken"]):
        of = told(how, {"docker.io": [endpoint(HUB, "hub", *kind)]})
        assert compare(of, NGINX, containerd, server)


@pytest.mark.parametrize("how", [BARE, CONFIG, HOSTS], ids=["bare", "config", "hosts"])
@pytest.mark.parametrize("kind", [["username", "password"], ["auth"], ["identitytoken"]])
def test_credentials_at_every_registry_that_is_known(
    how: Rendering, kind: list[str], containerd: str, server: RegistryServer
) -> None:
    names = [pattern.replace("*", "x") for pattern in known("registries.yaml")]
    of = told(how, {"docker.io": [endpoint(name, f"at-{name}", *kind) for name in names]})
    assert len(compare(of, NGINX, containerd, server)) == len(names) + 1


def test_a_header_is_used_at_docker_hub_since_2_1(containerd: str, server: RegistryServer) -> None:
    of = told(HOSTS, {"docker.io": [endpoint(HUB, "hub")]})
    who = "hub" if CONTAINERD[containerd] >= (2, 1) else ANONYMOUS
    assert summary(compare(of, NGINX, containerd, server)) == [
        (f"https://{HUB}", who),
        ("https://docker.io", ANONYMOUS),
    ]


@pytest.mark.parametrize("how", [BARE, DROP_IN, CONFIG])
def test_a_login_is_used_at_docker_hub(
    how: Rendering, containerd: str, server: RegistryServer
) -> None:
    of = told(how, {"docker.io": [endpoint(HUB, "hub")]})
    assert summary(compare(of, NGINX, containerd, server)) == [
        (f"https://{HUB}", "hub"),
        (f"https://{HUB}", "hub"),
    ]


@in_each_form
def test_mirrors_are_asked_in_order_each_with_its_account(
    how: Rendering, containerd: str, server: RegistryServer
) -> None:
    mirrors = [
        endpoint(ECR, "ecr", "auth"),
        endpoint("mirror.example.com"),
        endpoint(ACR, "acr", "auth"),
        endpoint(QUAY),
    ]
    visits = summary(compare(told(how, {"docker.io": mirrors}), NGINX, containerd, server))
    assert visits[:4] == [
        (f"https://{ECR}", "ecr"),
        ("https://mirror.example.com", ANONYMOUS),
        (f"https://{ACR}", "acr"),
        (f"https://{QUAY}", ANONYMOUS),
    ]


@pytest.mark.parametrize("how", [CONFIG, HOSTS])
def test_the_caches_are_asked_first(
    how: Rendering, containerd: str, server: RegistryServer
) -> None:
    served = {"enabled": True, "mirroredRegistries": ["docker.io"]}
    of = told(
        how,
        {"docker.io": [endpoint(HUB)]},
        localRegistryCache={**served, "port": 32767},
        managementClusterRegistryCache=served,
    )
    visits = summary(compare(of, NGINX, containerd, server))
    assert visits[:3] == [
        ("http://127.0.0.1:32767", ANONYMOUS),
        ("https://zot.golem.example.io", ANONYMOUS),
        (f"https://{HUB}", ANONYMOUS),
    ]


def test_the_header_of_an_insecure_endpoint_is_one_host_more(
    containerd: str, server: RegistryServer
) -> None:
    of = told(HOSTS, {"docker.io": [endpoint(ECR, "ecr", insecure=True), endpoint(QUAY)]})
    assert summary(compare(of, NGINX, containerd, server)) == [
        (f"http://{ECR}", None),
        (f"https://{ECR}", "ecr"),
        (f"https://{QUAY}", ANONYMOUS),
        ("https://docker.io", ANONYMOUS),
    ]


@pytest.mark.parametrize("port", ["", ":80", ":443", ":5000", ":8080"])
def test_an_insecure_endpoint_with_skip_verify(
    port: str, containerd: str, server: RegistryServer
) -> None:
    of = told(HOSTS, {"docker.io": [endpoint(f"{QUAY}{port}", insecure=True, skipVerify=True)]})
    assert compare(of, NGINX, containerd, server)


@pytest.mark.parametrize(
    ("name", "path_is_whole"), [(ACR, False), (f"{ACR}/", False), (f"{ACR}/v2/hub", True)]
)
def test_override_path_loses_v2_unless_the_endpoint_has_it(
    name: str, path_is_whole: bool, containerd: str, server: RegistryServer
) -> None:
    of = told(HOSTS, {"docker.io": [endpoint(name, "acr", overridePath=True)]})
    assert summary(compare(of, NGINX, containerd, server)) == [
        (f"https://{ACR}", "acr" if path_is_whole else None),
        ("https://docker.io", ANONYMOUS),
    ]


def test_every_host_but_the_registry_is_asked_without_v2(
    containerd: str, server: RegistryServer
) -> None:
    always = rendering("aws", "7.0.0")
    served = {"enabled": True, "mirroredRegistries": [ACR]}
    of = told(
        always,
        {ACR: [endpoint(ECR, "ecr"), endpoint(ACR, "acr")]},
        managementClusterRegistryCache=served,
    )
    assert summary(compare(of, f"{ACR}/x", containerd, server)) == [
        ("https://zot.golem.example.io", None),
        (f"https://{ECR}", None),
        (f"https://{ACR}", "acr"),
        (f"https://{ACR}", ANONYMOUS),
    ]


@pytest.mark.parametrize(
    "endpoints",
    [
        [endpoint(ACR, "acr"), endpoint(ACR)],
        [endpoint(ACR), endpoint(QUAY), endpoint(ACR, overridePath=True)],
        [endpoint(f'{ACR}"')],
        [endpoint(ACR, "acr", insecure=True), endpoint(ACR, "other")],
    ],
)
def test_a_hosts_toml_that_is_no_toml_is_passed_over(
    endpoints: list[dict[str, Any]], containerd: str, server: RegistryServer
) -> None:
    of = told(HOSTS, {"docker.io": endpoints})
    with pytest.raises(tomllib.TOMLDecodeError):
        tomllib.loads(files(of)[hosts_file("docker.io")])
    assert summary(compare(of, NGINX, containerd, server)) == [(f"https://{HUB}", ANONYMOUS)]


@pytest.mark.parametrize(("provider", "version"), [("aws", "0.75.0"), ("azure", "0.9.0")])
def test_misnamed_mirrors_are_not_asked(
    provider: str, version: str, containerd: str, server: RegistryServer
) -> None:
    how = charts()[provider].regime(version).control_plane
    of = told(how, {"docker.io": [endpoint(ACR, "acr", "auth"), endpoint(HUB, "hub")]})
    assert summary(compare(of, NGINX, containerd, server)) == [(f"https://{HUB}", "hub")]


def test_where_accounts_run_together_containerd_does_not_start(
    containerd: str, server: RegistryServer
) -> None:
    of = told(DROP_IN, {"docker.io": [endpoint(ACR, "acr"), endpoint(HUB, "hub")]})
    assert compare(of, NGINX, containerd, server) == []


@in_each_form
@pytest.mark.parametrize(("registry", "host"), [("docker.io", HUB), (QUAY, QUAY), (ACR, ACR)])
def test_a_registry_that_nobody_configures(
    how: Rendering, registry: str, host: str, containerd: str, server: RegistryServer
) -> None:
    of = replace(told(how, {"other.example.com": [endpoint(QUAY)]}), registries={})
    visits = compare(of, f"{registry}/team/x", containerd, server)
    assert summary(visits) == [(f"https://{host}", ANONYMOUS)]


@in_each_form
@pytest.mark.parametrize("registry", ["localhost:5000", "localhost:80", "127.0.0.1:5000"])
def test_a_registry_on_the_node_that_nobody_configures(
    how: Rendering, registry: str, containerd: str, server: RegistryServer
) -> None:
    of = told(how, {"other.example.com": [endpoint(QUAY)]})
    visits = compare(of, f"{registry}/team/x", containerd, server, tls_on_node=False)
    assert summary(visits) == [(f"http://{registry}", ANONYMOUS)]


@in_each_form
@pytest.mark.parametrize("registry", ["localhost", "localhost:443"])
def test_without_another_port_a_hosts_toml_means_tls_on_the_node_too(
    how: Rendering, registry: str, containerd: str, server: RegistryServer
) -> None:
    of = told(how, {"other.example.com": [endpoint(QUAY)]})
    scheme = "https" if how is HOSTS else "http"
    visits = compare(of, f"{registry}/team/x", containerd, server)
    assert summary(visits) == [(f"{scheme}://{registry}", ANONYMOUS)]


@in_each_form
@pytest.mark.parametrize("name", ["localhost:5000", "127.0.0.1:5000/v2/team", "localhost"])
def test_a_mirror_on_the_node(
    how: Rendering, name: str, containerd: str, server: RegistryServer
) -> None:
    of = told(how, {"docker.io": [endpoint(name, insecure=True)]})
    scheme = "https" if how in (DROP_IN, CONFIG) else "http"
    visits = compare(of, NGINX, containerd, server)
    assert visits[0].url == f"{scheme}://{name.partition('/')[0]}"


@pytest.mark.parametrize("how", [DROP_IN, CONFIG])
def test_credentials_of_an_endpoint_with_a_path_are_not_found(
    how: Rendering, containerd: str, server: RegistryServer
) -> None:
    of = told(how, {QUAY: [endpoint(f"{QUAY}/v2/team", "team")]})
    assert summary(compare(of, f"{QUAY}/x", containerd, server)) == [(f"https://{QUAY}", ANONYMOUS)]
    of = told(how, {QUAY: [endpoint(f"{QUAY}/v2/team")], "other": [endpoint(QUAY, "quay")]})
    assert summary(compare(of, f"{QUAY}/x", containerd, server)) == [(f"https://{QUAY}", "quay")]


@pytest.mark.parametrize("how", [DROP_IN, CONFIG])
def test_a_path_without_v2_is_taken_as_it_is(
    how: Rendering, containerd: str, server: RegistryServer
) -> None:
    mirrors = [endpoint(f"{ACR}/team"), endpoint(ACR, "acr")]
    of = told(how, {"registry.example.com": mirrors})
    visits = compare(of, "registry.example.com/x", containerd, server)
    assert summary(visits) == [
        (f"https://{ACR}", None),
        (f"https://{ACR}", "acr"),
        ("https://registry.example.com", ANONYMOUS),
    ]


@pytest.mark.parametrize(
    ("kinds", "who"),
    [
        (["username", "password", "auth", "identitytoken"], "acr"),
        (["auth", "identitytoken"], "acr"),
        (["username", "identitytoken"], ANONYMOUS),
        (["username", "auth"], ANONYMOUS),
        (["username"], ANONYMOUS),
        (["password"], ANONYMOUS),
    ],
)
def test_of_bare_credentials_containerd_takes_one_kind(
    kinds: list[str], who: str, containerd: str, server: RegistryServer
) -> None:
    of = told(BARE, {ACR: [endpoint(ACR, "acr", *kinds)]})
    assert summary(compare(of, f"{ACR}/x", containerd, server)) == [(f"https://{ACR}", who)]


@pytest.mark.parametrize(
    ("how", "name", "last"), [(CONFIG, "*", QUAY), (HOSTS, "_default", "_default")]
)
def test_the_hosts_of_all_registries_that_are_not_named(
    how: Rendering, name: str, last: str, containerd: str, server: RegistryServer
) -> None:
    of = told(how, {name: [endpoint(ACR, "acr")]})
    assert summary(compare(of, f"{QUAY}/x", containerd, server)) == [
        (f"https://{ACR}", "acr"),
        (f"https://{last}", ANONYMOUS),
    ]


@in_each_form
@pytest.mark.parametrize("registry", ["docker.io", QUAY])
def test_no_endpoints(
    how: Rendering, registry: str, containerd: str, server: RegistryServer
) -> None:
    of = told(how, {registry: []})
    assert len(compare(of, f"{registry}/team/x", containerd, server)) == 1


REGISTRIES = ["docker.io", QUAY, ACR, "registry.example.com", "*", "_default"]
ENDPOINTS = [
    HUB,
    ACR,
    ECR,
    QUAY,
    "docker.io",
    "ghcr.io",
    "public.ecr.aws",
    "registry.k8s.io",
    "registry.example.com",
    "registry.example.com:5000",
    f"{QUAY}/v2/team",
    f"{ACR}/team",
]
KINDS = st.sets(st.sampled_from(CREDENTIAL_KEYS), min_size=1).map(sorted)


@st.composite
def endpoints(draw: st.DrawFn, account: str) -> dict[str, Any]:
    account = draw(st.sampled_from(["", account]))
    flags = dict.fromkeys(draw(st.sets(st.sampled_from(FLAGS))), True)
    return endpoint(draw(st.sampled_from(ENDPOINTS)), account, *draw(KINDS), **flags)


CACHE = st.fixed_dictionaries(
    {
        "enabled": st.booleans(),
        "port": st.just(32767),
        "mirroredRegistries": st.lists(st.sampled_from(REGISTRIES), max_size=2, unique=True),
    }
)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="REGCONF_PULLS" not in os.environ,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(
    how=st.sampled_from([*EVERY_RENDERING.values()]) | st.sampled_from(ALL),
    registries=st.dictionaries(
        st.sampled_from(REGISTRIES),
        st.tuples(endpoints("a"), endpoints("b"), endpoints("c")).flatmap(
            lambda three: st.integers(0, 3).map(lambda count: list(three[:count]))
        ),
    ),
    caches=st.tuples(CACHE, CACHE),
    registry=st.sampled_from(REGISTRIES).filter(lambda name: name[0].isalpha()),
    version=st.sampled_from([*CONTAINERD]),
)
def test_any_pull_is_as_predicted(
    how: Rendering,
    registries: Registries,
    caches: tuple[dict[str, Any], dict[str, Any]],
    registry: str,
    version: str,
    server: RegistryServer,
) -> None:
    local, central = caches
    of = told(how, registries, localRegistryCache=local, managementClusterRegistryCache=central)
    for hosts in of.registries.values():
        meant_twice = len({host.url for host in hosts}) < len(hosts)
        assume(of.broken or how.writes is not Form.HOSTS or not meant_twice)
    compare(of, f"{registry}/team/x", version, server)
