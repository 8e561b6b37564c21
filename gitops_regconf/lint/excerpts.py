"""The lines that findings are on, as they may be shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from gitops_regconf.errors import RegconfError
from gitops_regconf.findings import Finding
from gitops_regconf.lint import rule_set
from gitops_regconf.lint.file import File
from gitops_regconf.lint.plaintext import masked
from gitops_regconf.lint.plaintext.search import columns
from gitops_regconf.source.encoding import lines
from gitops_regconf.source.position import Position

# A line that is longer helps nobody; the position says where to look.
_LONGEST: Final = 400


def excerpts(file: File, findings: Sequence[Finding]) -> dict[Position, str]:
    """The line of each finding in a file, every column in its place, what may be secret masked.

    A line with a credential is masked whichever rule has found something on it.
    """
    wanted = {finding.at for finding in findings if finding.at.line}
    if not wanted:
        return {}
    try:
        leaks = _leaks(file, findings)
    except RegconfError:
        return {}  # where credentials may be that nobody could find, nothing is shown
    text = lines(file.text)
    shown: dict[Position, str] = {}
    for at in wanted:
        line = text[at.line - 1] if at.line <= len(text) else ""
        spans = leaks.get(at.line)
        if spans:
            line = masked(line, spans)
        if line.strip() and len(line) <= _LONGEST:
            shown[at] = line
    return shown


def _leaks(file: File, findings: Iterable[Finding]) -> dict[int, list[tuple[int, int]]]:
    """Where credentials are, by line: their beginnings and ends, counted from 0.

    Raises RegconfError where a part of the file cannot be read.
    """
    found = columns(file)
    for finding in findings:
        if hasattr(rule_set.module(finding.rule), "HIDES_LINE"):
            found.setdefault(finding.at.line, []).append((finding.at.column - 1, _LONGEST))
    return found
