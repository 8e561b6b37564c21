"""What the transformers of one kustomization do to the Apps in it: patches, names, namespaces."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gitops_regconf.errors import CannotCheck, InvalidInput, Refused
from gitops_regconf.fleet.app import App, Apps, refuse_twins, type_of
from gitops_regconf.fleet.patches import PatchFailed, json6902, merge
from gitops_regconf.source.documents import Document, documents
from gitops_regconf.source.files import Files
from gitops_regconf.source.position import Position

_TERM = re.compile(r"\s*([-./\w]+)\s*(==?|!=)\s*([-.\w]*)\s*")
_LITERAL = re.compile(r"[-\w]+")


class Transformers:
    """The transformers of the kustomization `file`, in kustomize's order.

    `every` are the types of which each object is among those given, so that a patch
    must find the one that it names. It is empty where there may be some that cannot
    be seen here, from remote resources.
    """

    def __init__(self, source: Files, file: Document, every: Collection[tuple[str, str]]):
        self._source = source
        self._file = file
        self._every = every

    def applied(self, apps: Apps) -> Apps:
        """The Apps afterwards. Raises RegconfError where that cannot be told, or fails."""
        if apps:
            _refuse_unknown(self._file, {app.kind for app in apps})
        data = self._file.data
        for field in ("patchesStrategicMerge", "patches"):
            for item in data.get(field) or []:
                apps = self._patched(field, item, apps)
        apps = tuple(_renamed(app, data) for app in apps)
        refuse_twins(apps)
        for item in data.get("patchesJson6902") or []:
            apps = self._patched("patchesJson6902", item, apps)
        return apps

    def _patched(self, field: str, item: Any, apps: Apps) -> Apps:
        if isinstance(item, str):
            item = {"patch": item} if "\n" in item else {"path": item}
        at = self._file.key_at(field)
        result = list(apps)
        for patch in _patch_documents(self._source, self._file, field, item):
            if item.get("target"):
                target = item["target"]
                chosen = [one for one, app in enumerate(result) if _selected(app, target, at)]
            else:
                chosen = self._named(result, patch, at)
            for index in chosen:
                result[index] = _with_patch(result[index], patch, at)
        return tuple(app for app in result if app.data.get("$patch") != "delete")

    def _named(self, apps: Sequence[App], patch: Any, at: Position) -> list[int]:
        """The one App that a strategic patch without a target names, now or by an earlier name."""
        if not isinstance(patch, dict) or not isinstance(patch.get("metadata"), dict):
            return []
        kind, identity = type_of(patch), _identity(patch)
        found = [
            index
            for index, app in enumerate(apps)
            if app.type == kind
            and identity in {app.id, *((name, space or "default") for name, space in app.earlier)}
        ]
        if len(found) > 1 or (not found and kind in self._every):
            raise Refused(
                f"this patch is for the {kind[1]} {identity[0]!r} in the namespace "
                f"{identity[1]!r}, and {len(found) or 'none'} of the {kind[1]}s here "
                f"{'are' if found else 'is'} that",
                at=at,
            )
        return found


def _refuse_unknown(file: Document, present: set[str]) -> None:
    for field in ("transformers", "vars", "openapi", "crds", "configurations"):
        if file.data.get(field):
            raise CannotCheck(
                f"what {field!r} does to the Apps cannot be told here", at=file.key_at(field)
            )
    for index, replacement in enumerate(file.data.get("replacements") or []):
        targets = replacement.get("targets") if isinstance(replacement, dict) else None
        kinds = [(target.get("select") or {}).get("kind") for target in targets or [{}]]
        if targets is None or None in kinds or not present.isdisjoint(kinds):
            raise CannotCheck(
                "what this replacement does to the Apps cannot be told here",
                at=file.at("replacements", index),
            )


def _renamed(app: App, data: Mapping[str, Any]) -> App:
    metadata = dict(app.data["metadata"])
    if data.get("namespace"):
        metadata["namespace"] = data["namespace"]
    metadata["name"] = f"{data.get('namePrefix') or ''}{app.name}{data.get('nameSuffix') or ''}"
    for key, added in _added(data).items():
        if added:
            metadata[key] = {**(metadata.get(key) or {}), **added}
    return replace(
        app,
        data={**app.data, "metadata": metadata},
        earlier=(*app.earlier, (app.name, app.namespace)),
    )


def _added(data: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Labels and annotations that a kustomization adds; patches above may select by them."""
    labels = dict(data.get("commonLabels") or {})
    for item in data.get("labels") or []:
        labels |= item.get("pairs") or {}
    return {"labels": labels, "annotations": dict(data.get("commonAnnotations") or {})}


