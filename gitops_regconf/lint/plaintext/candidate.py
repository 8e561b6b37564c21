"""Whether a file can hold anything at all that a net would find, told from its bytes."""

from __future__ import annotations

import codecs
from typing import Final

from gitops_regconf.lint.plaintext import assignments, commands, names, packed, tokens, wire
from gitops_regconf.lint.plaintext.engine import compiled
from gitops_regconf.lint.plaintext.places import KINDS, OF_A_SECRET
from gitops_regconf.source.encoding import text_of

# A name of a credential as a value: {name: REGISTRY_PASSWORD, value: …}, paths of patches.
_VALUE: Final = rb"\bvalue[\"']?\s*:"
_NAMED: Final = (
    r"(?i:\b(?:name|key|path)[\"']?\s*:\s*(?:[&!]\S+\s+)?[\"']?"
    rf"[A-Za-z0-9_.\-/~]*(?:{names.ENDINGS})[\"']?\s*(?:[,}}\n#]|\z))"
).encode()
# A value on a line below its key, or in a block, or in a list.
_NOTHING: Final = r"[ \t-]*(?:#[^\n]*)?\r?\n"
_BELOW: Final = (
    rf"(?i:(?:{names.ENDINGS})[\"']?[ \t]*:(?:{_NOTHING})+[ \t-]*(?:[&!]\S+[ \t]+)?)"
    r"(?:[\"']?(?:value|default)\b|[|>\"']|[^\s:#](?:[^:\r\n]|:[^\s])*(?:\r?\n|\z))"
)
# On the next line in JSON, where nothing has to be indented.
_BELOW_IN_JSON: Final = rf"(?i:(?:{names.ENDINGS})\"[ \t]*:\s*\")"
# An option in a list of arguments, and its value in the next item.
_ARGUMENT: Final = (
    rf"(?:-[A-Za-z-]*(?i:{names.ENDINGS})|[\"'\s,\[]-p)[\"']?[ \t]*(?:,|\r?\n[ \t]*-)"
)
# A Secret holds nothing without one of its fields.
_SECRET: Final = (rf"{OF_A_SECRET}|[&!]\S+\s+[\"']?{KINDS}[\"']?\s*(?:[,}}\n#]|\z)").encode()
# The target of a patch, which is a regular expression.
_TARGET: Final = rb"\bkind[\"']?\s*:\s*[\"']?[^\s\"'#,}]*[|*+?.\[(]"
_FIELD: Final = rb"[dD]ata[\"']?\s*:|/data"
_OBJECTS: Final = (
    r"(?i:kind[\"']?\s*:\s*[\"']?registryaccount)|stringData|encryptedData|sourceValue"
    r"|secretGenerator|dockerc|dockerConfig"
    r"|(?:(?m:^)[ \t-]*|[{,]\s*)[\"']?containerRegistries[\"']?\s*:|ENC\[AES256_GCM"
)
# A key may be written in escapes, and as an explicit one.
_ESCAPED: Final = r"\\u00[4-7][0-9A-Fa-f]|\\x[4-7][0-9A-Fa-f]|(?m:^[ \t-]*\?\s)"

_FORMS: Final = (
    assignments.CANDIDATE,
    tokens.CANDIDATE,
    wire.CANDIDATE,
    commands.CANDIDATE,
    packed.CANDIDATE,
    _BELOW,
    _BELOW_IN_JSON,
    _ARGUMENT,
    _OBJECTS,
    _ESCAPED,
)
_ANY: Final = "|".join(_FORMS).encode()
# Most files end here, after one search.
_FIRST: Final = b"|".join((_ANY, _SECRET, _TARGET, _NAMED))
_SECRETS: Final = b"|".join((_SECRET, _TARGET))
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
        or (compiled(_SECRETS).search(content) and compiled(_FIELD).search(content))
        or (compiled(_VALUE).search(content) and compiled(_NAMED).search(content))
    )
