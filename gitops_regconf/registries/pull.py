"""The hosts that containerd asks for an image, in their order, and what becomes of each.

What containerd does was measured with its own resolver, versions 1.6 to 2.4;
docs/containerd.md has the results.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from gitops_regconf.registries.challenges import Containerd, Effect, effect
from gitops_regconf.registries.charts import Defect, Form
from gitops_regconf.registries.image import DOCKER_HUB, Image
from gitops_regconf.registries.node import Broken, Host, Login, Node, shown
from gitops_regconf.registries.proxies import Proxies
from gitops_regconf.source.position import Position

# Where containerd goes for docker.io when nothing says otherwise.
DOCKER_HUB_HOST = "registry-1.docker.io"
# Before it a hosts.toml without any [host] is not read.
SERVER_ALONE = (1, 7)
# Before it http without a port is no reason to try https first.
TLS_WITHOUT_PORT = (1, 7)
# Under these names stand the hosts of all registries that are not named.
OTHERS_IN_HOSTS, OTHERS_IN_MIRRORS = "_default", "*"
NO_CREDENTIALS = "no credentials"
ON_FAILURE = (
    "no connection, 401, 403, 404 and 5xx lead to the next host at once; 408 and 429 only after "
    "the same host was asked five more times without a pause (four with containerd 2.3 or later). "
    "The pull fails with the last one."
)


@dataclass(frozen=True, slots=True)
class AskedHost:
    """One host on the way of a pull.

    `effective` says whether its credentials have an effect: None where that is
    not known, and where it has none. `remarks` are what else its reader should know.
    """

    url: str
    account: str | None
    effective: bool | None
    why: str
    on_failure: str
    decided_at: Position = field(compare=False)
    proxy: str | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pull:
    """The way of a pull. Without hosts there is none: `broken` says why."""

    hosts: tuple[AskedHost, ...]
    broken: tuple[Broken, ...] = ()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a pull depends on besides the node's registries."""

    containerd: Containerd
    proxies: Proxies = field(default_factory=Proxies)
    chart: str = ""
    stored: Mapping[str, object] | None = None
    """The accounts that are stored; None where that is not looked at."""


def pull(node: Node, image: Image, circumstances: Circumstances) -> Pull:
    """The hosts that a node asks for an image. Pure."""
    broken = _broken(node, _listed_as(node, image.registry))
    if broken and node.writes is not Form.HOSTS:
        return Pull((), broken)
    found = list(_hosts(node, image, circumstances, broken))
    return Pull(
        tuple(
            _asked(node, host, remark, circumstances, last=index == len(found) - 1)
            for index, (host, remark) in enumerate(found)
        ),
        broken,
    )


def _broken(node: Node, registry: str) -> tuple[Broken, ...]:
    """What breaks the file that the hosts of a registry stand in."""
    if node.writes is not Form.HOSTS:
        return node.broken
    return tuple(one for one in node.broken if one.registry == registry)


def _listed_as(node: Node, registry: str) -> str:
    """The name under which its hosts stand: its own, or that of all others."""
    if registry in node.registries:
        return registry
    return OTHERS_IN_HOSTS if node.writes is Form.HOSTS else OTHERS_IN_MIRRORS


def _hosts(
    node: Node, image: Image, circumstances: Circumstances, broken: tuple[Broken, ...]
) -> Iterator[tuple[Host, str]]:
    registry = image.registry
    name = _listed_as(node, registry)
    hosts = node.registries.get(name)
    if node.writes is Form.HOSTS:
        if hosts is None or broken or (not hosts and circumstances.containerd < SERVER_ALONE):
            yield _default(registry, node.writes, broken)
        else:
            for host in hosts:
                yield _over_tls_first(host, circumstances.containerd)
            yield _server(name, hosts, circumstances.chart)
        return
    misnamed = Defect.MIRRORS_MISNAMED in node.rendering.defects
    listed = () if misnamed or hosts is None else hosts
    for host in listed:
        yield _with_scheme(host), ""
    if registry not in {_name(host.endpoint) for host in listed}:
        host, remark = _default(registry, node.writes, ())
        if listed:
            remark = "containerd asks it last by itself"
        if misnamed and hosts:
            remark = "the chart misnames the table of mirrors, so none of them is asked"
        yield host, remark


