"""Which values of a file are encrypted: exactly one of six selectors decides.

Every selector is tested against each component of the path, so that whatever
stands below a matching key follows it. Source: sops.go, `shouldBeEncrypted`.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops.gotypes import check_unicode

if TYPE_CHECKING:
    from collections.abc import Iterable

KINDS: Final = (
    "unencrypted_suffix",
    "encrypted_suffix",
    "unencrypted_regex",
    "encrypted_regex",
    "unencrypted_comment_regex",
    "encrypted_comment_regex",
)


@dataclass(frozen=True, slots=True)
class Selector:
    """`kind` is one of `KINDS`, `value` the suffix or the regular expression (RE2, unanchored)."""

    kind: str
    value: str

    def __post_init__(self) -> None:
        if self.kind not in KINDS or not self.value:
            raise InvalidInput(f"{self.kind!r} with {self.value!r} selects nothing")

    def __str__(self) -> str:
        return f"{self.kind}: {self.value}"

    @property
    def by_comment(self) -> bool:
        """Whether comments decide, and not keys."""
        return self.kind.endswith("_comment_regex")

    @property
    def by_match(self) -> bool:
        """Whether what matches is encrypted; otherwise what matches stays clear."""
        return self.kind.startswith("encrypted_")

    def matches(self, key: str) -> bool:
        """Whether one path component matches. Raises InvalidInput for an invalid expression."""
        return not self.by_comment and _matches(self.kind, self.value, key)

    def decides(self, comment: str) -> bool:
        """Whether a comment, without its `#`, matches. Raises InvalidInput as `matches` does."""
        return self.by_comment and _matches(self.kind, self.value, comment)

    def covers(self, path: Iterable[str]) -> bool:
        """Whether the value at this path of keys is encrypted; comments are not looked at."""
        return any(map(self.matches, path)) == self.by_match


DEFAULT: Final = Selector("unencrypted_suffix", "_unencrypted")  # what sops assumes without one


@functools.lru_cache(maxsize=4096)
def _matches(kind: str, value: str, key: str) -> bool:
    if kind.endswith("_suffix"):
        return key.endswith(value)
    check_unicode(key)
    return pattern(value).search(key) is not None


@functools.lru_cache(maxsize=1024)
def pattern(expression: str) -> Any:
    """`expression` compiled by RE2, the engine whose syntax Go has. Raises InvalidInput."""
    import re2

    check_unicode(expression)
    options = re2.Options()
    options.log_errors = False  # it would write to standard error by itself
    options.never_capture = True  # which is slow for many groups
    problem = ""
    try:
        return re2.compile(expression, options)
    except re2.error as error:
        problem = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
    raise InvalidInput(
        f"this is not a valid regular expression: {problem}",
        mend="sops reads RE2 syntax (https://github.com/google/re2/wiki/Syntax).",
    )
