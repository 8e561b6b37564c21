"""Input as messages may repeat it.

Credentials end up in places that are not meant for them: user info before a
host, a token where a registry belongs, a password typed as a key. So only what
looks like a name is ever repeated; the position of a message says the rest.
"""

from __future__ import annotations

import re
from typing import Final

MASKED: Final = "<masked>"
_USER_INFO = re.compile(r"^([a-z]+://)?.*@", re.DOTALL)
_VARIABLE = re.compile(r"\$\{[^{}]*\}")
_LONGEST: Final = 100
_LONGEST_PART, _LONGEST_MIXED_PART = 63, 20
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{0,31}")
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[^A-Za-z]")
_LONGEST_SHORT, _LETTERS_PER_PART = 12, 3
# With a dot or a port, or short: tokens are none of that.
_HOST = re.compile(
    r"(?:[a-z]+://)?(?:<masked>@)?"
    r"(?:[a-z0-9-]+(?:\.[a-z0-9-]+)+|[a-z0-9-]+(?=:)|[a-z0-9-]{1,12}|\[[0-9a-f:]+\])"
    r"(?::[0-9]{1,5})?(?:/[a-z0-9/-]{0,12})?"
)


def shown(text: str) -> str:
    """A host or URL without user info, which is a credential."""
    return _USER_INFO.sub(rf"\1{MASKED}@", text)


def host(text: object) -> str:
    """A registry or endpoint, with what stands before an `@` masked; all of it if it is no host."""
    bare = shown(str(text))
    plain = _VARIABLE.sub("x", bare)
    # Tokens with dots have capital letters in long parts.
    part = _LONGEST_PART if plain.islower() else _LONGEST_MIXED_PART
    is_host = (
        len(bare) <= _LONGEST
        and _HOST.fullmatch(plain.lower())
        and all(len(label) <= part for label in plain.split("."))
    )
    return bare if is_host else MASKED


def key(text: object, otherwise: str = "this key") -> str:
    """A key in quotes where it is a word or a host, else `otherwise`."""
    written = str(text)
    parts = _PARTS.findall(written)
    if len(written) > _LONGEST_SHORT and len(written) < _LETTERS_PER_PART * len(parts):
        return otherwise  # mixed as no word is
    is_host = "." in written and "@" not in written and host(written) == written
    return repr(written) if is_host or _WORD.fullmatch(written) else otherwise
