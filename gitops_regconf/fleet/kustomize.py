"""What `kustomize build` makes of the Apps in a directory.

Not a kustomize: it follows what decides whether and where an App has an
`extraConfigs` list (resources, components, patches, names and namespaces) and
says so where a kustomization goes beyond that and an App could be touched.
The generator must give the same files on every machine, with or without a
kustomize there; the tests hold this module against the real one.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator

from gitops_regconf.errors import CannotCheck, InvalidInput
from gitops_regconf.fleet.app import Apps, apps_in, refuse_twins
from gitops_regconf.fleet.shape import check_shape
from gitops_regconf.fleet.transformers import Transformers
from gitops_regconf.source.documents import Document
from gitops_regconf.source.files import Files
from gitops_regconf.source.position import Position

KUSTOMIZATION_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")


# What a component of the generator's own does to the Apps it meets: it is given
# the directory of the including kustomization, the component's, and the Apps.
OwnComponent = Callable[[str, str, Apps], Apps | None]


class Kustomize:
    """Builds directories of a work tree, each once."""

    def __init__(self, source: Files, own_component: OwnComponent):
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
                raise _circle([*self._under_way, directory])
            self._under_way.append(directory)
            outer, self._unseen = self._unseen, False
            try:
                file = self.kustomization(directory)
                apps = self._accumulated(file)
                self._built[directory] = self._transformed(file, apps)
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
        file = self._source.document(posixpath.join(directory, names[0]))
        if not isinstance(file.data, dict):
            raise InvalidInput("a mapping is expected here", at=file.at())
        check_shape(file)
        if all(file.data[key] in (None, "") for key in file.data.keys() - {"apiVersion", "kind"}):
            raise InvalidInput(
                "this kustomization is empty, which kustomize refuses",
                at=file.at(),
                mend="Write `resources: []`.",
            )
        return file

    def components(self, directory: str) -> list[str]:
        """The directories of the components that a kustomization includes."""
        file = self.kustomization(directory)
        return [path for path, _ in _entries(file, "components") if not _is_remote(path)]

    def _accumulated(self, file: Document, leave_out: frozenset[str] = frozenset()) -> Apps:
        directory = posixpath.dirname(file.path)
        apps = self._with_resources(file, ())
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
        refuse_twins(apps)
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
            raise InvalidInput(f"there is no {path}", at=at, mend="Restore it, or remove the line.")
        if "App" not in text:
            return ()
        return tuple(apps_in(text, path))

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
        return Transformers(self._source, file, unseen=self._unseen).applied(apps)


def _circle(way: list[str]) -> InvalidInput:
    return InvalidInput(
        f"the kustomizations form a circle: {' → '.join(way)}", at=Position(way[-1])
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
