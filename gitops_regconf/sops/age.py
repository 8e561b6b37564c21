"""age X25519 recipients: checking them, wrapping a data key, making a key pair.

pyrage does the cryptography; each recipient gets an armored age file of its
own that holds the same 32-byte data key (sops `age/keysource.go`).
"""

from __future__ import annotations

import contextlib
import functools
from datetime import UTC, datetime
from typing import Any

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops.errors import Unsupported
from gitops_regconf.sops.metadata import Stanza

_NEEDS_SOPS = "Use an age1… recipient of age-keygen, or encrypt with the sops command line."


def check_recipient(text: str) -> None:
    """Return if `text` is an age X25519 recipient (`age1…`).

    Raises Unsupported for kinds that only the sops command line knows,
    InvalidInput for everything else; a secret key is never repeated.
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
    kind = _unsupported_kind(text)
    if kind:
        raise Unsupported(f"{kind} are not supported here yet", mend=_NEEDS_SOPS)
    import pyrage

    if text.startswith("age1"):  # upper case is valid Bech32, and refused by sops
        with contextlib.suppress(pyrage.RecipientError):
            return pyrage.x25519.Recipient.from_str(text)
    shown = f"{text!r} is" if text.startswith("age1") else "this is"
    raise InvalidInput(
        f"{shown} not an age recipient",
        mend="A recipient starts with 'age1' and has 62 characters, all lower case.",
    )


def _unsupported_kind(text: str) -> str:
    if text.startswith("age1pq1"):
        return "post-quantum recipients (age1pq1…)"
    if text.startswith("age1") and text.count("1") > 1:
        return "recipients of age plugins (age1NAME1…)"
    return "SSH keys as recipients" if text.startswith("ssh-") else ""


def wrap(data_key: bytes, recipient: str) -> Stanza:
    """`data_key` wrapped for one recipient. Raises as `check_recipient` does."""
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
