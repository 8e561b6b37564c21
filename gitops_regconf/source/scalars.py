"""What a plain YAML scalar is, by the rules of Go's yaml.v3.

Flux, kustomize, Helm and sops all read YAML with go.yaml.in/yaml/v3, and its
`resolve.go` decides types: `on`, `yes` and `1:30` are strings there, `0777` is
octal and `1_000` an integer. PyYAML follows YAML 1.1 and would decide
differently, which matters as soon as a value enters a SOPS MAC.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime

TAG = "tag:yaml.org,2002:"
STR, INT, FLOAT = TAG + "str", TAG + "int", TAG + "float"
BOOL, NULL, TIMESTAMP, MERGE = TAG + "bool", TAG + "null", TAG + "timestamp", TAG + "merge"

Scalar = str | int | float | bool | datetime | None

_WORDS: dict[str, tuple[str, Scalar]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), (NULL, None)),
    **dict.fromkeys(("true", "True", "TRUE"), (BOOL, True)),
    **dict.fromkeys(("false", "False", "FALSE"), (BOOL, False)),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), (FLOAT, math.nan)),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), (FLOAT, math.inf)),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), (FLOAT, -math.inf)),
    "<<": (MERGE, "<<"),
}
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
# At most the digits of an uint64: what is longer is a float, and int() refuses endless digits.
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]{0,19})\Z")
_PREFIXED = re.compile(r"[-+]?0([xX][0-9a-fA-F]+|[bB][01]+|[oO][0-7]+|[0-7]+)\Z")
# strconv.ParseFloat takes underscores between digits, which matters after a leading point.
_POINT_FLOAT = re.compile(r"\.[0-9]+(_[0-9]+)*([eE][-+]?[0-9]+(_[0-9]+)*)?\Z")
_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:([Tt ])([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?"
    r"(Z|[-+](?:[01][0-9]|2[0-4]):(?:[0-5][0-9]|60))?)?\Z"
)
# Go cuts the prefix off and parses the rest, sign and all.
_SIGN_INSIDE = re.compile(r"0(b[-+][01]+|o[-+][0-7]+)\Z")
_MIN_INT, _MAX_INT, _MAX_UINT = -(2**63), 2**63 - 1, 2**64 - 1
_STARTS_A_NUMBER = frozenset("0123456789+-.")


def resolve(text: str) -> tuple[str, Scalar]:
    """Tag and value of the plain, untagged scalar `text`.

    Integers outside int64/uint64 become floats, as in Go. A timestamp keeps
    its text as value; `timestamp()` parses it.
    """
    known = _WORDS.get(text)
    if known is not None:
        return known
    if text[0] not in _STARTS_A_NUMBER:
        return STR, text
    if _TIMESTAMP.match(text) and timestamp(text) is not None:
        return TIMESTAMP, text
    if text[0] == "." and not _POINT_FLOAT.match(text):
        return STR, text
    return _number(text) or (STR, text)


def _number(text: str) -> tuple[str, int | float] | None:
    bare = text.replace("_", "")
    integer = _integer(bare)
    # Go reads an int64, with a sign or without, and then an uint64, without.
    highest = _MAX_UINT if text[0].isdigit() else _MAX_INT
    if integer is not None and _MIN_INT <= integer <= highest:
        return INT, integer
    number = float(bare) if _FLOAT.match(bare) else math.inf
    # Go's ParseFloat refuses what is out of range.
    return None if math.isinf(number) else (FLOAT, number)


def _integer(bare: str) -> int | None:
    if _DECIMAL.match(bare):
        return int(bare)
    if _SIGN_INSIDE.match(bare):
        return int(bare[2:], 2 if bare[1] == "b" else 8)
    if not _PREFIXED.match(bare):
        return None
    sign = -1 if bare[0] == "-" else 1
    digits = bare.lstrip("+-")
    base = {"x": 16, "b": 2, "o": 8}.get(digits[1].lower(), 0) if len(digits) > 1 else 0
    return sign * (int(digits[2:], base) if base else int(digits, 8))


def timestamp(text: str) -> datetime | date | None:
    """The moment that a timestamp scalar names, or None where it is no valid date.

    With a `T` it needs a time zone, with a blank it must have none.
    """
    found = _TIMESTAMP.match(text)
    if not found:
        return None
    year, month, day, separator, hour, minute, second, zone = found.groups()
    if separator and (separator == " ") == bool(zone):
        return None
    try:
        # Go knows a year 0, a leap year, and Python does not.
        known = date(int(year) or 2000, int(month), int(day))
        if hour is None:
            return known
        return datetime(known.year, known.month, known.day, int(hour), int(minute), int(second))  # noqa: DTZ001  # only validity matters here
    except ValueError:
        return None
