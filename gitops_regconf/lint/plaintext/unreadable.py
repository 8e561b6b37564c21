"""Files that matter and cannot be read: what could not be checked must not pass as clean."""

from __future__ import annotations

import re
from typing import Final

from gitops_regconf.lint.plaintext.engine import compiled
from gitops_regconf.lint.plaintext.templates import is_template

SUFFIXES: Final = (".yaml", ".yml", ".json")
# What makes a file one that holds credentials, told from its text.
_MATTERS: Final = {
    "a Secret": r"(?i:\bkind[\"']?\s*:\s*(?:(?:[&!|>]\S*|#[^\n]*\n)\s*)*[\"']?(?:sops)?secret\b)",
    "a SOPS block": r"(?m:^[\"' \t{]*sops[\"']?\s*:)",
    "registries": r"(?:(?m:^)[ \t-]*|[{,]\s*)[\"']?containerRegistries[\"']?\s*:",
}
_SOPS: Final = re.compile(r"ENC\[|\bmac\b")


def matter(content: str, path: str) -> str:
    """What a file holds that has to be read by structure; empty where nothing has to be."""
    if not path.lower().endswith(SUFFIXES) or is_template(content):
        return ""
    for what, form in _MATTERS.items():
        if compiled(form).search(content) and (what != "a SOPS block" or _SOPS.search(content)):
            return what
    return ""
