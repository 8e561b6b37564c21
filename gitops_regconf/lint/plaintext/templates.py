"""Templates of Helm and Go as YAML: what an action prints is not known, but where it stands is.

Every character keeps its place, so that positions stay true.
"""

from __future__ import annotations

import re
from typing import Final

# A character of private use stands for an action: no value of a file holds it by chance.
ACTION: Final = "\ue000"
_MARKED: Final = re.compile(r"[^\r\n]")
_ALONE: Final = re.compile(rf"^[ \t]*(?:{ACTION}[{ACTION} \t]*)(?=\r?$)", re.MULTILINE)


def is_template(content: str) -> bool:
    """Whether there is an action in a text."""
    return "{{" in content


def neutral(content: str) -> str:
    """A template without its actions: blanks where they stand alone, else marks of their length."""
    parts: list[str] = []
    done = 0
    while (end := content.find("}}", done) + 2) > 1:
        start = content.rfind("{{", done, end)
        # The line breaks stay.
        action = _MARKED.sub(ACTION, content[start:end]) if start >= 0 else ""
        parts += [content[done : start if start >= 0 else end], action]
        done = end
    marked = "".join([*parts, content[done:]])
    return _ALONE.sub(lambda line: " " * len(line.group()), marked)
