"""The chart version that the fleet has for a cluster reads the same values path as its App.

Why: where the manifests of a cluster live in another repository, the fleet only knows
the version that its `regconf.yaml` names. An upgrade there that reads another path
leaves the cluster with a Secret that its chart ignores or refuses.

Bad: `chartVersion: 0.49.0` in the fleet, and an App with version 7.7.3
Good: the same version in both
Mend: set `chartVersion` in the cluster's `regconf.yaml`, regenerate, and hand over the
new component.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint.references.subjects import TakenIn

ID = "chart-version-differs"
SHOWS_LINE = True


def of_reference(taken: TakenIn) -> Iterator[Finding]:
    """A finding where the two versions read different paths."""
    if taken.chart_versions is None:
        return
    declared, installed = taken.chart_versions
    yield Finding(
        ID,
        taken.at,
        f"the cluster {taken.cluster!r} has chart version {installed} here and {declared} in the "
        "fleet, and the two read their registries from different paths",
        f"In the fleet, set `chartVersion: {installed}` in {taken.declared_at.path}, run `regconf "
        "regenerate`, and render the reference again.",
    )
