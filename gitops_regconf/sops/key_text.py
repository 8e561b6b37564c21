"""Keys that have several parts as one line of text, and back: as sops itself names them.

Source: the `ToString` of sops' `kms`, `azkv` and `hcvault`, and how it reads
what a flat creation rule names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

# Within an encryption context these would end a name or a value too early.
_RESERVED = re.compile(r"[%,:|\x00-\x1f\x7f]")
_ESCAPED = re.compile("%([0-9A-F]{2})")
_AZURE = re.compile(r"(https?://.+)/keys/([^/]+)(?:/([^/]*))?")
_VAULT = re.compile(r"([a-z]+://[^/]+)/v[0-9]+/(.+)/[^/]+/([^/]+)/*")
AZURE: Final = "azure_keyvault"

_ARN = r"arn:aws[\w-]*:kms:[^\s:]+:[0-9]+:(?:key|alias)/[^\s|+,]+"
#: The kinds besides age: a pattern for IDs, and an example of a recipient.
FORMS: Final[Mapping[str, tuple[str, str]]] = {
    "pgp": (r"[0-9A-Fa-f]{16,}!?", "pgp:FINGERPRINT"),
    "kms": (rf"{_ARN}(?:\+arn:[^\s|,]+)?(?:\|[^|]*(?:\|.+)?)?", "kms:ARN, or kms:ARN+ROLE"),
    "gcp_kms": (
        r"projects/[^/\s]+/locations/[^/\s]+/keyRings/[^/\s]+/cryptoKeys/[^/\s]+",
        "gcp_kms:projects/P/locations/L/keyRings/R/cryptoKeys/K",
    ),
    "hckms": (r"[^\s:]+:\S+", "hckms:REGION:KEY"),
    AZURE: (
        r"https://[^/\s]+/*/keys/[^/\s]+(?:/[^/\s]+)?",
        "azure_keyvault:https://VAULT/keys/NAME/VERSION",
    ),
    "hc_vault_transit_uri": (
        r"https?://[^/\s]+/v1/\S+/keys/[^/\s]+",
        "hc_vault_transit_uri:https://HOST/v1/ENGINE/keys/NAME",
    ),
}


def is_well_formed(kind: str, name: str) -> bool:
    """Whether `name` has the form of an ID of `kind`, one of `FORMS`."""
    good = re.fullmatch(FORMS[kind][0], name) is not None
    return good and (kind != "kms" or KmsKey.of_text(name) is not None)


@dataclass(frozen=True, slots=True)
class KmsKey:
    """A key of AWS KMS; `context` is sorted by name."""

    arn: str
    role: str = ""
    context: tuple[tuple[str, str], ...] = ()
    profile: str = ""

    @classmethod
    def of_flat(cls, text: str, profile: str) -> KmsKey:
        """What a flat rule names: `ARN` or `ARN+ROLE`; sops drops the spaces."""
        arn, role = _arn_and_role(text.replace(" ", ""))
        return cls(arn, role, (), profile)

    @classmethod
    def of_text(cls, text: str) -> KmsKey | None:
        """The inverse of `str`; None where `text` has another form."""
        first, _, rest = text.partition("|")
        context, _, profile = rest.partition("|")
        arn, role = _arn_and_role(first)
        pairs = [pair.split(":") for pair in context.split(",") if context]
        if any(len(pair) != 2 for pair in pairs):
            return None
        return cls(arn, role, tuple(sorted((_plain(n), _plain(v)) for n, v in pairs)), profile)

    def __str__(self) -> str:
        """`ARN+ROLE|name:value,name:value|PROFILE`, without what is empty.

        Unlike in sops, reserved characters in a context are written as %XX, so
        that two different contexts never look the same.
        """
        context = ",".join(f"{_escaped(name)}:{_escaped(value)}" for name, value in self.context)
        text = f"{self.arn}+{self.role}" if self.role else self.arn
        if self.profile:
            return f"{text}|{context}|{self.profile}"
        return f"{text}|{context}" if context else text

    def to_config(self) -> dict[str, Any]:
        """The entry of a `kms` list in a key group of `.sops.yaml`."""
        entry: dict[str, Any] = {"arn": self.arn}
        parts = {"role": self.role, "context": dict(self.context), "aws_profile": self.profile}
        return entry | {name: value for name, value in parts.items() if value}


def sorted_context(context: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """An encryption context as `KmsKey` holds it."""
    return tuple(sorted(context.items()))


def azure_text(vault_url: str, name: str, version: str) -> str:
    """`https://VAULT/keys/NAME/VERSION`; without the version, it is the newest one."""
    return f"{vault_url}/keys/{name}" + (f"/{version}" if version else "")


def azure_parts(text: str) -> tuple[str, str, str] | None:
    """URL of the vault, name and version, which may be empty; None for another form."""
    found = _AZURE.fullmatch(text)
    return (found[1], found[2], found[3] or "") if found else None


def without_version(recipient: str) -> str:
    """An Azure recipient without the version of its key; any other one as it is."""
    kind, _, text = recipient.partition(":")
    parts = azure_parts(text) if kind == AZURE else None
    return f"{AZURE}:{azure_text(*parts[:2], '')}" if parts else recipient


def vault_text(address: str, engine_path: str, name: str) -> str:
    """`https://HOST/v1/ENGINE/keys/NAME`."""
    return f"{address}/v1/{engine_path}/keys/{name}"


def vault_uri(uri: str) -> str:
    """The URI of a Vault key in the one form of `vault_text`; as it is where it is none."""
    found = _VAULT.fullmatch(uri)
    return vault_text(found[1], found[2].strip("/"), found[3]) if found else uri


def _arn_and_role(text: str) -> tuple[str, str]:
    # A path in an ARN may hold '+', but no ':'.
    at = text.find("+arn:")
    return (text[:at], text[at + 1 :]) if at > 0 else (text, "")


def _escaped(text: str) -> str:
    return _RESERVED.sub(lambda found: f"%{ord(found[0]):02X}", text)


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
