"""What `kustomize build` makes of the Apps in a directory.

Not a kustomize: it follows what decides whether and where an App has an
`extraConfigs` list (resources, components, patches, names and namespaces) and
says so where a kustomization goes beyond that and an App could be touched.
The generator must give the same files on every machine, with or without a
kustomize there; the tests hold this module against the real one.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gitops_regconf.errors import CannotCheck, InvalidInput, Refused
from gitops_regconf.fleet.patches import PatchFailed, json6902, merge
from gitops_regconf.source.documents import Document, documents
from gitops_regconf.source.position import Position
from gitops_regconf.source.worktree import WorkTree

KUSTOMIZATION_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
APP_GROUP = "application.giantswarm.io"
_TERM = re.compile(r"\s*([-./\w]+)\s*(==?|!=)\s*([-.\w]*)\s*")


@dataclass(frozen=True, slots=True)
class App:
    """An App CR on its way through a build: its content, where it first stood, and its history.

    `earlier` holds the names and namespaces that it had, first to last:
    patches find an App by them, too.
    """

    data: Mapping[str, Any]
    at: Position
    earlier: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """The name in its metadata."""
        return str(self.data["metadata"].get("name", ""))

    @property
    def namespace(self) -> str:
        """The namespace in its metadata."""
        return str(self.data["metadata"].get("namespace", ""))

    @property
    def id(self) -> tuple[str, str]:
        """Name and namespace as kustomize compares them: none is `default`."""
        return self.name, self.namespace or "default"

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
        # Whether the build under way may have Apps that cannot be seen here, from remote
        # resources, and which of the finished ones may.
        self._unseen = False
        self._with_unseen: set[str] = set()

    def build(self, directory: str) -> Apps:
        """The Apps that a directory's kustomization yields. Raises RegconfError."""
        if directory not in self._built:
            if directory in self._under_way:
                circle = " → ".join([*self._under_way, directory])
                raise InvalidInput(
                    f"the kustomizations form a circle: {circle}", at=Position(directory)
                )
            self._under_way.append(directory)
            outer, self._unseen = self._unseen, False
            try:
                file = self.kustomization(directory)
                self._built[directory] = self._transformed(file, self._accumulated(file))
                if self._unseen:
                    self._with_unseen.add(directory)
            finally:
                self._under_way.pop()
                self._unseen = outer
        self._unseen |= directory in self._with_unseen
        return self._built[directory]

    def before(self, directory: str, components: frozenset[str]) -> Apps:
        """The Apps that a component of `directory` meets: after its resources and other components.

        Those named in `components` are left out, wherever they stand.
        """
        file = self.kustomization(directory)
        self._unseen = False
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
        if all(file.data[key] in (None, "") for key in file.data.keys() - {"apiVersion", "kind"}):
            raise InvalidInput("this kustomization is empty, which kustomize refuses", at=file.at())
        return file

    def components(self, directory: str) -> list[str]:
        """The directories of the components that a kustomization includes."""
        file = self.kustomization(directory)
        return [path for path, _ in _entries(file, "components") if not _is_remote(path)]

    def _accumulated(self, file: Document, leave_out: frozenset[str] = frozenset()) -> Apps:
        directory = posixpath.dirname(file.path)
        apps: Apps = ()
        apps = self._with_resources(file, apps)
        for path, at in _entries(file, "components"):
            if path in leave_out:
                continue
            own = self._own_component(directory, path, apps)
            apps = self._component(path, at, apps) if own is None else own
        return apps

    def _with_resources(self, file: Document, apps: Apps) -> Apps:
        self._unseen |= bool(file.data.get("generators") or file.data.get("helmCharts"))
        for path, at in _entries(file, "resources"):
            apps += self._resource(path, at)
        _refuse_twins(apps)
        return apps

    def _resource(self, path: str, at: Position) -> Apps:
        if _is_remote(path):
            self._unseen = True  # a cluster App that is missed is reported
            return ()
        if self._source.is_directory(path):
            if self.kustomization(path).data.get("kind") == "Component":
                problem = f"{path} is a component, which cannot be a resource"
                raise InvalidInput(problem, at=at, mend="List it under `components`.")
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
        if path in self._under_way:
            raise _circle([*self._under_way, path])
        self._under_way.append(path)
        try:
            file = self.kustomization(path)
            if file.data.get("kind") != "Component":
                raise InvalidInput(f"{path} is no component: its kind must say so", at=at)
            apps = self._with_resources(file, apps)
            for component, component_at in _entries(file, "components"):
                own = self._own_component(path, component, apps)
                apps = self._component(component, component_at, apps) if own is None else own
            return self._transformed(file, apps)
        finally:
            self._under_way.pop()

    def _transformed(self, file: Document, apps: Apps) -> Apps:
        """What the transformers of one kustomization do, in kustomize's order."""
        if apps:
            _refuse_unknown(file)
        data = file.data
        for field in ("patchesStrategicMerge", "patches"):
            for item in data.get(field) or []:
                apps = self._patched(file, field, item, apps)
        apps = tuple(_renamed(app, data) for app in apps)
        _refuse_twins(apps)
        for item in data.get("patchesJson6902") or []:
            apps = self._patched(file, "patchesJson6902", item, apps)
        return apps

    def _patched(self, file: Document, field: str, item: Any, apps: Apps) -> Apps:
        if isinstance(item, str):
            item = {"patch": item} if "\n" in item else {"path": item}
        at = file.key_at(field)
        result = list(apps)
        for patch in _patch_documents(self._source, file, field, item):
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
        identity = _identity(patch)
        if identity is None:
            return []
        found = [
            index
            for index, app in enumerate(apps)
            if identity in {app.id, *((name, space or "default") for name, space in app.earlier)}
        ]
        if len(found) > 1 or not (found or self._unseen):
            raise Refused(
                f"this patch is for the App {identity[0]!r} in the namespace {identity[1]!r}, "
                f"and {len(found) or 'none'} of the Apps here {'are' if found else 'is'} that",
                at=at,
            )
        return found


