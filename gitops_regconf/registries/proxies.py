"""Which proxy containerd uses for a host: the chart's settings, by Go's rules for them."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from gitops_regconf.registries.charts import Interface
from gitops_regconf.registries.values import Decided, Tree, below, value
from gitops_regconf.source.position import Position

# What the chart `cluster` puts before everything else, in all of its versions.
_ALWAYS = ("127.0.0.1", "localhost", "svc", "local")
_PORTS = {"http": 80, "https": 443}
_WITH_PORT = re.compile(r"(\[[^]]+\]|[^:]*):([^:]*)")
_CIDR = re.compile(r".+/\d+")


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxy variables of a node; empty where there is no proxy.

    `unknown` says that a proxy is on, and its address stands in a Secret that
    is not read here.
    """

    http: str = ""
    https: str = ""
    no_proxy: tuple[str, ...] = ()
    unknown: bool = False
    at: Position | None = None

    def proxy_of(self, url: str) -> str | None:
        """The proxy that a request to `url` takes; None where it goes straight."""
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").lower()
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:  # an endpoint that is no host: nothing is asked there
            return None
        proxy = self.http if parts.scheme == "http" else self.https
        if not proxy or _is_on_node(host):
            return None
        if any(_matches(entry.strip().lower(), host, port) for entry in self.no_proxy):
            return None
        return proxy


def proxies(values: Tree, reads: Interface) -> Proxies:
    """The proxy settings of a cluster whose chart reads registries from `reads`.

    They have moved along with it: `connectivity.proxy`, then
    `global.connectivity.proxy`; in some of the oldest versions `proxy`.
    """
    old = reads is Interface.CONNECTIVITY
    connectivity = below(values, ("connectivity",) if old else ("global", "connectivity"))
    settings = below(connectivity, ("proxy",)) or (below(values, ("proxy",)) if old else {})
    if not value(settings, "enabled"):
        return Proxies()
    network = below(connectivity, ("network",))
    cidrs = [
        cidr
        for kind in ("services", "pods")
        for cidr in _list(below(network, (kind,)), "cidrBlocks")
    ]
    name = value(below(values, ("global", "metadata")), "name")
    own = f"{name}.{value(connectivity, 'baseDomain')}"
    listed = str(value(settings, "noProxy") or "").split(",")
    enabled = settings["enabled"]
    return Proxies(
        http=str(value(settings, "httpProxy") or ""),
        https=str(value(settings, "httpsProxy") or ""),
        no_proxy=tuple(entry for entry in (*_ALWAYS, own, *cidrs, *listed) if entry.strip()),
        unknown=bool(value(settings, "secretName")),
        at=enabled.at() if isinstance(enabled, Decided) else None,
    )


def _list(node: Tree, key: str) -> list[str]:
    found = value(node, key)
    return [str(item) for item in found] if isinstance(found, list) else []


def _is_on_node(host: str) -> bool:
    """Go never uses a proxy for these."""
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _matches(entry: str, host: str, port: int) -> bool:
    """One entry of NO_PROXY, as golang.org/x/net/http/httpproxy reads it."""
    if entry == "*":
        return True
    address = _address(host)
    network = _network(entry)
    if network is not None:
        return address is not None and address in network
    with_port = _WITH_PORT.fullmatch(entry)
    name, wanted = with_port.groups() if with_port else (entry, "")
    if wanted and wanted != str(port):
        return False
    if address is not None:
        return _address(name.strip("[]") if with_port else name) == address
    domain = name[1:] if name.startswith("*.") else name
    if domain.startswith("."):
        return host.endswith(domain)
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    if not _CIDR.fullmatch(entry):
        return None
    try:
        return ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return None
