"""The scalar types of a SOPS file, written as Go writes them.

sops is a Go program: what it hashes and prints is what Go's `strconv` makes of
a value. The types here are `str`, `int`, `float`, `bool` and `None`, and two
kinds of text that must not be mistaken for strings.
"""

from __future__ import annotations

import contextlib
import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from gitops_regconf.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable

Value = str | int | float | bool
Tree = dict[str, Any]

_TRUE = frozenset(("1", "t", "T", "true", "TRUE", "True"))  # strconv.ParseBool
_FALSE = frozenset(("0", "f", "F", "false", "FALSE", "False"))
_SURROGATE = re.compile("[\ud800-\udfff]")
_INT = re.compile(r"[-+]?[0-9]{1,19}")
MAX_INT: Final = 2**63 - 1

_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:[Tt ]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,]([0-9]+))?(Z|[-+][0-9]{2}:[0-9]{2})?)?"
)
# Where strconv's shortest 'g' turns to an exponent: from 1e+06 on, and below 1e-04.
_G_LARGE, _G_SMALL = 6, -4


class Timestamp(str):
    """A YAML timestamp as text in RFC 3339, as Go's `Time.MarshalText` writes it."""

    __slots__ = ()

    @classmethod
    def of(cls, text: str) -> Timestamp:
        """The YAML timestamp `text` in Go's form. Raises ValueError if it is none."""
        found = _TIMESTAMP.fullmatch(text)
        if not found:
            raise ValueError("not a timestamp")
        year, month, day, hour, minute, second, fraction, zone = found.groups(default="")
        clock = ":".join(part.zfill(2) for part in (hour, minute, second))
        fraction = fraction[:9].rstrip("0")
        point = "." if fraction else ""
        date = f"{year}-{month.zfill(2)}-{day.zfill(2)}"
        return cls(f"{date}T{clock}{point}{fraction}{_offset(zone)}")


class Comment(str):
    """The text of a comment on a line of its own, without its `#`; never enters a MAC."""

    __slots__ = ()


class InlineComment(Comment):
    """The text of a comment behind a value, on the same line."""

    __slots__ = ()


def to_bytes(value: Value) -> tuple[str, bytes]:
    """The type name of `value` and the bytes that are encrypted and hashed (sops `ToBytes`).

    Raises InvalidInput for what sops cannot hold: integers beyond int64,
    text that is no valid Unicode, other types.
    """
    if isinstance(value, str):
        check_unicode(value)
        return _KINDS.get(type(value), "str"), value.encode()
    if isinstance(value, bool):
        return "bool", b"True" if value else b"False"
    if isinstance(value, int):
        if not -MAX_INT - 1 <= value <= MAX_INT:
            raise InvalidInput("an integer is too large for a SOPS file", mend="Quote it.")
        return "int", b"%d" % value
    if isinstance(value, float):
        return "float", float_plain(value).encode()
    raise InvalidInput(f"a SOPS file cannot hold a value of the type {type(value).__name__}")


def check_unicode(text: str) -> None:
    """Raise InvalidInput for text that is not valid Unicode: encoding it would repeat it."""
    if not text.isascii() and _SURROGATE.search(text):
        raise InvalidInput("this holds text that is not valid Unicode")


def from_bytes(plain: bytes, kind: str) -> Value | None:
    """The value of the type `kind` that was encrypted as `plain`; None where it is none.

    An exception would carry the plaintext.
    """
    with contextlib.suppress(ValueError):
        text = plain.decode()
        if kind == "bool":
            return text in _TRUE if text in _TRUE | _FALSE else None
        if kind == "int" and not _INT.fullmatch(text):
            return None
        return _READERS[kind](text)
    return None


_KINDS: Final = {Timestamp: "time", Comment: "comment", InlineComment: "comment"}
_READERS: Final[dict[str, Callable[[str], Value]]] = {
    "str": str,
    "int": int,
    "float": float,
    "time": Timestamp.of,
    "comment": Comment,
}


def as_read(value: float) -> float | int:
    """A clear float as it is read again: without a point it becomes an integer."""
    text = float_short(value)
    return int(text) if _INT.fullmatch(text) else value


def float_plain(value: float) -> str:
    """`value` without an exponent, as it is hashed: `FormatFloat(value, 'f', -1, 64)`."""
    special = _special(value)
    if special:
        return special
    text = format(Decimal(repr(value)), "f")
    return text.removesuffix(".0")


def float_short(value: float) -> str:
    """`value` as sops writes it into YAML: `FormatFloat(value, 'g', -1, 64)`, `.inf`, `.nan`."""
    special = _special(value)
    if special:
        return {"+Inf": ".inf", "-Inf": "-.inf"}.get(special, ".nan")
    sign, digits, power = Decimal(repr(value)).normalize().as_tuple()
    exponent = int(power) + len(digits) - 1
    if not value or _G_SMALL <= exponent < _G_LARGE:
        return float_plain(value)
    mantissa = "".join(map(str, digits))
    point = "." if len(mantissa) > 1 else ""
    mark = "-" if exponent < 0 else "+"
    return f"{'-' * sign}{mantissa[0]}{point}{mantissa[1:]}e{mark}{abs(exponent):02d}"


def _offset(zone: str) -> str:
    """A time zone as Go prints it: `Z` for none, and minutes carried over (it reads `+00:60`)."""
    minutes = int(zone[1:3]) * 60 + int(zone[4:]) if len(zone) > 1 else 0
    return f"{zone[0]}{minutes // 60:02d}:{minutes % 60:02d}" if minutes else "Z"


def _special(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return {float("inf"): "+Inf", float("-inf"): "-Inf"}.get(value, "")
