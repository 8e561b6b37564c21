"""A SOPS file is encrypted by the selector that its rule in `.sops.yaml` has.

Why: the selector in the file decides. With another one values stay in clear, or so much is
encrypted that kustomize cannot read the object.

Bad: a Secret with `encrypted_regex: ^data$` under a rule with `^(data|stringData)$`
Good: the selector of the rule
Mend: decrypt the file and encrypt it anew by its rule.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint import encrypted
from gitops_regconf.lint.file import File

ID = "sops-rule"
SHOWS_LINE = True
is_candidate = encrypted.is_candidate


def of_file(file: File) -> Iterator[Finding]:
    """The findings of this kind in a SOPS file."""
    return encrypted.problems(file, ID)
