"""What a chart version writes on a node for merged values, its defects included.

Pure: no file is read, and credentials stay placeholders where they come from
an account. The TOML that says the same is in `render.node`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from gitops_regconf.errors import InvalidInput
from gitops_regconf.registries import model
from gitops_regconf.registries.charts import (
    Defect,
    Form,
    Interface,
    Rendering,
)
from gitops_regconf.registries.keys import LOCAL_CACHE
from gitops_regconf.registries.model import FLAGS, Placeholder
from gitops_regconf.registries.values import Decided, Tree, Values, below, merged_by_helm, value
from gitops_regconf.source import masking
from gitops_regconf.source.position import Position

Text = str | Placeholder
_DEFAULT = " (default)"
# What shows a node's files asks for these here.
CREDENTIAL_KEYS = model.CREDENTIAL_KEYS
shown = masking.shown


@dataclass(frozen=True, slots=True)
class Login:
    """Credentials as a chart writes them: all it copies (`bare`), else the first complete kind.

    Without `fields` it is the empty table of incomplete credentials.
    """

    fields: Mapping[str, Text]
    at: Position = field(compare=False)

    @property
    def account(self) -> str | None:
        """The account they come from; None where they stand in clear in the values."""
        first = next(iter(self.fields.values()), None)
        return first.account if isinstance(first, Placeholder) else None

    @property
    def is_basic(self) -> bool:
        """Whether they are a user name with a password."""
        if self.fields.get("username"):
            return bool(self.fields.get("password"))
        return bool(self.fields.get("auth")) and not self.is_token

    @property
    def is_token(self) -> bool:
        """Whether they are an identity token; beside a user name it does not count."""
        return bool(self.fields.get("identitytoken")) and not self.fields.get("username")


@dataclass(frozen=True, slots=True)
class Host:
    """One host that containerd asks for a registry, in the order of the file.

    `skip_verify` is None where the chart does not write it. A host that is not
    `declared` is one that only a table of headers names.
    """

    url: str
    endpoint: str
    login: Login | None = None
    override_path: bool = False
    skip_verify: bool | None = None
    declared: bool = True
    cache: str | None = None
    at: Position = field(default=Position(""), compare=False)


@dataclass(frozen=True, slots=True)
class Broken:
    """A file that the chart writes and containerd cannot read; `registry` where it is of one."""

    why: str
    at: Position
    registry: str | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """What one kind of node is told: the hosts of each registry, and credentials by endpoint.

    `logins` is only used by the forms that keep credentials apart from hosts.
    """

    rendering: Rendering
    registries: Mapping[str, tuple[Host, ...]]
    logins: tuple[tuple[str, Login], ...] = ()
    broken: tuple[Broken, ...] = ()

    @property
    def writes(self) -> Form:
        """The form of its files."""
        return self.rendering.writes


def node(rendering: Rendering, chart: str, values: Tree) -> Node:
    """What a kind of node gets from the values of its cluster, merged by the app platform.

    `chart` is the chart's name and version. Raises InvalidInput where the chart
    would not render: at values that its schema refuses.
    """
    if rendering.reads is None:
        return Node(rendering, {})
    merged = _with_defaults(rendering, rendering.reads, chart, values)
    settings = below(merged, rendering.reads.path)
    registries = below(settings, ("containerRegistries",))
    caches = list(_caches(rendering, settings, merged))
    hosts: dict[str, tuple[Host, ...]] = {}
    logins: list[tuple[str, Login]] = []
    for registry in sorted(registries):
        items = list(_items(registry, registries[registry]))
        hosts[registry] = (
            *(host for served, host in caches if registry in served),
            *(host for item, at in items for host in _hosts(rendering, registry, item, at)),
        )
        for item, at in items:
            if item.get("credentials"):
                logins.append((item["endpoint"], _login(rendering, item, at)))
    if rendering.writes is Form.HOSTS:
        logins = []
    broken = (*_broken(rendering, hosts, logins),)
    return Node(rendering, hosts, tuple(logins), broken)


def cached_in_vain(
    rendering: Rendering, chart: str, values: Tree
) -> Iterator[tuple[str, str, Position]]:
    """The registries that a cache shall serve and that have no hosts, each with the cache."""
    if rendering.reads is None:
        return
    merged = _with_defaults(rendering, rendering.reads, chart, values)
    settings = below(merged, rendering.reads.path)
    registries = below(settings, ("containerRegistries",))
    for served, host in _caches(rendering, settings, merged):
        for registry in served:
            if registry not in registries:
                yield registry, host.cache or "", host.at


def is_default(at: Position) -> bool:
    """Whether a chart itself decided something, and nobody in Git."""
    return at.path.endswith(_DEFAULT)


def _with_defaults(rendering: Rendering, reads: Interface, chart: str, values: Tree) -> Tree:
    inside: dict[str, Any] = dict(rendering.defaults or {})
    for step in reversed(reads.path):
        inside = {step: inside}
    defaults = Values(chart, inside, lambda _: Position(chart + _DEFAULT))
    return merged_by_helm(defaults, values)


def _items(registry: str, listed: object) -> Iterator[tuple[Mapping[str, Any], Position]]:
    if not isinstance(listed, Decided) or not isinstance(listed.value, list):
        at = listed.at() if isinstance(listed, Decided) else None
        raise InvalidInput(f"the endpoints of {masking.host(registry)} must be a list", at=at)
    for index, item in enumerate(listed.value):
        at = listed.at(index)
        if not isinstance(item, Mapping) or not isinstance(item.get("endpoint"), str):
            raise InvalidInput(f"an entry of {masking.host(registry)} must have an endpoint", at=at)
        if not isinstance(item.get("credentials") or {}, Mapping):
            problem = f"the credentials of an entry of {masking.host(registry)} must be a mapping"
            raise InvalidInput(problem, at=at)
        yield item, at


def _caches(
    rendering: Rendering, settings: Tree, merged: Tree
) -> Iterator[tuple[tuple[str, ...], Host]]:
    """The caches that are in use, each with the registries that it serves."""
    for name in rendering.caches:
        cache = below(settings, (name,))
        if not value(cache, "enabled"):
            continue
        served = value(cache, "mirroredRegistries") or []
        decided = cache["mirroredRegistries"].at() if served else Position("")
        if not isinstance(served, list) or not all(isinstance(one, str) for one in served):
            raise InvalidInput(f"the mirroredRegistries of {name} must be a list", at=decided)
        if name == LOCAL_CACHE:
            endpoint = f"127.0.0.1:{value(cache, 'port')}"
            url = f"http://{endpoint}"
        else:
            endpoint = cache_host(merged)
            url = f"https://{endpoint}"
        always = Defect.OVERRIDE_PATH_ALWAYS in rendering.defects
        yield tuple(served), Host(url, endpoint, override_path=always, cache=name, at=decided)


def cache_host(values: Tree) -> str:
    """The host of the management cluster's cache, as the charts put it together."""
    of_all = below(values, ("global",))
    mc = value(of_all, "managementCluster")
    domain = value(below(of_all, ("connectivity",)), "baseDomain")
    return f"zot.{mc or ''}.{domain or ''}"


