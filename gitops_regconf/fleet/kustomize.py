"""What `kustomize build` makes of the Apps in a directory, or of what else it is to follow.

Not a kustomize: it follows what decides whether and where an App has an
`extraConfigs` list (resources, components, patches, names and namespaces) and
says so where a kustomization goes beyond that and an App could be touched.
The generator must give the same files on every machine, with or without a
kustomize there; the tests hold this module against the real one.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from gitops_regconf.errors import CannotCheck, InvalidInput
from gitops_regconf.fleet.app import APPS, Apps, Followed, apps_in, refuse_twins
from gitops_regconf.fleet.shape import check_shape
from gitops_regconf.fleet.transformers import Transformers
from gitops_regconf.source.documents import Document
from gitops_regconf.source.files import Files
from gitops_regconf.source.position import Position

KUSTOMIZATION_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
# Bounds against kustomizations that are made to hurt: how deep they are nested, and how many one
# build goes through (through a component each time that it is included).
MAX_LEVELS: Final = 50
MAX_STEPS: Final = 10_000

# What a component of the generator's own does to the Apps it meets: it is given
# the directory of the including kustomization, the component's, and the Apps.
OwnComponent = Callable[[str, str, Apps], Apps | None]


class Kustomize:
    """Builds directories of a work tree, each once."""

    def __init__(self, source: Files, own_component: OwnComponent, followed: Followed = APPS):
        self._source = source
        self._own_component = own_component
        self._followed = followed
        self._steps = 0
        self._built: dict[str, Apps] = {}
        self._under_way: list[str] = []
        # Whether the build under way may have Apps that cannot be seen here, from remote
        # resources, and which of the finished ones may.
        self._unseen = False
        self._with_unseen: set[str] = set()

    def build(self, directory: str) -> Apps:
        """The Apps that a directory's kustomization yields. Raises RegconfError."""
        if directory not in self._built:
            outer, self._unseen = self._unseen, False
            try:
                with self._entered(directory):
                    file = self.kustomization(directory)
                    apps = self._accumulated(file)
                    self._built[directory] = self._transformed(file, apps)
                if self._unseen:
                    self._with_unseen.add(directory)
            finally:
                self._unseen = outer
        self._unseen |= directory in self._with_unseen
        return self._built[directory]

    def build_as(self, file: Document) -> Apps:
        """The Apps that a directory yields where `file` is its kustomization."""
        self._unseen = False
        check_shape(file)
        with self._entered(posixpath.dirname(file.path)):
            return self._transformed(file, self._accumulated(file))

    @contextmanager
    def _entered(self, directory: str) -> Iterator[None]:
        way = [*self._under_way, directory]
        if directory in self._under_way:
            raise InvalidInput(
                f"the kustomizations form a circle: {' → '.join(way)}", at=Position(directory)
            )
        self._steps = self._steps + 1 if self._under_way else 1
        if len(way) > MAX_LEVELS or self._steps > MAX_STEPS:
            raise CannotCheck(
                "the kustomizations are nested too deeply, or too often, to be followed",
                at=Position(directory),
            )
        self._under_way.append(directory)
        try:
            yield
        finally:
            self._under_way.pop()

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
        return [path for path, _ in _entries(file, "components") if not is_remote(path)]

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
        self._refuse_generated(file)
        for path, at in _entries(file, "resources"):
            apps += self._resource(path, at)
        refuse_twins(apps)
        return apps

    def _refuse_generated(self, file: Document) -> None:
        """Raise CannotCheck where a generator makes or changes a Secret that is followed."""
        for index, item in enumerate(file.data.get("secretGenerator") or []):
            secret = {"apiVersion": "v1", "kind": "Secret", "metadata": item}
            if isinstance(item, dict) and self._followed.follows(secret):
                raise CannotCheck(
                    "what this generator makes of the Secret cannot be told here",
                    at=file.at("secretGenerator", index),
                )

    def _resource(self, path: str, at: Position) -> Apps:
        if is_remote(path):
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
        if not any(word in text for word in self._followed.words):
            return ()
        return tuple(apps_in(text, path, self._followed))

    def _component(self, path: str, at: Position, apps: Apps) -> Apps:
        if is_remote(path):
            raise CannotCheck("what a remote component does to the Apps cannot be seen here", at=at)
        with self._entered(path):
            file = self.kustomization(path)
            if file.data.get("kind") != "Component":
                raise InvalidInput(f"{path} is no component: its kind must say so", at=at)
            apps = self._with_resources(file, apps)
            for component, component_at in _entries(file, "components"):
                own = self._own_component(path, component, apps)
                apps = self._component(component, component_at, apps) if own is None else own
            return self._transformed(file, apps)

    def _transformed(self, file: Document, apps: Apps) -> Apps:
        every = frozenset() if self._unseen else self._followed.every
        return Transformers(self._source, file, every).applied(apps)


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
        if is_remote(entry):
            yield entry, at
            continue
        path = posixpath.normpath(posixpath.join(directory, entry))
        if path.startswith(("../", "/")) or path == "..":
            raise InvalidInput(f"{entry} leads out of the fleet", at=at)
        yield path, at


def is_remote(path: str) -> bool:
    """Whether kustomize would fetch what is at this path."""
    return "://" in path or "?ref=" in path or path.startswith(("git@", "github.com/"))
