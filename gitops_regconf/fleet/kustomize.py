"""What `kustomize build` makes of the Apps in a directory.

Not a kustomize: it follows what decides whether and where an App has an
`extraConfigs` list (resources, components, patches, names and namespaces) and
says so where a kustomization goes beyond that and an App could be touched.
The generator must give the same files on every machine, with or without a
kustomize there; the tests hold this module against the real one.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gitops_regconf.errors import CannotCheck, InvalidInput, Refused
from gitops_regconf.fleet.patches import PatchFailed, json6902, merge
from gitops_regconf.source.documents import Document, documents
from gitops_regconf.source.position import Position
from gitops_regconf.source.worktree import WorkTree

KUSTOMIZATION_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
APP_GROUP = "application.giantswarm.io"


@dataclass(frozen=True, slots=True)
class App:
    """An App CR on its way through a build: its content, and where it first stood."""

    data: Mapping[str, Any]
    at: Position

    @property
    def name(self) -> str:
        """The name in its metadata."""
        return str(self.data["metadata"].get("name", ""))

    @property
    def namespace(self) -> str:
        """The namespace in its metadata."""
        return str(self.data["metadata"].get("namespace", ""))

    @property
    def spec(self) -> Mapping[str, Any]:
        """The spec, empty where there is none."""
        return self.data.get("spec") or {}

    @property
    def extra_configs(self) -> list[Any] | None:
        """The list, or None where it is absent or null."""
        found = self.spec.get("extraConfigs")
        return found if isinstance(found, list) else None

    def with_extra_configs(self, value: list[Any]) -> App:
        """The same App with another list."""
        return replace(self, data={**self.data, "spec": {**self.spec, "extraConfigs": value}})


Apps = tuple[App, ...]
# What a component of the generator's own does to the Apps it meets: it is given
# the directory of the including kustomization, the component's, and the Apps.
OwnComponent = Callable[[str, str, Apps], Apps | None]


class Kustomize:
    """Builds directories of a work tree, each once."""

    def __init__(self, source: WorkTree, own_component: OwnComponent):
        self._source = source
        self._own_component = own_component
        self._built: dict[str, Apps] = {}
        self._under_way: list[str] = []

    def build(self, directory: str) -> Apps:
        """The Apps that a directory's kustomization yields. Raises RegconfError."""
        if directory not in self._built:
            if directory in self._under_way:
                circle = " → ".join([*self._under_way, directory])
                raise InvalidInput(
                    f"the kustomizations form a circle: {circle}", at=Position(directory)
                )
            self._under_way.append(directory)
            try:
                file = self.kustomization(directory)
                self._built[directory] = _transformed(self._source, file, self._accumulated(file))
            finally:
                self._under_way.pop()
        return self._built[directory]

    def before(self, directory: str, components: frozenset[str]) -> Apps:
        """The Apps that a component of `directory` meets: after its resources and other components.

        Those named in `components` are left out, wherever they stand.
        """
        file = self.kustomization(directory)
        return self._accumulated(file, leave_out=components)

    def kustomization(self, directory: str) -> Document:
        """The kustomization file of a directory. Raises InvalidInput where there is none."""
        names = [name for name in KUSTOMIZATION_FILES if name in self._source.names(directory)]
        if len(names) != 1:
            raise InvalidInput(
                "this directory has no kustomization.yaml"
                if not names
                else f"this directory has {' and '.join(names)}",
                at=Position(directory),
                mend="Write one that lists what Flux shall apply: where there is none, Flux "
                "generates one that applies every YAML file below.",
            )
        file = self._source.document(f"{directory}/{names[0]}")
        if not isinstance(file.data, dict):
            raise InvalidInput("a mapping is expected here", at=file.at())
        return file

    def components(self, directory: str) -> list[str]:
        """The directories of the components that a kustomization includes."""
        file = self.kustomization(directory)
        return [path for path, _ in _entries(file, "components") if not _is_remote(path)]

    def _accumulated(self, file: Document, leave_out: frozenset[str] = frozenset()) -> Apps:
        directory = posixpath.dirname(file.path)
        apps: Apps = ()
        for path, at in _entries(file, "resources"):
            apps += self._resource(path, at)
        for path, at in _entries(file, "components"):
            if path in leave_out:
                continue
            own = self._own_component(directory, path, apps)
            apps = self._component(path, at, apps) if own is None else own
        return apps

    def _resource(self, path: str, at: Position) -> Apps:
        if _is_remote(path):
            return ()  # nothing of it can be seen here; a cluster App that is missed is reported
        if self._source.is_directory(path):
            return self.build(path)
        text = self._source.text(path)
        if text is None:
            raise InvalidInput(f"there is no {path}", at=at)
        if "kind: App" not in text and '"App"' not in text and "'App'" not in text:
            return ()
        return tuple(_apps(text, path))

    def _component(self, path: str, at: Position, apps: Apps) -> Apps:
        if _is_remote(path):
            raise CannotCheck("what a remote component does to the Apps cannot be seen here", at=at)
        file = self.kustomization(path)
        for resource, resource_at in _entries(file, "resources"):
            apps += self._resource(resource, resource_at)
        for component, component_at in _entries(file, "components"):
            own = self._own_component(path, component, apps)
            apps = self._component(component, component_at, apps) if own is None else own
        return _transformed(self._source, file, apps)


