"""By which bytes a file is known that may hold registries; cheap to import, and to ask."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Final

from gitops_regconf.fleet.layout import SECRET_NAME
from gitops_regconf.registries import keys

# What else is judged in a file: its own kinds, and objects that bring values along.
_OBJECTS: Final = ("regconf/", "application.giantswarm.io/", SECRET_NAME)
# With the zeros of UTF-16, and what folds a scalar in double quotes; no marker has any of them.
_BLANKS: Final = b" \t\r\n\0\\"
_ESCAPED: Final = re.compile(rb"\\\0*(?:u\0*0\0*0|x)\0*[4-7]")


def _in_base64(text: str) -> Iterator[bytes]:
    """What every base64 with `text` in it holds, for each place where that may begin."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + text.encode())
        # Characters at either end that bits of the neighbours are in are left out.
        end = (before + len(text)) * 8 // 6
        yield encoded[-(-before * 8 // 6) : end]


_MARKERS: Final = (
    *(marker.encode() for marker in (*keys.ALL, *_OBJECTS)),
    *(encoded for key in keys.ALL for encoded in _in_base64(key)),
)


def is_candidate(content: bytes) -> bool:
    """Whether a file may hold anything that is judged here: cheap, and never wrongly false."""
    bare = content.translate(None, _BLANKS)
    return any(marker in bare for marker in _MARKERS) or _ESCAPED.search(content) is not None
