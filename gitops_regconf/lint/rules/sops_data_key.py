"""The data key of a SOPS file is whole for each recipient.

Why: a damaged stanza keeps one recipient out, often the cluster, while everybody else opens
the file and sees nothing wrong.

Bad: an `enc:` that was cut in a merge
Good: the armor as sops wrote it
Mend: restore the file from Git, or run `regconf update-keys`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint import encrypted
from gitops_regconf.lint.file import File

ID = "sops-data-key"
SHOWS_LINE = True
is_candidate = encrypted.is_candidate


def of_file(file: File) -> Iterator[Finding]:
    """The findings of this kind in a SOPS file."""
    return encrypted.problems(file, ID)
