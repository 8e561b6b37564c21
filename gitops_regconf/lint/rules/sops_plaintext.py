"""Every value that the rule of a SOPS file covers is encrypted.

Why: sops decrypts a file in which somebody added a value in clear, and Flux applies it;
the value is in Git for everybody who can read the repository.

Bad: `data: {password: hunter2}` beside a `sops:` block
Good: `data: {password: "ENC[AES256_GCM,…]"}`
Mend: take the value for leaked, replace it where it is valid, and encrypt the file with sops.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint import encrypted
from gitops_regconf.lint.file import File

ID = "sops-plaintext"
IN_HISTORY = True  # what was in Git once is known to whoever has a clone
is_candidate = encrypted.is_candidate
YIELDS_TO = "plaintext-credentials"  # which sees the same value, and says more


def of_file(file: File) -> Iterator[Finding]:
    """The findings of this kind in a SOPS file."""
    return encrypted.problems(file, ID)
