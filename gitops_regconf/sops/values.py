"""One encrypted value: `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]`.

AES-256-GCM with the file's data key; the additional data is the path of keys
that leads to the value, which binds the ciphertext to its place. Format:
getsops/sops `aes/cipher.go`.
"""

from __future__ import annotations

import binascii
import os
import re
from dataclasses import dataclass
from typing import Final

from gitops_regconf.sops.errors import MacMismatch, Malformed, Unsupported
from gitops_regconf.sops.gotypes import Value, from_bytes, to_bytes

KEY_BYTES: Final = 32
IV_BYTES: Final = 32  # what sops writes; 12 is what other writers of the format use
TAG_BYTES: Final = 16
_IV_LENGTHS: Final = (12, IV_BYTES)

# sops itself reads past the closing bracket; nothing writes anything there.
_FORMAT = re.compile(
    r"ENC\[AES256_GCM,data:([A-Za-z0-9+/]+={0,2}),iv:([A-Za-z0-9+/]+={0,2})"
    r",tag:([A-Za-z0-9+/]+={0,2}),type:([a-z]+)\]"
)
_TYPES = frozenset(("str", "int", "float", "bool", "time", "comment"))


@dataclass(frozen=True, slots=True)
class Ciphertext:
    """The parts of an encrypted value, decoded; `kind` is the type of the plaintext."""

    data: bytes
    iv: bytes
    tag: bytes
    kind: str

    @classmethod
    def parse(cls, text: str) -> Ciphertext:
        """The parts of `text`. Raises Malformed, without repeating the text."""
        found = _FORMAT.fullmatch(text)
        if not found:
            raise Malformed("a value that should be encrypted is not")
        data, iv, tag = (_decode(part) for part in found.group(1, 2, 3))
        if data is None or iv is None or tag is None:
            raise Malformed("an encrypted value holds invalid base64")
        if len(iv) not in _IV_LENGTHS or len(tag) != TAG_BYTES:
            raise Malformed("an encrypted value has an IV or a tag of the wrong length")
        if found[4] not in _TYPES:
            raise Malformed(f"an encrypted value has the unknown type {found[4]!r}")
        return cls(data, iv, tag, found[4])


def is_ciphertext(value: object) -> bool:
    """Whether `value` is a well-formed encrypted value; whose key it needs is not looked at."""
    if not isinstance(value, str) or not value.startswith("ENC["):
        return False
    try:
        Ciphertext.parse(value)
    except Malformed:
        return False
    return True


def encrypt_value(value: Value, key: bytes, aad: str) -> str:
    """`value` encrypted under a fresh IV; empty text stays empty, as in sops.

    `key` has 32 bytes; `aad` is the path, as `tree.aad` gives it. Raises
    InvalidInput for a value that sops cannot hold.
    """
    kind, plain = to_bytes(value)
    if not plain:
        return ""
    iv = os.urandom(IV_BYTES)
    sealed = _cipher(key).encrypt(iv, plain, aad.encode())
    data, tag = sealed[:-TAG_BYTES], sealed[-TAG_BYTES:]
    return f"ENC[AES256_GCM,data:{_encode(data)},iv:{_encode(iv)},tag:{_encode(tag)},type:{kind}]"


def decrypt_value(text: str, key: bytes, aad: str) -> Value:
    """The value in `text`, of the type it was encrypted from (see `gotypes`); "" for "".

    Raises Malformed where the text has not the right form, MacMismatch where
    the ciphertext does not authenticate under this key and path, Unsupported
    for binary data.
    """
    if not text:
        return ""
    parts = Ciphertext.parse(text)
    plain = _open(parts, key, aad)
    if plain is None:
        raise MacMismatch("an encrypted value does not authenticate under its key and path")
    value = from_bytes(plain, parts.kind)
    if value is None and parts.kind == "str":
        raise Unsupported(
            "an encrypted value is binary data, and no UTF-8 text",
            mend="Only the sops command line can change this file.",
        )
    if value is None:
        raise Malformed(f"an encrypted value is not of its type {parts.kind!r}")
    return value


def _open(parts: Ciphertext, key: bytes, aad: str) -> bytes | None:
    from cryptography.exceptions import InvalidTag

    try:
        return bytes(_cipher(key).decrypt(parts.iv, parts.data + parts.tag, aad.encode()))
    except InvalidTag:
        return None


def _cipher(key: bytes):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def _encode(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def _decode(text: str) -> bytes | None:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error:
        return None
