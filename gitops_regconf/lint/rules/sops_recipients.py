"""A SOPS file is encrypted for those whom its rule in `.sops.yaml` names, and nobody else.

Why: a recipient who left can still read every later version; one who is missing cannot
decrypt, and if that is the cluster, nothing is applied any more.

Bad: a recipient in the file that no rule names
Good: the recipients of the rule, each once
Mend: `regconf update-keys`; if somebody left, rotate the credentials as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint import encrypted
from gitops_regconf.lint.file import File

ID = "sops-recipients"
SHOWS_LINE = True
is_candidate = encrypted.is_candidate


def of_file(file: File) -> Iterator[Finding]:
    """The findings of this kind in a SOPS file."""
    return encrypted.problems(file, ID)
