"""Every cluster App belongs to a cluster that the fleet knows.

Why: nobody configures the registries of a cluster that has no `regconf.yaml`, and no
other check looks at it.

Bad: an App `shop3` with chart `cluster-aws`, and no `shop3` in the fleet
Good: a `regconf.yaml` for it, as `regconf add-wc` writes
Mend: `regconf add-wc NAME --mc MC --organization ORG`, with `--external` where its
manifests live in another repository.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint.references.subjects import TakenIn

ID = "unknown-cluster-app"
SHOWS_LINE = True


def of_reference(taken: TakenIn) -> Iterator[Finding]:
    """A warning for a cluster that the fleet does not know."""
    if taken.wanted is None:
        yield Finding(
            ID,
            taken.at,
            f"the fleet does not know the cluster {taken.cluster!r}: nobody configures its "
            "registries",
            taken.mend,
            "warning",
        )
