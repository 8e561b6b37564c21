"""What a failed sops said, without anything that could be a secret.

sops repeats values, comments, command lines and bits of unreadable files in
some of its messages. What follows the beginning of such a message is cut off,
for a value may itself look like the end of the message; what looks like a key
or a ciphertext goes wherever it stands.
"""

from __future__ import annotations

import re
from typing import Final

LIMIT: Final = 1000
REMOVED: Final = "[removed]"

_PROGRESS = re.compile(r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d (?:Syncing keys|File) .*$", re.MULTILINE)
_NOT_TEXT = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_MARGIN = re.compile(r"^[ \t]*(?:-[ \t])?[ \t]*\|[ \t]", re.MULTILINE)  # of wrapped lines
#: Beginnings of messages that go on with something that may be secret.
_REPEATING: Final = (
    "input string",
    "could not convert",
    "encrypted comment",
    "comment=",
    "dotenv input line",
    "execute command",
    "parse command",
    "marshaling timestamp",
    "encoding value",
    "encoding key",
    "unmarshal",
    "json object key",
    "json files with",
    "json types",
    "mac mismatch",
    "file has",
    "set format",
    "value should be",
    "truncating tree",
    "unknown recipient type",
    "malformed recipient",
    "malformed secret key",
    "value=",
    "password=",
    "token=",
)
_CUT = re.compile(
    "|".join(r"\s+".join(map(re.escape, start.split())) for start in _REPEATING), re.IGNORECASE
)
_SECRETS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"-----BEGIN.*?(?:-----END[^-]*-----|\Z)",
        r"ENC\[.*?(?:\]|\Z)",
        r"AGE-(?:SECRET-KEY|PLUGIN)-\S*",
        r"(?<=://)[^\s/]+@",  # of a user and a password in a URL
        r"\b(?:hvs|hvb|hvr|[sbr])\.[A-Za-z0-9_-]{20,}",  # a token of Vault
        r"\bey[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*",  # a JSON web token
    )
)
# A data key, or a part of one, has 43 or more characters in base64. A
# fingerprint has 40; recipients of age and keys of GCP have a form of their own.
_LONG = re.compile(r"[A-Za-z0-9+/_=-]{40,}")
_PUBLIC = re.compile(
    r"[0-9A-F]{40}|age1[a-z0-9]{40,}"
    r"|projects/[\w-]{,39}/locations/[\w-]{,39}/keyRings/[\w-]{,39}/cryptoKeys/[\w-]{,39}"
)


def redact(stderr: str) -> str:
    """One line of at most `LIMIT` characters; secrets in it are replaced by `REMOVED`."""
    text = _NOT_TEXT.sub("", stderr)
    text = " ".join(_MARGIN.sub("", _PROGRESS.sub("", text)).split())
    cut = _CUT.search(text)
    if cut:
        text = f"{text[: cut.end()]} {REMOVED}"
    for secret in _SECRETS:
        text = secret.sub(REMOVED, text)
    text = _LONG.sub(lambda found: found[0] if _PUBLIC.fullmatch(found[0]) else REMOVED, text)
    half = LIMIT // 2 - 1  # the beginning names what was done, the end what is missing
    return text if len(text) <= LIMIT else f"{text[:half]}…{text[-half:]}"
