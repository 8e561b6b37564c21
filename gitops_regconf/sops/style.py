"""How Go's yaml.v3 writes one string: plain, quoted or as a literal block.

Two decisions are combined, as there: the encoder quotes what would be read as
another type (`encode.go`, `stringv`), and the emitter refuses styles that the
characters do not allow (`emitterc.go`, `yaml_emitter_analyze_scalar`).
"""

from __future__ import annotations

import re

from gitops_regconf.source import scalars

# Nearly every string of a generated file: starts with a letter, no blanks.
_SAFE = re.compile(r"[A-Za-z](?:[A-Za-z0-9_./+=,:\[\]@^$()|*-]*[A-Za-z0-9_/+=\]$)])?")
_WORDS = frozenset(
    word
    for name in ("true", "false", "null", "y", "n", "yes", "no", "on", "off")
    for word in (name, name.title(), name.upper())
)
_BASE60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
# What Go's emitter holds for unprintable: controls but tab and line feed, byte
# order marks, non-characters, everything beyond the basic plane. The two
# Unicode line separators are added: sops writes them in ways it cannot read.
_UNPRINTABLE = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
_FORBIDDEN = re.compile(
    "[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_NOT_PLAIN = re.compile(
    r"""[ \n]|[#,\[\]{}&*!|>'"%@`]|[?:-](?:[ \t]|\Z)|---|\.\.\.""",  # at the start
)
_NOT_PLAIN_INSIDE = re.compile(r":[ \t]|[ \t]#|[: ]\Z")
_BREAK = re.compile("[\n\r\x85\u2028\u2029]")
# Trailing blanks would get lost, and no reader takes a tab for the begin of a block.
_NOT_BLOCK = re.compile(r" (?:\n|\Z)|\A\t")
_ESCAPED = re.compile('["\\\\\t\n]|' + _UNPRINTABLE.pattern)
_ESCAPES = {
    "\0": "0",
    "\a": "a",
    "\b": "b",
    "\t": "t",
    "\n": "n",
    "\v": "v",
    "\f": "f",
    "\r": "r",
    "\x1b": "e",
    '"': '"',
    "\\": "\\",
    "\x85": "N",
    "\xa0": "_",
    "\u2028": "L",
    "\u2029": "P",
}


def is_multiline(text: str) -> bool:
    """Whether YAML 1.1 sees a line break in `text`; a key with one takes the form `? key`."""
    return _BREAK.search(text) is not None


def fits_comment(text: str) -> bool:
    """Whether `text` can stand in a comment: on one line, and nothing that YAML forbids."""
    return not is_multiline(text) and _FORBIDDEN.search(text) is None


def inline(text: str) -> str:
    """`text` on one line: plain, single-quoted or double-quoted."""
    if _SAFE.fullmatch(text) and text not in _WORDS:
        return text
    if text == "<<":
        return "!!merge <<"  # sops reads it back as the string it was
    if _reads_as_something_else(text) or "\n" in text or "\t" in text or _UNPRINTABLE.search(text):
        return double_quoted(text)
    if _NOT_PLAIN.match(text) or _NOT_PLAIN_INSIDE.search(text):
        return "'" + text.replace("'", "''") + "'"
    return text


def block(text: str, column: int, parent: int, indent: int) -> str | None:
    """`text` as a literal block with its header, ending in a line feed; None where none may stand.

    `column` is that of the content, `parent` that of the surrounding
    collection. The indentation hint says `indent` whatever the columns are,
    which sops cannot read back where it is wrong: None there, too.
    """
    if "\n" not in text or _NOT_BLOCK.search(text) or _UNPRINTABLE.search(text):
        return None
    hint = ""
    if text[0] in " \n":
        if column - parent != indent and text.strip("\n"):
            return None
        hint = str(indent)
    if not text.endswith("\n"):
        hint += "-"
    elif text == "\n" or text.endswith("\n\n"):
        hint += "+"
    pad = " " * column
    lines = [pad + line if line else line for line in text.split("\n")]
    if not lines[-1]:
        lines.pop()
    return f"|{hint}\n" + "\n".join(lines) + "\n"


def double_quoted(text: str) -> str:
    """`text` in double quotes, escaped as Go's emitter does."""
    # Its test for a byte order mark looks at the first character whatever it is at.
    every = text.startswith("\ufeff")
    return '"' + (re.sub(r"(?s).", _escape, text) if every else _ESCAPED.sub(_escape, text)) + '"'


def _escape(found: re.Match[str]) -> str:
    char = found[0]
    short = _ESCAPES.get(char)
    if short:
        return "\\" + short
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def _reads_as_something_else(text: str) -> bool:
    """Whether plain `text` would be no string, to Go or (booleans, base 60) to YAML 1.1."""
    if text in _WORDS or scalars.resolve(text)[0] != scalars.STR:
        return True
    return text[0] in "0123456789+-" and _BASE60.fullmatch(text) is not None
