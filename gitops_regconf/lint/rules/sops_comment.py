"""No comment in the encrypted part of a SOPS file says something in clear.

Why: sops encrypts comments with the values that they stand beside. One that was added by
hand stays readable, and comments are where old passwords are kept.

Bad: `# was: hunter2` within `data:`
Good: a comment above `data:`, or one written with `sops edit`
Mend: remove the comment, or edit the file with sops.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint import encrypted
from gitops_regconf.lint.file import File

ID = "sops-comment"
is_candidate = encrypted.is_candidate


def of_file(file: File) -> Iterator[Finding]:
    """The findings of this kind in a SOPS file."""
    return encrypted.problems(file, ID)
