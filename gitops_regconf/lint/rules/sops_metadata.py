"""The fields of the `sops` block have the types and contents that every sops takes.

Why: versions differ in what they forgive. A file that opens on one machine and not in the
cluster blocks a deployment.

Bad: `version: 3.10` without quotes
Good: `version: "3.10.0"`
Mend: restore the file from Git, or quote what the message names.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint import encrypted
from gitops_regconf.lint.file import File

ID = "sops-metadata"
SHOWS_LINE = True
is_candidate = encrypted.is_candidate


def of_file(file: File) -> Iterator[Finding]:
    """The findings of this kind in a SOPS file."""
    return encrypted.problems(file, ID)
