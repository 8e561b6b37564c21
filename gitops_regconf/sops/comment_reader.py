"""Finding the comments of a YAML text, which its parser passes over.

A comment belongs to the collection at whose column it stands, as Go's yaml.v3
and so sops have it: that decides the path under which it is encrypted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from yaml.nodes import MappingNode, Node

from gitops_regconf.sops.comment_places import Place, Places
from gitops_regconf.sops.comments import END, Comments
from gitops_regconf.sops.gotypes import Comment, InlineComment

if TYPE_CHECKING:
    from gitops_regconf.source.documents import Document

# By the id of a collection's node: its comments, by position.
Found = dict[int, dict[Any, Comments]]

_BEFORE: Final = frozenset(" \t\n\"'[]{},\ufeff")  # what may stand before the `#` of a comment
_TO_END = re.compile("[^\r\n\x85\u2028\u2029]*")
_SEPARATOR = re.compile(r"^---(?:\s|\Z)", re.MULTILINE)


def read_comments(documents: Sequence[Document], text: str) -> Found:
    """The comments in `text`, whose documents these are."""
    found: dict[int, dict[Any, list[Comment]]] = {}
    start = 0
    for document, following in zip(documents, [*documents[1:], None], strict=True):
        end = _end(document, following, text)
        if "#" in text[start:end]:
            _read(document.node, text, start, end, found)
        start = end
    return {
        container: {position: tuple(lines) for position, lines in positions.items()}
        for container, positions in found.items()
    }


def _end(document: Document, following: Document | None, text: str) -> int:
    """Where the part of a document ends: at the line that separates it from the next."""
    if following is None:
        return len(text)
    begin = document.node.end_mark.index
    separator = _SEPARATOR.search(text, begin, following.node.start_mark.index)
    return separator.start() if separator else begin


def _read(
    root: Node, text: str, start: int, end: int, found: dict[int, dict[Any, list[Comment]]]
) -> None:
    places: Places | None = None
    index = start - 1
    while (index := text.find("#", index + 1, end)) >= 0:
        if index and text[index - 1] not in _BEFORE:
            continue
        place = Place(root, _first(root), inline=False)
        if index > root.start_mark.index:  # nearly every file has none there
            places = places or Places(root, text)
            if places.in_scalar(index):
                continue
            place = places.of(index) or Place(root, END, inline=False)
        comment = (InlineComment if place.inline else Comment)(_to_end(text, index + 1))
        index += len(comment)
        positions = found.setdefault(id(place.container), {})
        positions.setdefault(place.position, []).append(comment)


def _to_end(text: str, index: int) -> str:
    found = _TO_END.match(text, index)
    return found[0] if found else ""


def _first(root: Node) -> Any:
    pairs = root.value if isinstance(root, MappingNode) else ()
    return pairs[0][0].value if pairs else END
