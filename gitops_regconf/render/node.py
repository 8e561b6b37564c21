"""The files of containerd on a node, as TOML: what the cluster chart writes there.

`/etc/containerd/config.toml` has far more in it on a real node; here it is the
part about registries.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

import tomli_w

from gitops_regconf.credentials.masked import MASK
from gitops_regconf.registries.charts import Defect, Form
from gitops_regconf.registries.model import Placeholder
from gitops_regconf.registries.node import Broken, Host, Login, Node, Text

CONFIG = "etc/containerd/config.toml"
DROP_IN = "etc/containerd/conf.d/registry-config.toml"
CERTS = "etc/containerd/certs.d"
# containerd 1.x, configuration version 2; containerd 2.x migrates it.
PLUGIN = "io.containerd.grpc.v1.cri"

Fill = Callable[[Placeholder], str]


def hosts_file(registry: str) -> str:
    """The path of a registry's own file, without the leading slash."""
    return f"{CERTS}/{registry}/hosts.toml"


def node_files(node: Node, fill: Fill) -> dict[str, dict[str, Any]]:
    """The content of each file by its path, without the leading slash.

    `fill` gives the credentials for placeholders. A file that the chart breaks
    (`node.broken`) is not TOML on the node; it is left out here.
    """
    if node.rendering.reads is None or (node.writes is Form.BARE and not node.registries):
        return {}
    spoilt = {broken.registry for broken in node.broken}
    if node.writes is Form.HOSTS:
        files = {CONFIG: _registry({"config_path": f"/{CERTS}"})}
        for registry, hosts in node.registries.items():
            if registry not in spoilt:
                files[hosts_file(registry)] = _hosts(registry, hosts, fill)
        return files
    if node.broken:
        return {}
    content = _registry(_mirrors_and_logins(node, fill))
    if node.writes is Form.CONFIG:
        return {CONFIG: content}
    return {DROP_IN: {"version": 2, **content} if node.writes is Form.BARE else content}


def path_of(node: Node, broken: Broken) -> str:
    """The path of a file that the chart breaks."""
    if node.writes is Form.HOSTS:
        return hosts_file(broken.registry or "")
    return CONFIG if node.writes is Form.CONFIG else DROP_IN


def toml(content: Mapping[str, Any]) -> str:
    """The text of a file, its tables in alphabetical order where their order means nothing."""
    return tomli_w.dumps(content)


def registry_part(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a whole config.toml says about registries; a hosts.toml is all about them."""
    plugins = content.get("plugins")
    if not isinstance(plugins, Mapping):
        return content
    part: Mapping[str, Any] = (plugins.get(PLUGIN) or {}).get("registry") or {}
    return part


def _registry(content: Mapping[str, Any]) -> dict[str, Any]:
    return {"plugins": {PLUGIN: {"registry": dict(content)}}}


def _hosts(registry: str, hosts: tuple[Host, ...], fill: Fill) -> dict[str, Any]:
    tables: dict[str, dict[str, Any]] = {}
    for host in hosts:
        table = tables.setdefault(host.url, {})
        if host.declared:
            table["capabilities"] = ["pull", "resolve"]
        if host.override_path:
            table["override_path"] = True
        if host.skip_verify is not None:
            table["skip_verify"] = host.skip_verify
        if host.login:
            table["header"] = {"Authorization": [_authorization(host.login, fill)]}
    return {"server": f"https://{registry}", **({"host": tables} if tables else {})}


def _mirrors_and_logins(node: Node, fill: Fill) -> dict[str, Any]:
    misnamed = Defect.MIRRORS_MISNAMED in node.rendering.defects
    mirrors = {
        registry: {"endpoint": [host.url for host in hosts]}
        for registry, hosts in node.registries.items()
    }
    configs = {endpoint: {"auth": _auth(login, node, fill)} for endpoint, login in node.logins}
    return {"mirroredRegistries" if misnamed else "mirrors": mirrors, "configs": configs}


def _auth(login: Login, node: Node, fill: Fill) -> dict[str, str]:
    fields = {key: filled_text(value, fill) for key, value in login.fields.items()}
    if node.writes is not Form.BARE and "username" in fields:
        return {"auth": _pair(fields)}
    return fields


def _authorization(login: Login, fill: Fill) -> str:
    fields = {key: filled_text(value, fill) for key, value in login.fields.items()}
    if "identitytoken" in fields:
        return f"Bearer {fields['identitytoken']}"
    return f"Basic {fields['auth'] if 'auth' in fields else _pair(fields)}"


def _pair(fields: Mapping[str, str]) -> str:
    if MASK in fields.values():
        return MASK  # in base64 it would look like a credential
    return base64.b64encode(f"{fields['username']}:{fields['password']}".encode()).decode()


def filled_text(value: Text, fill: Fill) -> str:
    """A field of credentials, taken from its account where it comes from one."""
    return fill(value) if isinstance(value, Placeholder) else value