def _apps(text: str, path: str) -> Iterator[App]:
    for document in documents(text, path):
        data = document.data
        if not isinstance(data, dict) or data.get("kind") != "App":
            continue
        if str(data.get("apiVersion", "")).startswith(APP_GROUP + "/") and isinstance(
            data.get("metadata"), dict
        ):
            yield App(data, document.at())


def _entries(file: Document, field: str) -> Iterator[tuple[str, Position]]:
    """The paths in a list field, relative to the fleet's root (remote ones as they are)."""
    directory = posixpath.dirname(file.path)
    listed = file.data.get(field) or []
    if not isinstance(listed, list):
        raise InvalidInput(f"{field} must be a list", at=file.at(field))
    for index, entry in enumerate(listed):
        at = file.at(field, index)
        if not isinstance(entry, str):
            raise InvalidInput(f"{field} must hold paths", at=at)
        if _is_remote(entry):
            yield entry, at
            continue
        path = posixpath.normpath(posixpath.join(directory, entry))
        if path.startswith(("../", "/")) or path == "..":
            raise InvalidInput(f"{entry} leads out of the fleet", at=at)
        yield path, at


def _is_remote(path: str) -> bool:
    return "://" in path or "?ref=" in path or path.startswith(("git@", "github.com/"))


def _transformed(source: WorkTree, file: Document, apps: Apps) -> Apps:
    """What the transformers of one kustomization do, in kustomize's order."""
    if not apps:
        return apps
    _refuse_unknown(file)
    data = file.data
    steps = [("patchesStrategicMerge", item) for item in data.get("patchesStrategicMerge") or []]
    steps += [("patches", item) for item in data.get("patches") or []]
    for field, item in steps:
        apps = _patched(source, file, field, item, apps)
    apps = tuple(_renamed(app, data) for app in apps)
    for item in data.get("patchesJson6902") or []:
        apps = _patched(source, file, "patchesJson6902", item, apps)
    return apps


def _refuse_unknown(file: Document) -> None:
    for field in ("transformers", "vars", "openapi", "crds"):
        if file.data.get(field):
            raise CannotCheck(
                f"what {field!r} does to the Apps cannot be told here", at=file.key_at(field)
            )
    for index, replacement in enumerate(file.data.get("replacements") or []):
        targets = replacement.get("targets") if isinstance(replacement, dict) else None
        kinds = [(target.get("select") or {}).get("kind") for target in targets or [{}]]
        if targets is None or None in kinds or "App" in kinds:
            raise CannotCheck(
                "what this replacement does to the Apps cannot be told here",
                at=file.at("replacements", index),
            )


