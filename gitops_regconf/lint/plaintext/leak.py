"""A credential in clear, by its place in the text of a file."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple


class Net(IntEnum):
    """What found a leak, the surest first: of two at one place, the surer is told."""

    STRUCTURE = 0  # by its place in an object
    TOKEN = 1  # by its own look
    TEXT = 2  # by the words around it
    CLAIM = 3  # by a rule of .sops.yaml


class Leak(NamedTuple):
    """Characters `start` to `end` of the file's text are a credential; `what` names its form."""

    start: int
    end: int
    net: Net
    what: str


def distinct(leaks: Iterable[Leak]) -> list[Leak]:
    """One leak for each value, in the order of the file: none overlaps another."""
    starts: list[int] = []
    kept: list[Leak] = []
    for leak in sorted(leaks, key=lambda one: (one.net, one.start, one.end)):
        at = bisect_left(starts, leak.start)
        free_before = at == 0 or kept[at - 1].end <= leak.start
        free_after = at == len(kept) or leak.end <= kept[at].start
        if free_before and free_after and (at == len(kept) or starts[at] != leak.start):
            starts.insert(at, leak.start)
            kept.insert(at, leak)
    return kept
