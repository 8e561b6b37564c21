"""Regular expressions in linear time, whatever they are given to read."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def compiled(expression: str | bytes) -> Any:
    """`expression` compiled by RE2: bytes see bytes, text sees characters."""
    import re2

    options = re2.Options()
    options.log_errors = False  # it would write to standard error by itself
    options.max_mem = 64 << 20  # what a large alternation needs to stay a DFA
    if isinstance(expression, bytes):
        options.encoding = re2.Options.Encoding.LATIN1
    return re2.compile(expression, options)


def span_of(found: Any, first: int = 1) -> tuple[int, int]:
    """The span of the one group of a match, from the `first` on, that took part."""
    groups = found.groups()[first - 1 :]
    index = next(index for index, one in enumerate(groups, first) if one is not None)
    span: tuple[int, int] = found.span(index)
    return span