def _renamed(app: App, data: Mapping[str, Any]) -> App:
    metadata = dict(app.data["metadata"])
    if data.get("namespace"):
        metadata["namespace"] = data["namespace"]
    metadata["name"] = f"{data.get('namePrefix') or ''}{app.name}{data.get('nameSuffix') or ''}"
    return replace(app, data={**app.data, "metadata": metadata})


def _patched(source: WorkTree, file: Document, field: str, item: Any, apps: Apps) -> Apps:
    if isinstance(item, str):
        inline = "\n" in item
        item = {"patch": item} if inline else {"path": item}
    target = item.get("target")
    result = list(apps)
    for patch in _patch_documents(source, file, field, item):
        for index, app in enumerate(result):
            selector = target or (_identity(patch) if isinstance(patch, dict) else None)
            if selector is not None and _selected(app, selector):
                result[index] = _with_patch(app, patch, file.key_at(field))
    return tuple(app for app in result if app.data.get("$patch") != "delete")


def _patch_documents(
    source: WorkTree, file: Document, field: str, item: Mapping[str, Any]
) -> list[Any]:
    if item.get("patch") is not None:
        return [found.data for found in documents(str(item["patch"]), file.path)]
    path = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), str(item.get("path"))))
    text = source.text(path)
    if text is None:
        raise InvalidInput(f"there is no {path}", at=file.key_at(field))
    return [found.data for found in documents(text, path)]


def _identity(patch: Mapping[str, Any]) -> dict[str, str]:
    """The target of a strategic patch: the object that it names. Its names are literal."""
    metadata = patch.get("metadata") or {}
    group = str(patch.get("apiVersion", "")).partition("/")[0]
    return {
        "group": group,
        "kind": str(patch.get("kind", "")),
        "=name": str(metadata.get("name", "")),
        "=namespace": str(metadata.get("namespace", "")),
    }


def _selected(app: App, selector: Mapping[str, Any]) -> bool:
    group, _, version = str(app.data["apiVersion"]).partition("/")
    literal = {"group": group, "version": version, "=name": app.name, "=namespace": app.namespace}
    if any(key in selector and selector[key] not in ("", literal[key]) for key in literal):
        return False
    patterns = {"kind": "App", "name": app.name, "namespace": app.namespace}
    if not all(_matches(selector.get(key), value) for key, value in patterns.items()):
        return False
    labels = app.data["metadata"].get("labels") or {}
    annotations = app.data["metadata"].get("annotations") or {}
    return _selects(selector.get("labelSelector"), labels) and _selects(
        selector.get("annotationSelector"), annotations
    )


def _matches(pattern: Any, value: str) -> bool:
    """Kustomize's target patterns: Go regular expressions, anchored at both ends."""
    if not pattern or pattern == value == "App":
        return True
    import re2

    return re2.search(f"^(?:{pattern})$", value) is not None


def _selects(selector: Any, labels: Mapping[str, Any]) -> bool:
    """Equality-based label selectors; a set-based one might match and counts as a match."""
    for term in str(selector or "").split(","):
        key, equals, value = term.partition("=")
        if (
            equals
            and "(" not in term
            and "!" not in key
            and labels.get(key.strip()) != value.lstrip("= ").strip()
        ):
            return False
    return True


def _with_patch(app: App, patch: Any, at: Position) -> App:
    if not isinstance(patch, list):
        if isinstance(patch, dict) and patch.get("$patch") == "delete":
            return replace(app, data={**app.data, "$patch": "delete"})
        return replace(app, data=merge(app.data, patch))
    try:
        return replace(app, data=json6902(app.data, patch))
    except PatchFailed as error:
        raise Refused(f"this patch does not apply to the App {app.name}: {error}", at=at) from None
