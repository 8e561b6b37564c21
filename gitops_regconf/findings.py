"""A finding: one problem at one position."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gitops_regconf.source.position import Position

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`rule` names what was violated; `mend` says what to do. Neither text holds a secret.

    `length` is how many characters of its line the finding is about, 0 where that is not known.
    """

    rule: str
    at: Position
    message: str
    mend: str = ""
    severity: Severity = "error"
    length: int = 0

    def __str__(self) -> str:
        mend = f"\n  {self.mend}" if self.mend else ""
        return f"{self.at}: {self.severity}: {self.message} [{self.rule}]{mend}"
