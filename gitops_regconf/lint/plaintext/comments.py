"""The comments of a YAML text: what no scalar covers after a `#`."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

from yaml.nodes import Node

from gitops_regconf.lint.plaintext import nodes
from gitops_regconf.lint.plaintext.text import Text

_HASH: Final = re.compile(r"(?:^|(?<=\s))#[^\r\n]*", re.MULTILINE)
_ALONE: Final = re.compile(r"[ \t]*#[^\r\n]*(?:\r?\n|$)")


def comments(text: Text, trees: Sequence[Node]) -> Iterator[Text]:
    """Each comment; those on lines of their own that follow one another are one."""
    if "#" not in text.content:
        return
    spans = sorted(
        (one.start_mark.index, one.end_mark.index)
        for tree in trees
        for one in nodes.scalars_in(tree)
    )
    starts = [start for start, _ in spans]
    content, at = text.content, 0
    while found := _HASH.search(content, at):
        index = bisect_right(starts, found.start()) - 1
        if index >= 0 and spans[index][1] > found.start():
            at = spans[index][1]
            continue
        start, end = found.span()
        while content[end : end + 2].lstrip("\r")[:1] == "\n" and (
            following := _ALONE.match(content, content.index("\n", end) + 1)
        ):
            end = following.end() - following.group().endswith("\n")
        yield text.part(start, content[start:end])
        at = max(end, start + 1)
