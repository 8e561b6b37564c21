"""A Secret or ConfigMap that a cluster App takes in has one data key.

Why: of several keys the app platform takes the last one that it happens to see, in
no fixed order: what nodes get changes from one reconciliation to the next. Under
`config` and `userConfig` it takes none, and the App fails.

Bad:
    kind: ConfigMap
    data:
      values: …
      values.yaml: …
Good:
    kind: ConfigMap
    data:
      values: …
Mend: keep one key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gitops_regconf.findings import Finding
from gitops_regconf.fleet.app import App, is_app
from gitops_regconf.fleet.cluster_values import references
from gitops_regconf.fleet.layout import SECRET_NAME
from gitops_regconf.render.secret import DIGEST
from gitops_regconf.source.documents import Document
from gitops_regconf.source.position import Position

ID = "secret-one-key"
SHOWS_LINE = True
_FIELDS = {"Secret": ("data", "stringData"), "ConfigMap": ("data", "binaryData")}
_Reference = tuple[str, str, str]


def of_objects(objects: Sequence[Document]) -> Iterator[Finding]:
    """A finding for each object with several keys that an App here, or any fleet, takes in."""
    referred = {one for document in objects for one in _referred(document.data)}
    for document in objects:
        data = document.data
        kind = data.get("kind") if isinstance(data, dict) else None
        if kind not in _FIELDS:
            continue
        keys = [
            (field, key)
            for field in _FIELDS[kind]
            for key in (data[field] if isinstance(data.get(field), Mapping) else ())
        ]
        if len({key for _, key in keys}) > 1 and _is_taken_in(kind, data, referred):
            yield Finding(
                ID,
                document.key_at(*keys[1]),
                f"this {kind} has {len(keys)} data keys, and which one counts is left to chance",
                "Keep one of them.",
            )


def _is_taken_in(kind: str, data: Mapping[str, Any], referred: set[_Reference]) -> bool:
    """Whether regconf generated it, under whatever name, or an App of the file names it."""
    metadata = data.get("metadata")
    if not isinstance(metadata, Mapping):
        return False
    annotations = metadata.get("annotations")
    generated = isinstance(annotations, Mapping) and DIGEST in annotations
    name, namespace = str(metadata.get("name", "")), str(metadata.get("namespace") or "")
    # A namespace that is not written is filled in by a kustomization.
    return (
        generated
        or SECRET_NAME in name
        or any(
            one[:2] == (kind, name) and (namespace in ("", one[2]) or not one[2])
            for one in referred
        )
    )


def _referred(data: Any) -> Iterator[_Reference]:
    if not is_app(data):
        return
    extra = data["spec"].get("extraConfigs") if isinstance(data.get("spec"), Mapping) else None
    if extra is None or isinstance(extra, list):
        for kind, entry in references(App(data, Position(""))):
            name, namespace = str(entry.get("name")), str(entry.get("namespace") or "")
            yield "Secret" if kind == "secret" else "ConfigMap", name, namespace
