"""Whether a file can hold anything at all that a net would find, told from its bytes."""

from __future__ import annotations

import codecs
from typing import Final

from gitops_regconf.lint.plaintext import assignments, commands, names, packed, tokens, wire
from gitops_regconf.lint.plaintext.engine import compiled
from gitops_regconf.source.encoding import text_of

# A name of a credential as a value: {name: REGISTRY_PASSWORD, value: …}, paths of patches.
_VALUE: Final = rb"\bvalue[\"']?\s*:"
_NAMED: Final = (
    r"(?i:\b(?:name|key|path)[\"']?\s*:\s*[\"']?"
    rf"[A-Za-z0-9_.\-/~]*(?:{names.ENDINGS})[\"']?\s*(?:[,}}\n#]|\z))"
).encode()
# A value on the line below its key, or in a block.
_BELOW: Final = (
    rf"(?i:(?:{names.ENDINGS})[\"']?[ \t]*:[ \t]*(?:#[^\n]*)?\r?\n[ \t]+)"
    r"(?:[\"']?(?:value|default)\b|[^\s:#]+[ \t]*\r?(?:\n|\z))"
)
# A Secret holds nothing without one of its fields.
_SECRET: Final = (
    rb"(?i:\bkind[\"']?\s*:\s*(?:(?:[&!*|>]\S*|#[^\n]*\n)\s*)*[\"']?(?:sops)?secret\b)"
    rb"|[&!]\S+\s+[\"']?(?i:secret)[\"']?\s*(?:[,}\n#]|\z)"
)
_FIELD: Final = rb"[dD]ata[\"']?\s*:|/data"
_OBJECTS: Final = (
    r"(?i:kind[\"']?\s*:\s*[\"']?registryaccount)|stringData|secretGenerator|dockerc|dockerConfig"
    r"|(?:(?m:^)[ \t-]*|[{,]\s*)[\"']?containerRegistries[\"']?\s*:|ENC\[AES256_GCM"
)
# A key may be written in escapes, and as an explicit one.
_ESCAPED: Final = r"\\u00[4-7][0-9A-Fa-f]|\\x[4-7][0-9A-Fa-f]|(?m:^[ \t-]*\?[ \t])"

_FORMS: Final = (
    assignments.CANDIDATE,
    tokens.CANDIDATE,
    wire.CANDIDATE,
    commands.CANDIDATE,
    packed.CANDIDATE,
    _BELOW,
    _OBJECTS,
    _ESCAPED,
)
_ANY: Final = "|".join(_FORMS).encode()
# Most files end here, after one search.
_FIRST: Final = b"|".join((_ANY, _SECRET, _NAMED))
_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def is_candidate(content: bytes) -> bool:
    """Whether something could be found in the bytes of a file; never wrongly False."""
    if content.startswith(codecs.BOM_UTF8):
        content = content[len(codecs.BOM_UTF8) :]
    elif b"\0" in content or content.startswith(_MARKS):
        content = text_of(content).encode()
    return _is_candidate(content)


def is_candidate_text(content: str) -> bool:
    """The same for a text."""
    return _is_candidate(content.encode())


def _is_candidate(content: bytes) -> bool:
    return bool(compiled(_FIRST).search(content)) and bool(
        compiled(_ANY).search(content)
        or (compiled(_SECRET).search(content) and compiled(_FIELD).search(content))
        or (compiled(_VALUE).search(content) and compiled(_NAMED).search(content))
    )
