"""No credential stands in clear in a file, in whatever form.

Why: what is once in Git stays in its history and in every clone, and whoever can
read the repository can pull with it, or push. Base64 hides nothing.

Bad: `stringData: {password: …}` in a Secret that is not encrypted
Good: the same with `password: ENC[AES256_GCM,…]`, written by `regconf set-credentials`
Mend: encrypt it, and replace the credential where it is given out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gitops_regconf.lint.plaintext.candidate import is_candidate

if TYPE_CHECKING:
    from gitops_regconf.findings import Finding
    from gitops_regconf.lint.file import File

__all__ = ["ID", "is_candidate", "of_file"]

ID = "plaintext-credentials"
SHOWS_LINE = True
IN_HISTORY = True  # what was in Git once is known to whoever has a clone


def of_file(file: File) -> Iterator[Finding]:
    """One finding for each credential in clear.

    Raises CannotCheck, after them, where a file that matters cannot be read.
    """
    from gitops_regconf.lint.plaintext.search import search

    return search(file)
