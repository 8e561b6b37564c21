"""Recipients as text, and whom the `sops` block of a file names.

A recipient is a `str`: of age as it is (`age1…`, `age1pq1…`, `age1NAME1…`,
`ssh-…`), of any other kind `KIND:ID`, with the KIND of a flat rule in
`.sops.yaml` and the ID as sops writes it on one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops import key_text
from gitops_regconf.sops.age import check_native
from gitops_regconf.sops.errors import Malformed
from gitops_regconf.sops.key_text import KmsKey

#: The kinds in files, in the order in which rules name recipients, and what rules call them.
FILE_KINDS: Final = {
    "age": "age",
    "pgp": "pgp",
    "kms": "kms",
    "gcp_kms": "gcp_kms",
    "hckms": "hckms",
    "azure_kv": key_text.AZURE,
    "hc_vault": "hc_vault_transit_uri",
}
_ID_FIELDS: Final = {
    "age": "recipient",
    "pgp": "fp",
    "gcp_kms": "resource_id",
    "hckms": "key_id",
}
_FORMS: Final = (
    "Write 'age1…', 'ssh-…', or KIND:ID, with one of " + ", ".join(key_text.FORMS) + " as KIND."
)


@dataclass(frozen=True, slots=True)
class KeyGroups:
    """Who can open a file: one of each group, of `threshold` groups (0: of all groups)."""

    groups: tuple[tuple[str, ...], ...]
    threshold: int = 0

    @classmethod
    def of(cls, *recipients: str) -> KeyGroups:
        """One group: each of `recipients` can open the file."""
        return cls((recipients,))

    @classmethod
    def canonical(cls, groups: tuple[tuple[str, ...], ...], threshold: int) -> KeyGroups:
        """Such that what means the same is equal: sops writes out a threshold of all groups."""
        return cls(groups or ((),), 0 if threshold >= len(groups) else threshold)

    def met_by(self, found: KeyGroups) -> bool:
        """Whether a file with `found` is for these recipients.

        Their order does not count, nor which version a key of Azure has where
        it is left open here.
        """
        wanted = KeyGroups.canonical(self.groups, self.threshold)
        if len(wanted.groups) != len(found.groups) or wanted.threshold != found.threshold:
            return False
        return all(map(_met, wanted.groups, found.groups))


def _met(wanted: tuple[str, ...], found: tuple[str, ...]) -> bool:
    return missing_and_extra(wanted, found) == (set(), set())


def missing_and_extra(wanted: Iterable[str], found: Iterable[str]) -> tuple[set[str], set[str]]:
    """Who is missing among those `found`, and who is not wanted.

    A key of Azure meets one whose version is left open.
    """
    missing, extra = {*wanted} - {*found}, {*found} - {*wanted}
    met = {one for one in extra if key_text.without_version(one) in missing}
    return missing - {key_text.without_version(one) for one in met}, extra - met


def kind_and_name(recipient: str) -> tuple[str, str]:
    """What `.sops.yaml` calls the kind of a recipient, and its ID there."""
    kind, colon, name = recipient.partition(":")
    return (kind, name) if colon and kind in key_text.FORMS else ("age", recipient)


def is_native(recipient: str) -> bool:
    """Whether it is of the kind that needs no sops: age X25519."""
    return recipient.startswith("age1") and recipient.count("1") == 1


def check_recipient(recipient: str) -> None:
    """Return if sops could take `recipient` for one; raise InvalidInput otherwise.

    Whether there is such a key, only sops can tell. A secret key is never repeated.
    """
    secret = re.search("AGE-(?:SECRET-KEY|PLUGIN)-", recipient, re.IGNORECASE)
    if secret or is_native(recipient):
        check_native(recipient)
        return
    kind, name = kind_and_name(recipient)
    if not recipient.isprintable() or (kind != "kms" and "," in name):
        raise InvalidInput(
            "a recipient holds a comma, a line break or a control character",
            mend="Write each recipient as an item of its own.",
        )
    if kind == "age":
        if not re.match("age1.|ssh-.", recipient):
            raise InvalidInput("this is not a recipient", mend=_FORMS)
        return
    if not key_text.is_well_formed(kind, name):
        example = key_text.FORMS[kind][1]
        raise InvalidInput(f"this is not a recipient of the kind '{kind}'", mend=f"Write {example}")


def of_block(block: Mapping[str, Any]) -> KeyGroups:
    """Everyone whom the `sops` block of a file names. Raises Malformed."""
    flat = _of_group(block)
    if flat:
        return KeyGroups.of(*flat)
    groups = tuple(_of_group(group) for group in _mappings(block, "key_groups"))
    threshold = block.get("shamir_threshold") or 0
    if not isinstance(threshold, int):
        raise Malformed("'shamir_threshold' must be a number")
    return KeyGroups.canonical(groups, threshold)


def _of_group(group: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(from_entry(kind, entry) for kind in FILE_KINDS for entry in _mappings(group, kind))


def from_entry(kind_in_file: str, entry: Mapping[str, Any]) -> str:
    """The recipient of an entry in a file's list `kind_in_file`, one of `FILE_KINDS`.

    Raises Malformed where the entry lacks what it needs.
    """
    if kind_in_file in _ID_FIELDS:
        name = _text(entry, _ID_FIELDS[kind_in_file])
        if kind_in_file == "age":
            return name
    elif kind_in_file == "kms":
        name = str(_kms(entry))
    elif kind_in_file == "azure_kv":
        url, key = _text(entry, "vault_url"), _text(entry, "name")
        name = key_text.azure_text(url, key, _text(entry, "version", needed=False))
    else:
        parts = [_text(entry, part) for part in ("vault_address", "engine_path", "key_name")]
        name = key_text.vault_text(*parts)
    return f"{FILE_KINDS[kind_in_file]}:{name}"


def _kms(entry: Mapping[str, Any]) -> KmsKey:
    context = entry.get("context") or {}
    if not isinstance(context, Mapping):
        raise Malformed("'context' of a kms key must be a mapping")
    texts = {str(name): _text(context, name, needed=False) for name in context}
    role, profile = (_text(entry, name, needed=False) for name in ("role", "aws_profile"))
    return KmsKey(_text(entry, "arn"), role, key_text.sorted_context(texts), profile)


def _mappings(block: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    entries = block.get(name) or []
    if not isinstance(entries, list) or not all(isinstance(one, Mapping) for one in entries):
        raise Malformed(f"'{name}' must be a list of mappings")
    return entries


def _text(entry: Mapping[str, Any], name: str, *, needed: bool = True) -> str:
    value = entry.get(name)
    if isinstance(value, str) and (value or not needed):
        return value
    if value is None and not needed:
        return ""
    raise Malformed(f"'{name}' of a key is missing in the metadata or not text")
