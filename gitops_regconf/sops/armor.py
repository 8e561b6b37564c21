"""What can be told of a wrapped data key without the private key.

Source: age's format (age-encryption.org/v1): a header with one stanza for each
recipient and a MAC, and a payload of a 16-byte nonce and one sealed chunk.
"""

from __future__ import annotations

import binascii
import re
from typing import Final

_ARMOR: Final = re.compile(
    r"-----BEGIN AGE ENCRYPTED FILE-----\r?\n((?:[A-Za-z0-9+/=]+\r?\n)+)"
    r"-----END AGE ENCRYPTED FILE-----\r?\n?"
)
_STANZA: Final = re.compile(rb"^-> (\S+)", re.MULTILINE)
_PAYLOAD: Final = re.compile(rb"^--- [A-Za-z0-9+/]{43}\n", re.MULTILINE)
# A nonce, the 32 bytes of a data key, and the tag of ChaCha20-Poly1305.
_PAYLOAD_BYTES: Final = 16 + 32 + 16


def problem_of_armor(text: str, *, native: bool) -> str:
    """Why `text` is no armored age file that holds a data key; empty where it may be one.

    `native`: it must be for one age X25519 recipient. Which one, only its key tells.
    """
    found = _ARMOR.fullmatch(text)
    if not found:
        return "is not an armored age file"
    try:
        data = binascii.a2b_base64("".join(found[1].split()), strict_mode=True)
    except binascii.Error:
        return "holds invalid base64"
    payload = _PAYLOAD.search(data)
    if not data.startswith(b"age-encryption.org/v1\n") or not payload:
        return "is not an age file"
    if len(data) - payload.end() != _PAYLOAD_BYTES:
        return "has not the length of a wrapped data key"
    kinds = [kind for kind in _STANZA.findall(data, 0, payload.start()) if not _is_grease(kind)]
    if native and kinds != [b"X25519"]:
        return "is not for one age recipient"
    return ""


def _is_grease(kind: bytes) -> bool:
    """Stanzas that age adds at random, so that readers stay used to unknown ones."""
    return kind.endswith(b"-grease")
