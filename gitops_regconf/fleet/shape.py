"""The shape of a kustomization, as far as its fields are read here."""

from __future__ import annotations

from typing import Any

from gitops_regconf.errors import InvalidInput
from gitops_regconf.source.documents import Document

# What an item of each list may be, and which of the fields in an item must be mappings.
_LISTS: dict[str, tuple[type, ...]] = {
    "resources": (str,),
    "components": (str,),
    "patches": (str, dict),
    "patchesStrategicMerge": (str,),
    "patchesJson6902": (dict,),
    "configMapGenerator": (dict,),
    "replacements": (dict,),
    "labels": (dict,),
}
_MAPPINGS = ("commonLabels", "commonAnnotations", "generatorOptions")
_MAPPINGS_OF_ITEMS = ("target", "options", "pairs")
_LISTS_OF_ITEMS = ("files", "literals", "envs", "targets")


def check_shape(file: Document) -> None:
    """Raise InvalidInput where a field of a kustomization is not what kustomize takes."""
    for field, kinds in _LISTS.items():
        listed = file.data.get(field)
        if listed is None:
            continue
        if not isinstance(listed, list):
            raise InvalidInput(f"{field} must be a list", at=file.at(field))
        for index, item in enumerate(listed):
            if not isinstance(item, kinds):
                wanted = " or ".join("a path" if kind is str else "a mapping" for kind in kinds)
                raise InvalidInput(f"{field} must hold {wanted}", at=file.at(field, index))
            if isinstance(item, dict):
                _check_item(file, (field, index), item)
    for field in _MAPPINGS:
        if not isinstance(file.data.get(field) or {}, dict):
            raise InvalidInput(f"{field} must be a mapping", at=file.at(field))


def _check_item(file: Document, path: tuple[str | int, ...], item: dict[str, Any]) -> None:
    for field in _MAPPINGS_OF_ITEMS:
        if not isinstance(item.get(field) or {}, dict):
            raise InvalidInput(f"{field} must be a mapping", at=file.at(*path, field))
    for field in _LISTS_OF_ITEMS:
        if not isinstance(item.get(field) or [], list):
            raise InvalidInput(f"{field} must be a list", at=file.at(*path, field))
