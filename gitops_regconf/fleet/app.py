"""App CRs as a build of kustomizations knows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gitops_regconf.errors import InvalidInput
from gitops_regconf.source.documents import documents
from gitops_regconf.source.position import Position

APP_GROUP = "application.giantswarm.io"


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


def apps_in(text: str, path: str) -> Iterator[App]:
    """The Apps in a YAML text, also those in a List. Raises InvalidInput."""
    for document in documents(text, path):
        data = document.data
        if not isinstance(data, dict):
            continue
        listed = data.get("items") if str(data.get("kind")).endswith("List") else None
        for item in listed if isinstance(listed, list) else [data]:
            if is_app(item):
                yield App(item, document.at())


def is_app(data: Any) -> bool:
    """Whether an object is an App CR."""
    return (
        isinstance(data, dict)
        and data.get("kind") == "App"
        and str(data.get("apiVersion", "")).startswith(APP_GROUP + "/")
        and isinstance(data.get("metadata"), dict)
    )


def refuse_twins(apps: Apps) -> None:
    """Raise InvalidInput where two Apps have one name, which kustomize refuses."""
    seen: dict[tuple[str, str], App] = {}
    for app in apps:
        if app.id in seen:
            raise InvalidInput(
                f"there would be two Apps {app.name!r} in the namespace {app.id[1]!r}",
                at=app.at,
                mend=f"The other one is at {seen[app.id].at}.",
            )
        seen[app.id] = app
