"""A SOPS file holds one document.

Why: all documents share one MAC and only the first block counts; Flux and other tools split
the file and cannot decrypt what comes after the first.

Bad: two encrypted Secrets, parted by `---`
Good: one file for each
Mend: put each document into a file of its own and encrypt it anew.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint import encrypted
from gitops_regconf.lint.file import File

ID = "sops-documents"
SHOWS_LINE = True
is_candidate = encrypted.is_candidate


def of_file(file: File) -> Iterator[Finding]:
    """The findings of this kind in a SOPS file."""
    return encrypted.problems(file, ID)
