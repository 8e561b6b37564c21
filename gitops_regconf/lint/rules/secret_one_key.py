"""A Secret or ConfigMap that a cluster App takes in has one data key.

Why: of several keys the app platform takes the last one that it happens to see, in
no fixed order: what nodes get changes from one reconciliation to the next.

Bad: `data: {values.yaml: …, values: …}`
Good: `data: {values.yaml: …}`
Mend: keep one key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitops_regconf.findings import Finding
from gitops_regconf.fleet.model import SECRET_NAME
from gitops_regconf.source.documents import Document

ID = "secret-one-key"


def of_object(document: Document) -> Iterator[Finding]:
    """A finding for a registry Secret with more than one data key."""
    data: Any = document.data
    if not isinstance(data, dict) or data.get("kind") != "Secret":
        return
    metadata = data.get("metadata")
    name = str(metadata.get("name", "")) if isinstance(metadata, dict) else ""
    fields = {field: data.get(field) for field in ("data", "stringData")}
    keys = [(one, key) for one, held in fields.items() if isinstance(held, dict) for key in held]
    if SECRET_NAME in name and len(keys) > 1:
        yield Finding(
            ID,
            document.key_at(*keys[1]),
            f"this Secret has {len(keys)} data keys, and which one counts is left to chance",
            "Keep one of them.",
        )
