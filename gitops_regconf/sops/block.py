"""Replacing the `sops` block in the text of a file, and nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from yaml.nodes import MappingNode

from gitops_regconf.sops.emitter import INDENTS, emit
from gitops_regconf.sops.metadata import SOPS_KEY
from gitops_regconf.source.documents import is_flow, last_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yaml.nodes import Node

    from gitops_regconf.sops.gotypes import Tree
    from gitops_regconf.source.documents import Document

# Breaks of lines to a YAML parser that Python's and Go's split at "\n" do not see.
_ODD_BREAK: Final = re.compile("\r(?!\n)|[\x85\u2028\u2029]")


def spliced(text: str, documents: Sequence[Document], block: Tree) -> str | None:
    """`text` with `block` in place of the block of each of its documents.

    None where one does not stand on lines of its own.
    """
    if _ODD_BREAK.search(text):
        return None
    lines = text.split("\n")
    end = "\r" if lines[0].endswith("\r") else ""
    for document in reversed(documents):
        found = _found(document.node, lines)
        if found is None:
            return None
        first, value = found
        last = last_line(value, lines)
        written = emit({SOPS_KEY: block}, indent=value.value[0][0].start_mark.column)
        at_end = [""] if last == len(lines) - 1 else []
        lines[first : last + 1] = [*(line + end for line in written.split("\n")[:-1]), *at_end]
    return "\n".join(lines)


def _found(root: Node, lines: Sequence[str]) -> tuple[int, MappingNode] | None:
    """The first line of a document's block, and the block."""
    for key, value in root.value:
        if key.value == SOPS_KEY and isinstance(value, MappingNode) and value.value:
            first = key.start_mark.line
            indented = not is_flow(value) and value.value[0][0].start_mark.column in INDENTS
            own = not is_flow(root) and lines[first].startswith(f"{SOPS_KEY}:")
            return (first, value) if own and indented else None
    return None
