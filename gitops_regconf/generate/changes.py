"""A change to one file, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal


class Step(IntEnum):
    """In which order changes reach the work tree.

    What is referred to comes before what refers to it, and goes after it: a
    kill between two of them leaves a fleet that still builds.
    """

    RULES = 0
    INPUT = 1
    CONTENT = 2
    COMPONENT = 3
    INCLUSION = 4
    REMOVAL = 5


Action = Literal["create", "update", "delete"]


@dataclass(frozen=True, slots=True)
class Change:
    """One file that is not what the inputs give, and why.

    `after` is None for a removal, and for a Secret that was only checked.
    """

    step: Step
    path: str
    action: Action
    reason: str
    before: str | None
    after: str | None

    @property
    def order(self) -> tuple[Step, str]:
        """The key by which changes are sorted before they are applied."""
        return self.step, self.path


@dataclass(frozen=True, slots=True)
class Gap:
    """An input that is missing, and what closes the gap."""

    path: str
    reason: str
    mend: str


def file_change(step: Step, path: str, before: str | None, after: str, reason: str) -> list[Change]:
    """The change that makes a file's text `after`; none where it is that already."""
    if before == after:
        return []
    if before is None:
        return [Change(step, path, "create", "missing", None, after)]
    return [Change(step, path, "update", reason, before, after)]
