"""What a run of rules gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gitops_regconf.errors import RegconfError
from gitops_regconf.findings import Finding


@dataclass(frozen=True, slots=True)
class Outcome:
    """The findings in the order of files and lines, and what could not be checked.

    `checked` counts what was looked at (`files`, `clusters`, …). `excerpts` are
    the lines that findings are on, with everything that may be secret masked
    and every column in its place; a line that cannot be shown is not in it.
    """

    findings: tuple[Finding, ...] = ()
    errors: tuple[RegconfError, ...] = ()
    checked: Mapping[str, int] = field(default_factory=dict)
    excerpts: Mapping[Finding, str] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """1 with a finding that is an error, and the highest code of what could not be checked."""
        found = any(finding.severity == "error" for finding in self.findings)
        return max([int(found), *(error.exit_code for error in self.errors)])
