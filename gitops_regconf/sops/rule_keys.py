"""Whom a creation rule of `.sops.yaml` names, and naming recipients there.

Source: sops `config/config.go`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops import key_text
from gitops_regconf.sops.key_text import KmsKey
from gitops_regconf.sops.recipients import FILE_KINDS, KeyGroups, kind_and_name

_VAULT: Final = "hc_vault_transit_uri"
_KINDS: Final = tuple(FILE_KINDS.values())  # sops reads a rule in this order
_ID_KEYS: Final = {"gcp_kms": "resource_id", "hckms": "key_id"}  # of entries in key groups
_SKIP_EMPTY: Final = ("hckms", _VAULT)
_QUOTE: Final = "Write it in quotes if it is made of digits."


def of_rule(rule: Mapping[str, Any]) -> KeyGroups:
    """The recipients for which sops encrypts by `rule`; one empty group where it names none.

    An ID that no key can have is kept, for `check` to say so. Raises
    InvalidInput, without a position, where a value has a type that sops refuses.
    """
    groups = tuple(map(_group, _mappings(rule, "key_groups")))
    threshold = rule.get("shamir_threshold") or 0
    if not isinstance(threshold, int) or isinstance(threshold, bool) or threshold < 0:
        raise InvalidInput("'shamir_threshold' in a rule must be a number")
    if not groups:
        return KeyGroups.of(*(name for kind in _KINDS for name in _flat(rule, kind)))
    if len(groups) > 1 and (threshold == 1 or threshold > len(groups)):
        raise InvalidInput(
            f"'shamir_threshold' is {threshold}, and there are {len(groups)} key groups",
            mend="It must be at least 2, and no more than there are groups.",
        )
    return KeyGroups.canonical(groups, threshold)


def to_config_group(recipients: Iterable[str]) -> dict[str, Any]:
    """The entry of `key_groups` that names `recipients`, which `check` has found good."""
    group: dict[str, Any] = {}
    for recipient in recipients:
        kind, name = kind_and_name(recipient)
        group.setdefault(_in_groups(kind), []).append(_entry(kind, name))
    return group


def _entry(kind: str, name: str) -> Any:
    if kind == "kms":
        key = KmsKey.of_text(name)
        return key.to_config() if key else {"arn": name}
    if kind == key_text.AZURE:
        url, key_name, version = key_text.azure_parts(name) or (name, "", "")
        return {"vaultUrl": url, "key": key_name, "version": version}
    return {_ID_KEYS[kind]: name} if kind in _ID_KEYS else name


def _in_groups(kind: str) -> str:
    """What key groups call a kind of key."""
    return "hc_vault" if kind == _VAULT else kind


def _flat(rule: Mapping[str, Any], kind: str) -> list[str]:
    profile = _text(rule, "aws_profile")
    return [_name(kind, item, profile) for item in _items(rule.get(kind), kind)]


def _items(value: Any, kind: str) -> list[str]:
    """The IDs in a flat key: text without empty ones; the items of a list are joined by sops."""
    if value is None or value == "":
        return []
    if isinstance(value, str) and kind != "hckms":  # the one that must be a list
        return [part.strip() for part in value.split(",") if part.strip()]
    items = _texts(value, kind)
    parts = ",".join(items).split(",") if any(items) else []
    return [part for part in parts if part.strip() or kind not in _SKIP_EMPTY]


def _name(kind: str, item: str, profile: str = "") -> str:
    """The recipient for an ID as people write it; one that cannot be understood stays."""
    if kind == "age":
        return item.strip()
    if kind == "kms":
        return f"kms:{KmsKey.of_flat(item, profile)}"
    if kind == key_text.AZURE:
        parts = key_text.azure_parts(item.strip())
        return f"{kind}:{key_text.azure_text(*parts) if parts else item.strip()}"
    if kind == _VAULT:
        return f"{kind}:{key_text.vault_uri(item)}"
    return f"{kind}:{item.strip() if kind == 'hckms' else item.replace(' ', '')}"


def _group(group: Mapping[str, Any]) -> tuple[str, ...]:
    """The recipients of a key group, each once, by kind as files have them."""
    names = [name for merged in _mappings(group, "merge") for name in _group(merged)]
    names += [name for kind in _KINDS for name in _in_group(group, kind)]
    return tuple(
        sorted(dict.fromkeys(names), key=lambda name: _KINDS.index(kind_and_name(name)[0]))
    )


def _in_group(group: Mapping[str, Any], kind: str) -> list[str]:
    if kind == "kms":
        return [f"kms:{_kms(entry)}" for entry in _mappings(group, kind)]
    if kind == key_text.AZURE:
        entries = _mappings(group, kind)
        parts = [
            [_text(entry, name) for name in ("vaultUrl", "key", "version")] for entry in entries
        ]
        return [f"{kind}:{key_text.azure_text(*part)}" for part in parts]
    if kind in _ID_KEYS:
        return [_name(kind, _text(entry, _ID_KEYS[kind])) for entry in _mappings(group, kind)]
    items = _texts(group.get(_in_groups(kind)), kind)
    if kind == "age":
        items = [part for item in items if item for part in item.split(",")]
    return [_name(kind, item) for item in items]


def _kms(entry: Mapping[str, Any]) -> KmsKey:
    context = entry.get("context") or {}
    if not isinstance(context, Mapping):
        raise InvalidInput("'context' in a rule must be a mapping")
    texts = {str(name): _text(context, name) for name in context}
    arn, role, profile = (_text(entry, name) for name in ("arn", "role", "aws_profile"))
    return KmsKey(arn, role, key_text.sorted_context(texts), profile)


def _texts(value: Any, kind: str) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidInput(f"'{kind}' in a rule must be a list of texts", mend=_QUOTE)
    return value


def _mappings(parent: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = parent.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise InvalidInput(f"'{name}' in a rule must be a list of mappings")
    return value


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidInput(f"'{name}' in a rule must be text", mend=_QUOTE)
    return value
