"""When containerd takes a proxy: the rules of Go's httpproxy, and what charts put into them."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_regconf.registries.charts import Interface
from gitops_regconf.registries.proxies import Proxies, proxies
from gitops_regconf.registries.values import Values, tree
from gitops_regconf.source.position import Position

NEW, GLOBAL, OLD = Interface.COMPONENTS, Interface.GLOBAL_CONNECTIVITY, Interface.CONNECTIVITY
PROXY = "http://proxy.example:3128"


def is_proxied(url: str, *no_proxy: str) -> bool:
    return Proxies(PROXY, PROXY, no_proxy).proxy_of(url) is not None


# An entry of NO_PROXY, and hosts that it covers and that it does not. Each row was asked of
# Go's own net/http.
ENTRIES = [
    # A name is that host and everything below it.
    ("example.io", ["example.io", "a.example.io", "b.a.example.io"], ["notexample.io", "io"]),
    ("EXAMPLE.io", ["example.io", "a.EXAMPLE.io"], ["example.com"]),
    ("  example.io  ", ["example.io"], ["example.com"]),
    ("io", ["example.io"], ["io.example"]),
    # With a dot or a star before it, only what is below it.
    (".example.io", ["a.example.io", "b.a.example.io"], ["example.io", "notexample.io"]),
    ("*.example.io", ["a.example.io", "b.a.example.io"], ["example.io", "notexample.io"]),
    ("*example.io", [], ["example.io", "a.example.io"]),
    ("*.*.example.io", [], ["b.a.example.io"]),
    # Everything.
    ("*", ["example.io", "10.1.2.3", "[2001:db8::1]:5000"], []),
    # Nothing.
    ("", [], ["example.io", "10.1.2.3"]),
    (" ", [], ["example.io"]),
    (".", [], ["example.io"]),
    ("https://example.io", [], ["example.io"]),
    # A port, which is that of the scheme where the URL has none.
    ("example.io:443", ["example.io", "a.example.io:443"], ["example.io:5000"]),
    ("example.io:5000", ["example.io:5000"], ["example.io"]),
    (".example.io:5000", ["a.example.io:5000"], ["example.io:5000", "a.example.io"]),
    ("*:5000", [], ["example.io:5000", "10.1.2.3:5000"]),
    (":5000", [], ["example.io:5000", "10.1.2.3:5000"]),
    ("example.io:https", [], ["example.io"]),
    # Addresses and networks cover literal addresses, and no names.
    ("10.1.2.3", ["10.1.2.3", "10.1.2.3:5000"], ["10.1.2.4"]),
    ("10.1.2.3:5000", ["10.1.2.3:5000"], ["10.1.2.3"]),
    ("10.1.2", [], ["10.1.2.3"]),
    ("10.0.0.0/8", ["10.1.2.3", "10.255.0.1:5000"], ["11.1.2.3", "example.io"]),
    ("10.9.9.9/8", ["10.1.2.3"], ["11.1.2.3"]),
    ("10.0.0.0/33", [], ["10.1.2.3"]),
    ("10.0.0.0/255.0.0.0", [], ["10.1.2.3"]),
    ("10.0.0.0/8:5000", [], ["10.1.2.3:5000"]),
    ("2001:db8::/32", ["[2001:db8::1]", "[2001:db8::1]:5000"], ["[2001:db9::1]"]),
    ("2001:0db8:0::1", ["[2001:db8::1]:5000"], ["[2001:db8::2]"]),
    ("[2001:db8::1]:5000", ["[2001:db8::1]:5000"], ["[2001:db8::1]"]),
]


@pytest.mark.parametrize(("entry", "covered", "others"), ENTRIES)
def test_an_entry_of_no_proxy_covers_these_hosts(
    entry: str, covered: list[str], others: list[str]
) -> None:
    hosts = [*covered, *others]
    assert [host for host in hosts if not is_proxied(f"https://{host}", entry)] == covered


def test_every_entry_counts() -> None:
    several = ("a.example", "", "b.example")
    assert not is_proxied("https://b.example", *several)
    assert is_proxied("https://c.example", *several)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"])
@pytest.mark.parametrize("port", ["", ":32767"])
def test_a_host_on_the_node_is_never_proxied(host: str, port: str) -> None:
    assert not is_proxied(f"http://{host}{port}")


@pytest.mark.parametrize("host", ["localhost.example", "128.0.0.1", "0.0.0.0"])  # noqa: S104
def test_a_host_that_only_looks_like_the_node_is_proxied(host: str) -> None:
    assert is_proxied(f"http://{host}")


def test_each_scheme_has_a_proxy_of_its_own() -> None:
    both = Proxies("http://plain.example", "http://tls.example")
    assert both.proxy_of("http://example.io") == "http://plain.example"
    assert both.proxy_of("https://example.io") == "http://tls.example"
    assert Proxies(http=PROXY).proxy_of("https://example.io") is None
    assert Proxies(https=PROXY).proxy_of("http://example.io") is None
    assert Proxies().proxy_of("https://example.io") is None


def test_an_entry_with_port_80_covers_http_alone() -> None:
    assert not is_proxied("http://example.io", "example.io:80")
    assert is_proxied("https://example.io", "example.io:80")


# --- What a chart makes of the values ---------------------------------------------------------

SETTINGS: dict[str, Any] = {"enabled": True, "httpProxy": PROXY, "httpsProxy": "http://tls.example"}
NETWORK = {"services": {"cidrBlocks": ["172.31.0.0/16"]}, "pods": {"cidrBlocks": ["100.64.0.0/12"]}}


def read(content: dict[str, Any], reads: Interface = NEW) -> Proxies:
    values = Values("values", content, lambda path: Position("values.yaml", len(path)))
    return proxies(tree(values), reads)


def connectivity(**settings: Any) -> dict[str, Any]:
    return {
        "global": {
            "metadata": {"name": "prod1"},
            "connectivity": {
                "baseDomain": "example.io",
                "network": NETWORK,
                "proxy": SETTINGS | settings,
            },
        }
    }


@pytest.mark.parametrize("reads", [NEW, GLOBAL])
def test_a_chart_adds_the_node_the_cluster_and_its_networks(reads: Interface) -> None:
    found = read(connectivity(noProxy="acme.example, 10.0.0.0/8"), reads)
    assert (found.http, found.https, found.unknown) == (PROXY, "http://tls.example", False)
    assert [entry.strip() for entry in found.no_proxy] == [
        *("127.0.0.1", "localhost", "svc", "local"),
        "prod1.example.io",
        *("172.31.0.0/16", "100.64.0.0/12"),
        *("acme.example", "10.0.0.0/8"),
    ]
    assert found.at == Position("values.yaml", 4)


@pytest.mark.parametrize(
    ("url", "proxied"),
    [
        ("https://prod1.example.io", False),
        ("https://zot.prod1.example.io", False),
        # The cache is that of the management cluster, which is another one.
        ("https://zot.alpha.example.io", True),
        ("https://registry.ns.svc", False),
        ("https://registry.local", False),
        ("https://172.31.0.7:5000", False),
        ("https://100.65.1.1", False),
        ("https://registry-1.docker.io", True),
    ],
)
def test_the_charts_own_list_covers_the_cluster_and_not_the_cache_of_another(
    url: str, proxied: bool
) -> None:
    assert (read(connectivity()).proxy_of(url) is not None) == proxied


@pytest.mark.parametrize("no_proxy", [".example.io", "example.io", "zot.alpha.example.io"])
def test_a_list_of_ones_own_can_cover_the_cache(no_proxy: str) -> None:
    found = read(connectivity(noProxy=no_proxy))
    assert found.proxy_of("https://zot.alpha.example.io") is None


@pytest.mark.parametrize("no_proxy", ["", ",", " , ,", None])
def test_blanks_in_a_list_cover_nothing(no_proxy: str | None) -> None:
    found = read(connectivity(noProxy=no_proxy))
    assert found == read(connectivity())
    assert found.proxy_of("https://registry-1.docker.io") == "http://tls.example"


@pytest.mark.parametrize("off", [{"enabled": False}, {"enabled": None}])
def test_a_proxy_that_is_off_is_none(off: dict[str, Any]) -> None:
    assert read(connectivity(**off)) == Proxies()
    assert read({}) == Proxies()


def test_a_proxy_in_a_secret_is_not_known() -> None:
    content = connectivity(secretName="proxy", httpProxy=None, httpsProxy=None)
    found = read(content)
    assert (found.unknown, found.http, found.https) == (True, "", "")


@pytest.mark.parametrize(
    "content",
    [{"connectivity": {"proxy": SETTINGS}}, {"proxy": SETTINGS}],
    ids=["connectivity", "top"],
)
def test_the_oldest_charts_keep_a_proxy_elsewhere(content: dict[str, Any]) -> None:
    assert read(content, OLD).http == PROXY
    assert read(content, GLOBAL) == read(content, NEW) == Proxies()


def test_newer_charts_do_not_look_there_and_the_oldest_not_here() -> None:
    assert read(connectivity(), OLD) == Proxies()
