"""What can go wrong that a user can mend.

Everything raised on purpose is a `RegconfError`; any other exception is a bug.
The exit code of the command line is part of the error, because the design ties
the two together: 1 refused, 2 invalid input, 3 could not check.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from gitops_regconf.source.position import Position


class RegconfError(Exception):
    """Invalid usage or input: the base of every error that a user can mend.

    `message` says what is wrong, `at` where (file, line and column, where
    known), `mend` what to do about it. None of them ever holds a plaintext
    credential. Exit code 2.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, at: Position | None = None, mend: str | None = None):
        super().__init__(message)
        self.message = message
        self.at = at
        self.mend = mend

    def __str__(self) -> str:
        where = f"{self.at}: " if self.at else ""
        mend = f"\n  {self.mend}" if self.mend else ""
        return f"{where}{self.message}{mend}"


class InvalidInput(RegconfError):
    """A file or an argument is not what it must be. Exit code 2."""


class Refused(RegconfError):
    """The input is well-formed, but its result would break or lose something. Exit code 1."""

    exit_code = 1


class CannotCheck(RegconfError):
    """Something that is needed for an answer cannot be had or read. Exit code 3."""

    exit_code = 3


class MissingKey(CannotCheck):
    """A private key is needed, and none of those at hand opens the file. Exit code 3."""


class Several(RegconfError):
    """More than one error at once; the exit code is the highest of theirs."""

    def __init__(self, errors: list[RegconfError]):
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = tuple(errors)
        self.exit_code = max(error.exit_code for error in errors)  # type: ignore[misc]  # per instance here

    def __reduce__(self) -> tuple[type[Several], tuple[list[RegconfError]]]:
        return Several, (list(self.errors),)


def singly(errors: Iterable[RegconfError]) -> Iterator[RegconfError]:
    """The errors one by one, those that came together among them."""
    for error in errors:
        if isinstance(error, Several):
            yield from singly(error.errors)
        else:
            yield error