def _hosts(
    rendering: Rendering, registry: str, item: Mapping[str, Any], at: Position
) -> Iterator[Host]:
    endpoint = item["endpoint"]
    flags = {name: bool(item.get(name)) and name in rendering.flags for name in FLAGS}
    scheme = "http" if flags["insecure"] else "https"
    url = endpoint if rendering.writes is Form.BARE else f"{scheme}://{endpoint}"
    if rendering.writes is not Form.HOSTS:
        yield Host(url, endpoint, at=at)
        return
    login = _login(rendering, item, at)
    override_path = flags["overridePath"]
    skip_verify: bool | None = flags["skipVerify"] or None
    if Defect.OVERRIDE_PATH_ALWAYS in rendering.defects:
        override_path, skip_verify = endpoint != registry, flags["skipVerify"]
    sent = login if login.fields else None
    if scheme == "https":
        yield Host(url, endpoint, sent, override_path, skip_verify, at=at)
        return
    yield Host(url, endpoint, None, override_path, skip_verify, at=at)
    if sent:
        # The chart writes the header under https://, whatever the host's scheme.
        yield Host(f"https://{endpoint}", endpoint, sent, declared=False, at=at)


def _login(rendering: Rendering, item: Mapping[str, Any], at: Position) -> Login:
    credentials = item.get("credentials") or {}
    if rendering.writes is Form.BARE:
        given = {key: value for key, value in sorted(credentials.items()) if value is not None}
        return Login(given, at)
    if credentials.get("username") and credentials.get("password"):
        return Login({key: credentials[key] for key in ("username", "password")}, at)
    for key in ("auth", "identitytoken"):
        if credentials.get(key):
            return Login({key: credentials[key]}, at)
    return Login({}, at)


def _broken(
    rendering: Rendering,
    registries: Mapping[str, tuple[Host, ...]],
    logins: list[tuple[str, Login]],
) -> Iterator[Broken]:
    for registry, hosts in registries.items():
        for host in hosts:
            if not host.endpoint.isprintable() or '"' in host.endpoint or "\\" in host.endpoint:
                yield Broken("an endpoint holds a character that ends its text", host.at, registry)
        if rendering.writes is Form.HOSTS:
            for host in _repeated(hosts):
                yield Broken(f"{masking.host(host.url)} stands there twice", host.at, registry)
    seen: set[str] = set()
    for endpoint, login in logins:
        if endpoint in seen:
            yield Broken(f"the credentials of {masking.host(endpoint)} stand there twice", login.at)
        seen.add(endpoint)
    if Defect.ACCOUNTS_RUN_TOGETHER in rendering.defects:
        yield from _run_together(logins)


def _run_together(logins: list[tuple[str, Login]]) -> Iterator[Broken]:
    """After these kinds of credentials the chart leaves out the end of the line."""
    for (_, login), (endpoint, _) in pairwise(logins):
        if login.fields and "auth" not in login.fields:
            begin = "begin on the line of those before them"
            yield Broken(f"the credentials of {masking.host(endpoint)} {begin}", login.at)


def _repeated(hosts: tuple[Host, ...]) -> Iterator[Host]:
    """The hosts of which a table stands in the file already: their own, or that of headers."""
    tables: set[tuple[str, str]] = set()
    for host in hosts:
        own = {(host.url, "host")} if host.declared else set()
        headers = {(host.url, "header")} if host.login else set()
        if tables & (own | headers):
            yield host
        tables |= own | headers
