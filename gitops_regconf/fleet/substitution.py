"""Flux's post-build substitution, as far as an App's name and version need it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gitops_regconf.source.documents import documents
from gitops_regconf.source.files import Files

FLUX_GROUP = "kustomize.toolkit.fluxcd.io/"
# `$${x}` is a literal `${x}`; `${x:-d}` and `${x:=d}` also stand for an empty value.
_VARIABLE = re.compile(
    r"\$(?P<escaped>\$)?\{(?P<name>[A-Za-z_]\w*)(?:(?P<when>:?[-=])(?P<default>[^{}]*))?\}",
    re.ASCII,
)


def flux_kustomizations(source: Files, path: str) -> list[Mapping[str, Any]]:
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
    values = _post_build(kustomization).get("substitute")
    return {key: str(value) for key, value in values.items()} if isinstance(values, dict) else {}


def substitutes_from_elsewhere(kustomization: Mapping[str, Any]) -> bool:
    """Whether variables also come from ConfigMaps or Secrets in the cluster."""
    return bool(_post_build(kustomization).get("substituteFrom"))


def _post_build(kustomization: Mapping[str, Any]) -> Mapping[str, Any]:
    spec = kustomization.get("spec")
    found = spec.get("postBuild") if isinstance(spec, dict) else None
    return found if isinstance(found, dict) else {}


def variable_names(text: str) -> list[str]:
    """The names of the variables in `text`, in order."""
    return [found["name"] for found in _VARIABLE.finditer(text) if not found["escaped"]]


def substituted(text: str, values: Mapping[str, str]) -> str:
    """`text` with every variable that has a value or a default; others stay as they are."""

    def value_of(found: re.Match[str]) -> str:
        if found["escaped"]:
            return found[0][1:]
        value = values.get(found["name"])
        if value is not None and (value or not (found["when"] or "").startswith(":")):
            return value
        return found[0] if found["default"] is None else found["default"]

    return _VARIABLE.sub(value_of, text)
