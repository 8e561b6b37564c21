"""Text in base64, which hides nothing."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from gitops_regconf.lint.plaintext.engine import compiled
from gitops_regconf.source.encoding import text_of

if TYPE_CHECKING:
    from gitops_regconf.lint.plaintext.text import Text

# Bytes below 0x80 leave their mark on four characters out of four: digests and
# ciphertext do not keep to it for long.
CANDIDATE: Final = (
    r"(?:[A-Za-f][A-HQ-Xg-nw-z0-3][ABEFIJMNQRUVYZcdghklopstwx014589][A-Za-z0-9+/_-]){6,}"
)
# Wrapped over lines, all but the last are long.
_RUN: Final = r"(?:[A-Za-z0-9+/_-]{40,}\r?\n[ \t]*)*[A-Za-z0-9+/_-]{20,}={0,2}"
_WHOLE: Final = re.compile(r"[A-Za-z0-9+/_\s-]+[=\s]*\Z")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_URL_SAFE: Final = str.maketrans("-_", "+/")


def runs(text: Text) -> Iterator[Text]:
    """The texts in the runs of base64 in a text."""
    if not compiled(CANDIDATE).search(text.content):
        return
    for found in compiled(_RUN).finditer(text.content):
        unpacked = whole(text.part(found.start(), found.group()))
        if unpacked:
            yield unpacked


def whole(text: Text) -> Text | None:
    """The text that a text is the base64 of; None where it is of none."""
    raw = text.content
    if len(raw) < 4 or not _WHOLE.match(raw):
        return None
    content = _decoded("".join(raw.split()).rstrip("="))
    if content is None:
        return None

    def places() -> list[int]:
        """Three bytes stand in four characters, white space left out."""
        kept = [at for at, one in enumerate(raw) if not one.isspace()]
        widths = (len(one.encode()) for one in content)
        starts = _before(widths)
        last = len(kept) - 1
        return [*(kept[min(start * 4 // 3, last)] for start in starts), kept[last] + 1]

    return text.unpacked(content, places)


def _before(widths: Iterable[int]) -> Iterator[int]:
    """What is before each of a row of widths."""
    total = 0
    for width in widths:
        yield total
        total += width


def _decoded(packed: str) -> str | None:
    """The text; None for bytes that are none."""
    try:
        content = base64.b64decode(
            packed.translate(_URL_SAFE) + "=" * (-len(packed) % 4), validate=True
        )
        text = text_of(content) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else content.decode()
    except (binascii.Error, ValueError):
        return None
    return None if _CONTROL.search(text) or not text.strip() else text
