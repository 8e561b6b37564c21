"""A file of regconf is what its schema says.

Why: a misspelt key or a value of the wrong form stops `regconf regenerate` for a whole
management cluster; here it is found before it is committed.

Bad: `kind: WorkloadCluster` with `containerRegistry:`
Good: `kind: WorkloadCluster` with `containerRegistries:`
Mend: as the finding says; editors find the same with the modeline of the file.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from gitops_regconf.errors import RegconfError, singly
from gitops_regconf.findings import Finding
from gitops_regconf.fleet.validate import SCHEMAS, validate
from gitops_regconf.source.documents import Document

ID = "input-schema"
API_VERSION = "regconf/v1alpha1"


def of_object(document: Document) -> Iterator[Finding]:
    """One finding for each mistake in an object of regconf's own kinds."""
    data = document.data
    if not isinstance(data, dict) or data.get("apiVersion") != API_VERSION:
        return
    kind = str(data.get("kind"))
    if kind not in SCHEMAS:
        close = difflib.get_close_matches(kind, SCHEMAS, n=1)
        mend = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(SCHEMAS)}."
        yield Finding(ID, document.at("kind"), "regconf knows no such kind", mend)
        return
    try:
        validate(document, kind)
    except RegconfError as error:
        for one in singly([error]):
            yield Finding(ID, one.at or document.at(), one.message, one.mend or "")
