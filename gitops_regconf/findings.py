"""A finding: one problem at one position."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gitops_regconf.source.position import Position

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`rule` names what was violated; `mend` says what to do. Neither text holds a secret."""

    rule: str
    at: Position
    message: str
    mend: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        mend = f"\n  {self.mend}" if self.mend else ""
        return f"{self.at}: {self.severity}: {self.message} [{self.rule}]{mend}"
