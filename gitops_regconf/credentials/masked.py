"""Values documents for people to look at: everything that could be secret is masked."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from gitops_regconf import sops
from gitops_regconf.errors import RegconfError
from gitops_regconf.source.documents import document

# What the generator itself writes in clear. Anything else in the document,
# whoever put it there, is masked: by position, not by how it looks.
_CLEAR_LEAVES = {"endpoint", "insecure", "overridePath", "skipVerify", "enabled", "port"}
_CLEAR_LISTS = {"mirroredRegistries"}
MASK = "<masked>"


def masked_pair(
    before: str | None, after: str | None, identities: sops.Identities
) -> tuple[str, str] | None:
    """The values documents of two versions of a Secret's file, masked.

    A credential that differs between them is marked, so that the change can be
    seen without its value. None where the keys at hand do not open both.
    """
    try:
        old, new = _values(before, identities), _values(after, identities)
    except RegconfError:
        return None
    return (
        "" if old is None else _text(_masked(old, new, "old")),
        "" if new is None else _text(_masked(new, old, "new")),
    )


def _values(text: str | None, identities: sops.Identities) -> Any:
    if text is None:
        return None
    data = sops.decrypt(text, identities=identities).tree.get("data")
    leaf = next(iter(data.values())) if isinstance(data, dict) and data else ""
    try:
        decoded = base64.b64decode(str(leaf), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return MASK
    return document(decoded, "values").data


def _masked(node: Any, other: Any, which: str, key: str = "") -> Any:
    if isinstance(node, dict):
        others = other if isinstance(other, dict) else {}
        return {name: _masked(value, others.get(name), which, name) for name, value in node.items()}
    if isinstance(node, list):
        if key in _CLEAR_LISTS and all(isinstance(item, str) for item in node):
            return node
        return [
            _masked(item, _counterpart(item, other, index), which)
            for index, item in enumerate(node)
        ]
    if key in _CLEAR_LEAVES and "@" not in str(node):
        return node
    if other is None or node == other:
        return MASK
    return f"<masked, {which} value>"


def _counterpart(item: Any, others: Any, index: int) -> Any:
    """The item of the other list with the same endpoint; else the one in the same place."""
    if not isinstance(others, list):
        return None
    endpoint = item.get("endpoint") if isinstance(item, dict) else None
    for other in others:
        if endpoint and isinstance(other, dict) and other.get("endpoint") == endpoint:
            return other
    return others[index] if not endpoint and index < len(others) else None


def _text(data: Any) -> str:
    if data is None:
        return ""
    return sops.emit(data, indent=2) if isinstance(data, dict) else f"{data}\n"
