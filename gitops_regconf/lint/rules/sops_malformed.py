"""The `sops` block of a file is one that sops can read.

Why: without it nobody can decrypt the file, Flux neither. A file that only looks encrypted
passes every check that searches for `ENC[`.

Bad: `sops: {}`
Good: the block as sops wrote it
Mend: restore the file from Git, or encrypt it with sops.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint import encrypted
from gitops_regconf.lint.file import File

ID = "sops-malformed"
is_candidate = encrypted.is_candidate


def of_file(file: File) -> Iterator[Finding]:
    """The findings of this kind in a SOPS file."""
    return encrypted.problems(file, ID)
