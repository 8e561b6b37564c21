"""Every encrypted value can be decrypted where it stands.

Why: a value that was cut, or moved to a key that the rule of the file leaves clear, is taken
as it is: the cluster gets the text `ENC[…]` for a password.

Bad: `metadata: {name: "ENC[AES256_GCM,…]"}` with `encrypted_regex: ^(data|stringData)$`
Good: the value under `data`
Mend: restore the file from Git, or encrypt it anew.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint import encrypted
from gitops_regconf.lint.file import File

ID = "sops-ciphertext"
is_candidate = encrypted.is_candidate


def of_file(file: File) -> Iterator[Finding]:
    """The findings of this kind in a SOPS file."""
    return encrypted.problems(file, ID)
