"""Reading the `sops` block of a file, of any layout."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gitops_regconf.sops import selector as selectors
from gitops_regconf.sops.age import Stanza
from gitops_regconf.sops.errors import Malformed
from gitops_regconf.sops.layout import Layout
from gitops_regconf.sops.metadata import Metadata
from gitops_regconf.sops.selector import Selector

if TYPE_CHECKING:
    from gitops_regconf.sops.gotypes import Tree

_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?")
_KNOWN = frozenset(
    ("age", "lastmodified", "mac", "mac_only_encrypted", "version", *selectors.KINDS)
)


def read_metadata(block: Any) -> Metadata:
    """The metadata in the plain data of a `sops` block.

    Raises Malformed, without a position; its message names the key.
    """
    if not isinstance(block, dict):
        raise Malformed("'sops' must be a mapping")
    metadata = Metadata(
        recipients=_stanzas(block.get("age")),
        lastmodified=_text(block, "lastmodified"),
        mac=_text(block, "mac"),
        selector=_selector(block),
        mac_only_encrypted=_flag(block.get("mac_only_encrypted")),
        version=_version(block),
        other={key: value for key, value in block.items() if key not in _KNOWN and value != []},
        layout=Layout.of(block),
    )
    _ = metadata.mac_aad, metadata.groups  # raise where they are none
    return metadata


def _stanzas(entries: Any) -> tuple[Stanza, ...]:
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise Malformed("'sops.age' must be a list")
    stanzas = []
    for entry in entries:
        if not isinstance(entry, dict):
            raise Malformed("an entry of 'sops.age' must be a mapping")
        stanzas.append(Stanza(_text(entry, "recipient"), _text(entry, "enc")))
    return tuple(stanzas)


def _selector(block: Tree) -> Selector:
    found = [(kind, block[kind]) for kind in selectors.KINDS if block.get(kind)]
    if len(found) > 1:
        names = " and ".join(kind for kind, _ in found)
        raise Malformed(f"'sops' has {names}, and only one selector may decide")
    if not found:
        return selectors.DEFAULT
    kind, value = found[0]
    if not isinstance(value, str):
        raise Malformed(f"'sops.{kind}' must be text")
    return Selector(kind, value)


def _text(block: Tree, key: str) -> str:
    value = block.get(key)
    if not isinstance(value, str) or not value:
        raise Malformed(f"'{key}' is missing in the metadata or not text")
    return str(value)


def _version(block: Tree) -> str:
    version = _text(block, "version")
    if _VERSION.fullmatch(version):
        return version
    raise Malformed("'version' is not that of a sops, such as 3.13.3: sops opens no such file")


def _flag(value: Any) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    if value in ("true", "false"):
        return bool(value == "true")
    raise Malformed("'sops.mac_only_encrypted' must be true or false")
