"""How a registry asks for authentication, and whether a node's credentials get there."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Literal

from gitops_regconf.registries.charts import Form
from gitops_regconf.registries.known import known
from gitops_regconf.registries.node import Login

# From this version on the header of a hosts.toml also goes to the token service.
# Measured with 1.6.39, 1.7.x, 2.0.x and 2.1 to 2.4: containerd commit 10b4eb4a9.
HEADER_REACHES_TOKEN_SERVICE = (2, 1)

Containerd = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Challenge:
    """What is known of a host; a field is None where it is not. `data/registries.yaml` explains."""

    auth: Literal["token", "basic", "none"] | None = None
    basic: Literal["accepted", "challenged", "refused"] | None = None
    bearer: Literal["accepted", "refused"] | None = None
    exchange: Literal["yes", "no"] | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """Whether credentials have an effect (None: not known), and why."""

    effective: bool | None
    why: str


def challenge(endpoint: str) -> Challenge:
    """What is known of the host of an endpoint."""
    host = endpoint.split("/", maxsplit=1)[0].partition(":")[0]
    return next(
        (found for pattern, found in _challenges() if fnmatchcase(host, pattern)), Challenge()
    )


def effect(endpoint: str, login: Login, form: Form, containerd: Containerd) -> Effect:
    """Whether credentials reach a host in a way that it takes."""
    if not login.fields:
        return Effect(
            effective=False, why="the credentials are incomplete, and none are written on the node"
        )
    if not (login.is_basic or login.is_token):
        return Effect(effective=False, why="the credentials are incomplete: the pull is anonymous")
    found = challenge(endpoint)
    if found.auth == "none":
        return Effect(effective=False, why="this registry knows no credentials")
    if form is Form.HOSTS:
        return _header(found, login, containerd)
    return _configured(found, login)


def _header(found: Challenge, login: Login, containerd: Containerd) -> Effect:
    """A static header, sent with every request."""
    if not login.is_basic:
        return _bearer_header(found)
    if found.auth == "basic" or found.basic == "accepted":
        return Effect(effective=True, why="the registry takes the header as it is")
    if found.basic == "refused":
        why = "the registry refuses the header and asks for no token"
        return Effect(effective=False, why=why)
    return _at_token_service(found, reaches=containerd >= HEADER_REACHES_TOKEN_SERVICE)


def _at_token_service(found: Challenge, *, reaches: bool) -> Effect:
    if found.basic == "challenged" and reaches:
        return Effect(effective=True, why="the header also goes to the token service")
    if found.basic == "challenged":
        why = "the header does not go to the token service before containerd 2.1: anonymous"
        return Effect(effective=False, why=why)
    if found.auth == "token":
        why = "it is not known what this registry does with such a header"
    else:
        why = "it is not known how this host authenticates"
    return Effect(
        effective=None,
        why=why + ("" if reaches else "; where a token service decides, the pull is anonymous"),
    )


def _bearer_header(found: Challenge) -> Effect:
    if found.bearer == "accepted":
        return Effect(effective=True, why="the registry takes the token as it is")
    if found.bearer == "refused" or found.auth == "basic":
        return Effect(effective=False, why="an identity token is no access token, and is refused")
    return Effect(
        effective=None, why="it is not known whether this host takes an identity token as it is"
    )


def _configured(found: Challenge, login: Login) -> Effect:
    """`registry.configs`: containerd answers whatever the registry asks for."""
    if login.is_basic:
        return Effect(effective=True, why="containerd answers what the registry asks for")
    if found.auth == "basic":
        return Effect(effective=False, why="this registry takes no identity tokens")
    if found.exchange == "yes":
        return Effect(effective=True, why="containerd exchanges the token at the token service")
    if found.exchange == "no":
        return Effect(effective=False, why="the token service takes no identity tokens")
    return Effect(effective=None, why="it is not known whether this host takes identity tokens")


@cache
def _challenges() -> list[tuple[str, Challenge]]:
    return [
        (
            pattern,
            Challenge(row.get("auth"), row.get("basic"), row.get("bearer"), row.get("exchange")),
        )
        for pattern, row in known("registries.yaml").items()
    ]
