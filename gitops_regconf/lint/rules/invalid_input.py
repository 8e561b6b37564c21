"""What a fleet is made from can be read, and makes sense together.

Why: a `regconf.yaml` with a mistake stops `regenerate` for its cluster: what was
generated before stays in force, and nobody sees that it is out of date.

Bad: `profile: acr-with-cahce`
Good: `profile: acr-with-cache`
Mend: what the message says; editors show the same while typing, by the schemas.
"""

from __future__ import annotations

from gitops_regconf.errors import RegconfError
from gitops_regconf.findings import Finding
from gitops_regconf.lint.rule_set import ANY
from gitops_regconf.source.position import Position

ID = "invalid-input"
YIELDS_TO = ANY  # what sees the mistake in the file alone says more about it


def of_error(error: RegconfError) -> Finding:
    """An error of reading or resolving as a finding."""
    return Finding(ID, error.at or Position(""), error.message, error.mend or "")
