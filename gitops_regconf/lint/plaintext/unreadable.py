"""Files that matter and cannot be read: what could not be checked must not pass as clean."""

from __future__ import annotations

import re
from typing import Final

from gitops_regconf.lint.file import File
from gitops_regconf.lint.plaintext.engine import compiled
from gitops_regconf.lint.plaintext.places import OF_A_SECRET

# What makes a file one that holds credentials, told from its text.
_MATTERS: Final = {
    "a Secret": OF_A_SECRET,
    "a SOPS block": r"(?m:^[\"' \t{]*sops[\"']?\s*:)",
    "registries": r"(?:(?m:^)[ \t-]*|[{,]\s*)[\"']?containerRegistries[\"']?\s*:",
}
_SOPS: Final = re.compile(r"ENC\[|\bmac\b")
# What a template has and a file with a mistake in it does not: actions with lines of their own.
_CONTROL: Final = (
    r"(?m)^[ \t]*\{\{-?[ \t]*(?:/\*|(?:if|else|end|range|with|define|block)\b)|^[ \t]*\{%"
    r"|^[ \t]*\{\{[^{}]*\}\}[ \t]*\r?$|\{%|\bn?indent\b|\{\{-?[ \t]*`"
)
_CONFLICT: Final = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)


def matter(file: File) -> str:
    """What a file holds that has to be read by structure; empty where nothing has to be."""
    content = file.text
    if not file.is_yaml or _is_template_of_yaml(content):
        return ""
    for what, form in _MATTERS.items():
        if compiled(form).search(content) and (what != "a SOPS block" or _SOPS.search(content)):
            return what
    return ""


def _is_template_of_yaml(content: str) -> bool:
    """Whether a text becomes YAML when it is rendered; one with a merge conflict does not."""
    return bool(compiled(_CONTROL).search(content)) and not _CONFLICT.search(content)
