"""A cluster without the credentials that stand in clear in its values in Git."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gitops_regconf.fleet.view import ClusterView
from gitops_regconf.registries.model import Placeholder
from gitops_regconf.registries.node import CREDENTIAL_KEYS, shown

_IN_CLEAR = "in-clear"  # in place of the account that such credentials do not have


def without_credentials(view: ClusterView) -> ClusterView:
    """The cluster with stand-ins for them; those of accounts are placeholders anyway."""
    hidden = tuple(replace(values, content=_hide(values.content)) for values in view.given)
    return replace(view, given=hidden)


def _hide(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {shown(str(key)): _hidden_value(str(key), value) for key, value in node.items()}
    if isinstance(node, list):
        return [_hide(item) for item in node]
    return shown(node) if isinstance(node, str) else node


def _hidden_value(key: str, value: Any) -> Any:
    if key == "credentials" and isinstance(value, Mapping):
        return _in_place_of(value)
    if key in (*CREDENTIAL_KEYS, "credentials") and isinstance(value, str | list):
        return value and f"{_IN_CLEAR}-{key}"
    return _hide(value)


def _in_place_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """An empty field stays empty: charts then take the credentials for incomplete."""
    return {
        key: value if isinstance(value, Placeholder) else value and Placeholder(_IN_CLEAR, key)
        for key, value in fields.items()
    }