def _server(registry: str, hosts: tuple[Host, ...], chart: str) -> tuple[Host, str]:
    remark = "asked last, as the `server` of the file, without credentials"
    if registry == DOCKER_HUB:
        remark += "; this host has no registry, it only redirects to a web page"
    elif any(host.endpoint == registry for host in hosts):
        remark = "asked once more, as the `server` of the file, without credentials"
    return Host(f"https://{registry}", registry, at=Position(f"{chart} (server)")), remark


def _over_tls_first(host: Host, containerd: Containerd) -> tuple[Host, str]:
    """Settings of TLS make containerd try it, but where the port says that there is none."""
    clear = ("80",) if containerd >= TLS_WITHOUT_PORT else ("80", "")
    tries = host.skip_verify is not None and _port(host.endpoint) not in clear
    if not tries or not host.url.startswith("http://"):
        return host, ""
    return replace(host, url=f"https://{host.endpoint}"), (
        "asked over https because of `skipVerify`, and over http only where it speaks no TLS"
    )


def _default(registry: str, form: Form, broken: tuple[Broken, ...]) -> tuple[Host, str]:
    """The host that containerd goes to by itself."""
    endpoint = DOCKER_HUB_HOST if registry == DOCKER_HUB else registry
    at = Position("containerd (default)")
    tls = form is Form.HOSTS and _port(endpoint) in ("", "443")
    host = Host(f"{'https' if tls else _scheme(endpoint)}://{endpoint}", endpoint, at=at)
    if broken:
        return host, "the file of this registry cannot be read, so containerd passes it over"
    if host.url.startswith("http://"):
        return host, "a host on the node itself is asked over http, or https where it speaks TLS"
    return host, "nothing is configured for this registry"


def _with_scheme(host: Host) -> Host:
    """Endpoints without a scheme are asked over https, those on the node itself over http."""
    if "://" in host.url:
        return host
    return replace(host, url=f"{_scheme(host.endpoint)}://{host.url}")


def _scheme(endpoint: str) -> str:
    host = _name(endpoint)
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    on_node = name == "localhost" or name.startswith("127.") or name == "[::1]"
    return "http" if on_node else "https"


def _name(endpoint: str) -> str:
    """The host, with its port."""
    return endpoint.partition("/")[0]


def _port(endpoint: str) -> str:
    return _name(endpoint).rpartition("]")[2].partition(":")[2]


def _without_v2(host: Host, form: Form) -> bool:
    """Whether its requests have a path without /v2, which registries answer with 404."""
    _, slash, path = host.endpoint.partition("/")
    as_it_stands = host.override_path if form is Form.HOSTS else bool(slash)
    return as_it_stands and "v2" not in path.split("/")


def _asked(
    node: Node, host: Host, remark: str, circumstances: Circumstances, *, last: bool
) -> AskedHost:
    login = host.login
    if node.writes is not Form.HOSTS:
        logins = dict(node.logins)
        login = logins.get(_name(host.endpoint)) or logins.get(host.endpoint)
    found = _effect(host, login, node, circumstances)
    remarks = [remark] if remark else []
    if _without_v2(host, node.writes):
        remarks.append("asked without /v2 in the path, which registries answer with 404")
    if not host.declared:
        remarks.append(
            "the chart writes the header for https:// although the endpoint is asked over http://: "
            "one host more, and the one meant gets no credentials"
        )
    proxy = circumstances.proxies.proxy_of(host.url)
    if proxy and host.cache:
        remarks.append("the cache is asked through the proxy: NO_PROXY does not name it")
    if circumstances.proxies.unknown:
        remarks.append("a proxy is set in a Secret that is not read here")
    return AskedHost(
        url=shown(host.url),
        account=login.account if login else None,
        effective=found.effective if login else None,
        why=found.why if login else NO_CREDENTIALS,
        on_failure="the pull fails" if last else "next host",
        decided_at=host.at,
        proxy=None if proxy is None else shown(proxy),
        remarks=tuple(remarks),
    )


def _effect(host: Host, login: Login | None, node: Node, circumstances: Circumstances) -> Effect:
    if login is None:
        return Effect(effective=None, why=NO_CREDENTIALS)
    stored = circumstances.stored
    if stored is not None and login.account and login.account not in stored:
        return Effect(effective=False, why=f"the account {login.account!r} is not stored")
    if _without_v2(host, node.writes):
        return Effect(effective=False, why="asked without /v2, this host answers no pull")
    if node.writes is not Form.HOSTS and _name(host.endpoint) not in dict(node.logins):
        why = "containerd looks for credentials by the host alone, and these have a path"
        return Effect(effective=False, why=why)
    return effect(host.endpoint, login, node.writes, circumstances.containerd)