def _circle(way: list[str]) -> InvalidInput:
    return InvalidInput(
        f"the kustomizations form a circle: {' → '.join(way)}", at=Position(way[-1])
    )


def _refuse_twins(apps: Apps) -> None:
    seen: dict[tuple[str, str], App] = {}
    for app in apps:
        if app.id in seen:
            raise InvalidInput(
                f"there would be two Apps {app.name!r} in the namespace {app.id[1]!r}",
                at=app.at,
                mend=f"The other one is at {seen[app.id].at}.",
            )
        seen[app.id] = app


def _apps(text: str, path: str) -> Iterator[App]:
    for document in documents(text, path):
        data = document.data
        if not isinstance(data, dict):
            continue
        listed = data.get("items") if str(data.get("kind")).endswith("List") else None
        for item in listed if isinstance(listed, list) else [data]:
            if _is_app(item):
                yield App(item, document.at())


def _is_app(data: Any) -> bool:
    return (
        isinstance(data, dict)
        and data.get("kind") == "App"
        and str(data.get("apiVersion", "")).startswith(APP_GROUP + "/")
        and isinstance(data.get("metadata"), dict)
    )


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
    return replace(
        app,
        data={**app.data, "metadata": metadata},
        earlier=(*app.earlier, (app.name, app.namespace)),
    )


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


def _identity(patch: Any) -> tuple[str, str] | None:
    """Name and namespace of the App that a strategic patch names, if it is one."""
    if not _is_app(patch):
        return None
    metadata = patch["metadata"]
    return str(metadata.get("name", "")), str(metadata.get("namespace") or "default")


def _selected(app: App, selector: Mapping[str, Any], at: Position) -> bool:
    """Whether a target takes in an App, by the name and namespace of now or of the beginning."""
    group, _, version = str(app.data["apiVersion"]).partition("/")
    first, first_namespace = app.earlier[0] if app.earlier else app.id
    values = {
        "group": (group,),
        "version": (version,),
        "kind": ("App",),
        "name": (app.name, first),
        "namespace": (app.id[1], first_namespace or "default"),
    }
    if not all(_matches(selector.get(key), either) for key, either in values.items()):
        return False
    metadata = app.data["metadata"]
    return all(
        _selects(selector.get(f"{kind}Selector"), metadata.get(f"{kind}s") or {}, at)
        for kind in ("label", "annotation")
    )


def _matches(pattern: Any, values: Iterable[str]) -> bool:
    """Kustomize's target patterns: Go regular expressions, anchored at both ends."""
    if not pattern or pattern in values:
        return True
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
        raise Refused(f"this patch does not apply to the App {app.name}: {error}", at=at) from None
