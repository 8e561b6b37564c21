"""Bytes as the text that an editor would show.

A credential is as plain in UTF-16 as in UTF-8, so every encoding that a text
file may have is read, and a stray NUL does not make a file unreadable.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

# The marks of UTF-32 begin as those of UTF-16 do, so they come first.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Without a mark, mostly ASCII text in these has its NULs in fixed places.
_PLACES: Final = (
    ("utf-32-le", 4, 0),
    ("utf-32-be", 4, 3),
    ("utf-16-le", 2, 0),
    ("utf-16-be", 2, 1),
)
_SAMPLE: Final = 4096
LINE_END: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


def text_of(content: bytes) -> str:
    """The text in `content`, its byte order mark left out.

    What is in no Unicode encoding is taken for Windows-1252 or Latin-1, which
    give a character for every byte: nothing is ever left unread.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    if b"\0" in content:
        guessed = _without_mark(content[:_SAMPLE])
        if guessed:
            return content.decode(guessed, "replace")
    for encoding in ("utf-8", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _without_mark(sample: bytes) -> str | None:
    """The encoding in which most characters of a sample would be ASCII."""
    for encoding, width, place in _PLACES:
        units = [sample[at : at + width] for at in range(0, len(sample) - width + 1, width)]
        ascii_units = sum(
            unit[place] != 0 and not any(unit[:place]) and not any(unit[place + 1 :])
            for unit in units
        )
        if units and ascii_units > 0.7 * len(units):
            return encoding
    return None


def lines(text: str) -> list[str]:
    """The lines of a text as YAML counts them, without their ends.

    libyaml ends a line at a line feed, a carriage return, both, and at NEL, LS and PS.
    """
    return LINE_END.split(text)
