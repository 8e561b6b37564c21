"""age X25519 recipients: checking them, wrapping a data key, making a key pair.

pyrage does the cryptography; each recipient gets an armored age file of its
own that holds the same 32-byte data key (sops `age/keysource.go`).
"""

from __future__ import annotations

import contextlib
import functools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from gitops_regconf.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Stanza:
    """The data key, wrapped for one age recipient: `enc` is an armored age file."""

    recipient: str
    enc: str = field(repr=False)


def check_native(text: str) -> None:
    """Return if `text` is an age X25519 recipient (`age1…`).

    Raises InvalidInput otherwise; a secret key is never repeated.
    """
    _recipient(text)


@functools.lru_cache(maxsize=1024)
def _recipient(text: str) -> Any:
    if "AGE-SECRET-KEY-" in text.upper() or "AGE-PLUGIN-" in text.upper():
        raise InvalidInput(
            "this is a secret key where the public recipient is expected",
            mend="Give the line that starts with 'age1' ('age-keygen -y FILE' prints it). "
            "If the secret key was saved or sent anywhere, replace it.",
        )
    import pyrage

    if text.startswith("age1"):  # upper case is valid Bech32, and refused by sops
        with contextlib.suppress(pyrage.RecipientError, UnicodeEncodeError):
            return pyrage.x25519.Recipient.from_str(text)
    shown = f"{text!r} is" if text.startswith("age1") else "this is"
    raise InvalidInput(
        f"{shown} not an age recipient",
        mend="A recipient starts with 'age1' and has 62 characters, all lower case.",
    )


def wrap(data_key: bytes, recipient: str) -> Stanza:
    """`data_key` wrapped for one recipient. Raises as `check_native` does."""
    parsed = _recipient(recipient)
    import pyrage

    return Stanza(recipient, pyrage.encrypt(data_key, [parsed], armored=True).decode("ascii"))


def generate_key(now: datetime | None = None) -> tuple[str, str]:
    """A new key pair: the text of a key file as age-keygen prints it, and the recipient.

    The text is secret. `now` (default: the current moment) stands in its comment.
    """
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    recipient = str(identity.to_public())
    created = (now or datetime.now(UTC)).astimezone().isoformat(timespec="seconds")
    created = created.removesuffix("+00:00") + "Z" if created.endswith("+00:00") else created
    return f"# created: {created}\n# public key: {recipient}\n{identity}\n", recipient
