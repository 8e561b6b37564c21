"""Text that neither a terminal, nor a log of CI, nor a JSON parser takes for something else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
# What a runner of GitHub Actions reads as a command: "::" or a label at the start of a line, with
# white space before it or not, and "##[" anywhere (ActionCommand.cs in actions/runner).
_COMMAND = re.compile(r"^(?P<before>\s*)(?P<sign>:)|(?<=##)\[")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7e]")
# A byte that is no UTF-8, as Python's `surrogateescape` (PEP 383) puts it into a path.
_BYTES = range(0xDC80, 0xDD00)


def visible(text: str) -> str:
    r"""`text` on one line, with an escape for whatever would not be seen, or would act.

    Control characters, line breaks, directions of writing and odd spaces become `\n`, `\x1b`
    or `\u202e`, bytes that are no UTF-8 become `\xff`. The result is valid UTF-8.
    """
    return "".join(map(visible_character, inert(text)))


def visible_character(character: str) -> str:
    """One character, or its escape."""
    if character.isprintable():
        return character
    code = ord(character)
    if code in _BYTES:
        code -= 0xDC00
    if code < 0x100:
        return _SHORT.get(character, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def inert(text: str) -> str:
    """A line with an escape for what would make it a command to a runner of GitHub Actions."""
    return _COMMAND.sub(
        lambda found: f"{found['before']}\\x3a" if found["sign"] else "\\x5b",
        text,
    )


def lines(text: str) -> list[str]:
    """The lines of a text, each of them `visible`; none where it is empty."""
    return [visible(line) for line in re.split(r"\r\n|\r|\n", text)] if text else []


def json_text(data: Mapping[str, Any]) -> str:
    r"""`data` as indented JSON that is valid UTF-8 and holds no control character.

    What is not printable stands in JSON's own escapes. Half of a surrogate pair, which JSON
    cannot hold, becomes what `visible` makes of it.
    """
    return _BEYOND_ASCII.sub(_escaped, json.dumps(data, indent=2, ensure_ascii=False))


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    if character.isprintable():
        return character
    is_surrogate = 0xD800 <= ord(character) < 0xE000
    return json.dumps(visible_character(character) if is_surrogate else character)[1:-1]
