"""The lines that findings are on, as they may be shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from gitops_regconf.errors import RegconfError
from gitops_regconf.findings import Finding
from gitops_regconf.lint.file import File
from gitops_regconf.lint.plaintext import masked
from gitops_regconf.lint.plaintext.search import columns
from gitops_regconf.lint.rule_set import rule
from gitops_regconf.source.encoding import lines

# A line that is longer helps nobody; the position says where to look.
_LONGEST: Final = 400
# In front of a host, whether the rule about credentials takes it for some or not.
_USER_INFO: Final = re.compile(r"[^\s\"'{\[,/]+:[^\s/@]+@")

Spans = list[tuple[int, int]]


def excerpts(
    file: File, findings: Sequence[Finding], others: Iterable[Finding] = ()
) -> dict[Finding, str]:
    """The line of each finding in a file, every column in its place, what may be secret masked.

    A line with a credential is masked whichever rule has found something on it,
    also where that is one of `others`.
    """
    text = lines(file.text)
    wanted = {}
    for finding in findings:
        line = text[finding.at.line - 1] if 0 < finding.at.line <= len(text) else ""
        if line.strip() and len(line) <= _LONGEST:
            wanted[finding.at.line] = line
    if not wanted:
        return {}
    try:
        secret = columns(file)
    except RegconfError:
        return {}  # where credentials may be that nobody could find, nothing is shown
    for finding in (*findings, *others):
        if not rule(finding.rule).shows_line:
            secret.setdefault(finding.at.line, []).append((finding.at.column - 1, _LONGEST))
    shown = {number: _shown(line, secret.get(number, [])) for number, line in wanted.items()}
    return {one: shown[one.at.line] for one in findings if one.at.line in shown}


def _shown(line: str, secret: Spans) -> str:
    spans = [*secret, *(found.span() for found in _USER_INFO.finditer(line))]
    return masked(line, spans) if spans else line
