"""Patches as kustomize applies them to one object, as far as `extraConfigs` needs it.

JSON6902 with kustomize's own reading of it (`test` of null also holds where
the value is absent; `replace` of an absent member adds it), and the strategic
merge of a custom resource, in which lists are replaced.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any


class PatchFailed(Exception):
    """The patch does not apply; kustomize would stop the build here."""


def merge(target: Any, patch: Any) -> Any:
    """`target` with a strategic merge patch; objects merge, everything else is replaced."""
    if not isinstance(patch, Mapping):
        return copy.deepcopy(patch)
    if not isinstance(target, Mapping):
        return merge({}, patch)
    if patch.get("$patch") == "replace":
        return {key: value for key, value in patch.items() if key != "$patch"}
    result = dict(target)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif key != "$patch":
            result[key] = merge(result.get(key), value)
    return result


def json6902(target: Any, operations: Sequence[Mapping[str, Any]]) -> Any:
    """`target` with JSON patch operations, on a copy. Raises PatchFailed."""
    document = copy.deepcopy(target)
    for step in operations:
        try:
            document = _apply(document, step)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise PatchFailed(f"{step.get('op')} {step.get('path')}: {error}") from None
    return document


def _apply(document: Any, step: Mapping[str, Any]) -> Any:
    path = pointer(step["path"])
    match step["op"]:
        case "add":
            return _set(document, path, copy.deepcopy(step.get("value")), insert=True)
        case "replace":
            return _set(document, path, copy.deepcopy(step.get("value")), insert=False)
        case "remove":
            _remove(document, path)
        case "test":
            _get(document, path[:-1])
            if _get(document, path, absent=None) != step.get("value"):
                raise ValueError("the value is another one")
        case "move":
            value = _get(document, pointer(step["from"]))
            _remove(document, pointer(step["from"]))
            return _set(document, path, value, insert=True)
        case "copy":
            value = copy.deepcopy(_get(document, pointer(step["from"])))
            return _set(document, path, value, insert=True)
        case other:
            raise ValueError(f"unknown operation {other}")
    return document


def pointer(path: str) -> list[str]:
    """The keys and indices that a JSON pointer leads through."""
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


_REQUIRED = object()


def _get(document: Any, path: Sequence[str], absent: Any = _REQUIRED) -> Any:
    for part in path:
        try:
            document = document[int(part)] if isinstance(document, list) else document[part]
        except (KeyError, IndexError, TypeError):
            if absent is _REQUIRED:
                raise
            return absent
    return document


def _set(document: Any, path: Sequence[str], value: Any, *, insert: bool) -> Any:
    if not path:
        return value
    parent, last = _get(document, path[:-1]), path[-1]
    if not isinstance(parent, list):
        parent[last] = value
    elif last == "-":
        parent.append(value)
    elif insert:
        if not 0 <= int(last) <= len(parent):
            raise IndexError(f"there is no index {last}")
        parent.insert(int(last), value)
    else:
        parent[int(last)] = value
    return document


def _remove(document: Any, path: Sequence[str]) -> None:
    parent, last = _get(document, path[:-1]), path[-1]
    del parent[int(last) if isinstance(parent, list) else last]
