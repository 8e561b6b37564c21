"""Flux's post-build substitution, as far as an App's name and version need it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gitops_regconf.source.documents import documents
from gitops_regconf.source.worktree import WorkTree

FLUX_GROUP = "kustomize.toolkit.fluxcd.io/"
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?[-=]([^}]*))?\}")


def flux_kustomizations(source: WorkTree, path: str) -> list[Mapping[str, Any]]:
    """The Flux Kustomizations in a file; none where there is no such file. Raises InvalidInput."""
    text = source.text(path)
    if text is None or FLUX_GROUP not in text:
        return []
    found = [document.data for document in documents(text, path)]
    return [
        data
        for data in found
        if isinstance(data, dict)
        and data.get("kind") == "Kustomization"
        and str(data.get("apiVersion", "")).startswith(FLUX_GROUP)
    ]


def variables(kustomization: Mapping[str, Any]) -> dict[str, str]:
    """The variables that a Flux Kustomization substitutes by value."""
    post_build = (kustomization.get("spec") or {}).get("postBuild") or {}
    return {key: str(value) for key, value in (post_build.get("substitute") or {}).items()}


def substitutes_from_elsewhere(kustomization: Mapping[str, Any]) -> bool:
    """Whether variables also come from ConfigMaps or Secrets in the cluster."""
    post_build = (kustomization.get("spec") or {}).get("postBuild") or {}
    return bool(post_build.get("substituteFrom"))


def variable_names(text: str) -> list[str]:
    """The names of the variables in `text`, in order."""
    return [found[1] for found in _VARIABLE.finditer(text)]


def substituted(text: str, values: Mapping[str, str]) -> str:
    """`text` with every variable that has a value or a default; others stay as they are."""
    return _VARIABLE.sub(
        lambda found: values.get(found[1]) or (found[0] if found[2] is None else found[2]), text
    )
