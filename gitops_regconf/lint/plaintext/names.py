"""Names of fields that hold credentials, wherever they are written.

The last words of a name decide: `registryPassword` and `HARBOR_ROBOT_TOKEN` name
credentials, `passwordLength` and `tokenSecretRef` do not.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import Final

# Several of a kind are counted: password2, DB_PASSWORD_1.
_NUMBER: Final = r"(?:[-_.]?[0-9]{1,2})?"
# What such a name ends with, as text; `strength` looks at the words.
STRONG_ENDINGS: Final = (
    r"(?:passw(?:or)?ds?|passwd|passphrase|passcode|pass|pwd|pw|auth|identitytoken|registrytoken"
    rf"|(?:client|app|consumer|oauth|webhook|shared)[-_. ]?secret){_NUMBER}"
)
WEAK_ENDINGS: Final = (
    r"(?:secrets?|token|bearer|creds?|credentials?|connection[-_]?string"
    rf"|(?:api|access|secret|private|account|storage|encryption|signing|shared)[-_. ]?key){_NUMBER}"
)
ENDINGS: Final = f"{STRONG_ENDINGS}|{WEAK_ENDINGS}"


class Strength(Enum):
    """How sure a name is."""

    NONE = "names something else"
    WEAK = "also names references, so the value has to look like a credential"
    STRONG = "names a credential, so any literal is one"


# As the end of a longer word, too: PGPASSWORD, authtoken.
_STRONG: Final = ("password", "passwords", "passwd", "passphrase", "passcode")
_STRONG_WORDS: Final = frozenset((*_STRONG, "pass", "pwd", "pw"))
_WEAK_ENDS: Final = ("token", "secret", "apikey", "accesskey", "secretkey", "privatekey")
_WEAK_WORDS: Final = frozenset(
    (*_WEAK_ENDS, "bearer", "auth", "creds", "cred", "credential", "credentials", "secrets")
)
_KEY_BEFORE: Final = frozenset(
    ("api", "access", "secret", "private", "account", "storage", "encryption", "signing", "shared")
)
_SECRET_BEFORE: Final = frozenset(("client", "app", "consumer", "oauth", "webhook", "shared"))
# Whose values are names of something that exists elsewhere.
_REFERRING: Final = frozenset(("existing", "ref", "use", "create", "enable", "generate"))
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


@lru_cache(maxsize=8192)
def strength(name: str) -> Strength:
    """What a field called `name` is for."""
    words = [word.lower() for word in _WORDS.findall(name[-100:])]
    is_numbered = len(words) > 1 and words[-1].isdigit() and len(words[-1]) <= 2
    if is_numbered:
        del words[-1]
    if not words or words[0] in _REFERRING:
        return Strength.NONE
    last = words[-1]
    before = words[-2] if len(words) > 1 else ""
    if last in _STRONG_WORDS or last.endswith(_STRONG):
        # Those that are numbered are of a compiler, or of a race.
        return Strength.WEAK if is_numbered and words == ["pass"] else Strength.STRONG
    if last == "secret" and before in _SECRET_BEFORE:
        return Strength.STRONG
    if last in _WEAK_WORDS or last.endswith(_WEAK_ENDS):
        return Strength.WEAK
    if (before in _KEY_BEFORE and last == "key") or (before, last) == ("connection", "string"):
        return Strength.WEAK
    return Strength.NONE


def is_auth(name: str) -> bool:
    """Whether a field is one of `user:password` in base64."""
    return name.lower().lstrip("_") == "auth"


_HARMLESS: Final = re.compile(r"[A-Za-z._][A-Za-z._-]{0,40}[0-9]{0,2}\Z")


def shown(name: str) -> str:
    """A name as a message may hold it: what may be a credential itself is left out."""
    return name if _HARMLESS.match(name) and name.strip("._-") else "…"