def _patch_documents(
    source: Files, file: Document, field: str, item: Mapping[str, Any]
) -> list[Any]:
    if item.get("patch") is not None:
        return [found.data for found in documents(str(item["patch"]), file.path)]
    path = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), str(item.get("path"))))
    text = source.text(path)
    if text is None:
        raise InvalidInput(f"there is no {path}", at=file.key_at(field))
    return [found.data for found in documents(text, path)]


def _identity(patch: Mapping[str, Any]) -> tuple[str, str]:
    """Name and namespace of the object that a strategic patch names."""
    metadata = patch["metadata"]
    return str(metadata.get("name", "")), str(metadata.get("namespace") or "default")


def _selected(app: App, selector: Mapping[str, Any], at: Position) -> bool:
    """Whether a target takes in an App, by the name and namespace of now or of the beginning."""
    group, version = app.type[0], str(app.data["apiVersion"]).rpartition("/")[2]
    first, first_namespace = app.earlier[0] if app.earlier else app.id
    values = {
        "group": (group,),
        "version": (version,),
        "kind": (app.kind,),
        "name": (app.name, first),
        "namespace": (app.id[1], first_namespace or "default"),
    }
    if not all(matches(selector.get(key), either) for key, either in values.items()):
        return False
    metadata = app.data["metadata"]
    return all(
        _selects(selector.get(f"{kind}Selector"), metadata.get(f"{kind}s") or {}, at)
        for kind in ("label", "annotation")
    )


def matches(pattern: Any, values: Iterable[str]) -> bool:
    """Kustomize's target patterns: Go regular expressions, anchored at both ends.

    `${cluster_name}` without escapes is one that matches nothing.
    """
    if not pattern:
        return True
    if _LITERAL.fullmatch(str(pattern)):
        return pattern in values
    import re2

    return any(re2.search(f"^(?:{pattern})$", value) for value in values)


def _selects(selector: Any, labels: Mapping[str, Any], at: Position) -> bool:
    """Whether an equality-based selector selects. Raises CannotCheck for any other one."""
    for term in str(selector).split(",") if selector else ():
        found = _TERM.fullmatch(term)
        if not found:
            raise CannotCheck(f"what the selector {selector!r} selects cannot be told here", at=at)
        key, operator, value = found.groups()
        if (str(labels.get(key)) == value and key in labels) == (operator == "!="):
            return False
    return True


def _with_patch(app: App, patch: Any, at: Position) -> App:
    if not isinstance(patch, list):
        if isinstance(patch, dict) and patch.get("$patch") == "delete":
            return replace(app, data={**app.data, "$patch": "delete"})
        merged = merge(app.data, patch)
        # A strategic patch may name an App by an earlier name, and does not rename it.
        names = {key: app.data["metadata"].get(key) for key in ("name", "namespace")}
        metadata = {**(merged.get("metadata") or {}), **names}
        kept = {key: value for key, value in metadata.items() if value is not None}
        return replace(app, data={**merged, "metadata": kept})
    try:
        return replace(
            app,
            data=json6902(app.data, patch),
            earlier=(*app.earlier, (app.name, app.namespace)),
        )
    except PatchFailed as error:
        problem = f"this patch does not apply to the {app.kind} {app.name}: {error}"
        raise Refused(problem, at=at) from None
