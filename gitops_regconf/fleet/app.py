"""App CRs, and what else is followed like them, as a build of kustomizations knows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gitops_regconf.errors import InvalidInput
from gitops_regconf.source.documents import documents
from gitops_regconf.source.position import Position

APP_GROUP = "application.giantswarm.io"


@dataclass(frozen=True, slots=True)
class App:
    """An App CR on its way through a build: its content, where it first stood, and its history.

    A build may be asked to follow objects of other kinds, too, which are then told
    apart by their `type`.

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
    def kind(self) -> str:
        """Its kind."""
        return str(self.data.get("kind", ""))

    @property
    def type(self) -> tuple[str, str]:
        """Its API group and kind."""
        return type_of(self.data)

    @property
    def id(self) -> tuple[str, str]:
        """Name and namespace as kustomize compares them: none is `default`."""
        return self.name, self.namespace or "default"

    @property
    def spec(self) -> Mapping[str, Any]:
        """The spec, empty where there is none."""
        spec = self.data.get("spec")
        return spec if isinstance(spec, Mapping) else {}

    @property
    def extra_configs(self) -> list[Any] | None:
        """The list, or None where it is absent or null. Raises InvalidInput for anything else."""
        found = self.spec.get("extraConfigs")
        if found is None or isinstance(found, list):
            return found
        raise InvalidInput("spec.extraConfigs of this App must be a list", at=self.at)

    def with_extra_configs(self, value: list[Any]) -> App:
        """The same App with another list."""
        return replace(self, data={**self.data, "spec": {**self.spec, "extraConfigs": value}})


Apps = tuple[App, ...]


@dataclass(frozen=True, slots=True)
class Followed:
    """Which objects a build follows.

    A file without any of the `words` holds none of them. Of the types in `every`
    each object is followed: a patch for one that is not there is an error.
    """

    words: tuple[str, ...]
    follows: Callable[[Any], bool]
    every: frozenset[tuple[str, str]]


def apps_in(text: str, path: str, followed: Followed | None = None) -> Iterator[App]:
    """The Apps (or what else is followed) in a YAML text, also in a List. Raises InvalidInput."""
    follows = (followed or APPS).follows
    for document in documents(text, path):
        data = document.data
        if not isinstance(data, dict):
            continue
        listed = data.get("items") if str(data.get("kind")).endswith("List") else None
        for item in listed if isinstance(listed, list) else [data]:
            if follows(item):
                yield App(item, document.at())


def is_app(data: Any) -> bool:
    """Whether an object is an App CR."""
    return (
        isinstance(data, dict)
        and data.get("kind") == "App"
        and str(data.get("apiVersion", "")).startswith(APP_GROUP + "/")
        and isinstance(data.get("metadata"), dict)
    )


APPS = Followed(("App",), is_app, frozenset({(APP_GROUP, "App")}))


def type_of(data: Mapping[str, Any]) -> tuple[str, str]:
    """The API group and the kind of an object; the group of core objects is empty."""
    version = str(data.get("apiVersion", ""))
    return version.rpartition("/")[0], str(data.get("kind", ""))


def refuse_twins(apps: Apps) -> None:
    """Raise InvalidInput where two Apps have one name, which kustomize refuses."""
    seen: dict[tuple[str, ...], App] = {}
    for app in apps:
        key = (*app.type, *app.id)
        if key in seen:
            raise InvalidInput(
                f"there would be two {app.kind}s {app.name!r} in the namespace {app.id[1]!r}",
                at=app.at,
                mend=f"The other one is at {seen[key].at}.",
            )
        seen[key] = app
