"""Contributions as they stand in a file that its schema has accepted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_regconf.errors import InvalidInput
from gitops_regconf.registries.model import FLAGS, Cache, Contribution, Entry, RegistryChange
from gitops_regconf.source.documents import Document


def contribution(document: Document, path: tuple[str | int, ...], name: str) -> Contribution:
    """What the mapping at `path` of a validated document contributes.

    Raises InvalidInput where an endpoint stands twice for one registry: the
    charts would render a TOML table twice, which containerd refuses to read.
    """
    data = document.data
    for step in path:
        data = data[step]
    registries = {
        registry: _change(document, (*path, "containerRegistries", registry), change)
        for registry, change in (data.get("containerRegistries") or {}).items()
    }
    return Contribution(
        name,
        registries,
        _cache(document, (*path, "localRegistryCache"), data.get("localRegistryCache")),
        _cache(
            document,
            (*path, "managementClusterRegistryCache"),
            data.get("managementClusterRegistryCache"),
        ),
    )


def _change(document: Document, path: tuple[str | int, ...], change: Any) -> RegistryChange:
    at = document.key_at(*path)
    if isinstance(change, list):
        result = RegistryChange(at, defines=_entries(document, path, change))
    else:
        lists = {key: _entries(document, (*path, key), value) for key, value in change.items()}
        result = RegistryChange(
            at, None, lists.get("before", ()), lists.get("after", ()), lists.get("instead")
        )
    _refuse_repeated(
        (*(result.defines or ()), *result.before, *result.after, *(result.instead or ()))
    )
    return result


def _entries(
    document: Document, path: tuple[str | int, ...], items: list[Any]
) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            endpoint=item["endpoint"],
            account=item.get("account"),
            optional=item.get("optional", False),
            flags=tuple((flag, item[flag]) for flag in FLAGS if flag in item),
            decided_at=document.at(*path, index),
        )
        for index, item in enumerate(items)
    )


def _refuse_repeated(entries: tuple[Entry, ...]) -> None:
    seen: dict[str, Entry] = {}
    for entry in entries:
        if entry.endpoint in seen:
            raise InvalidInput(
                f"the endpoint {entry.endpoint!r} stands here twice",
                at=entry.decided_at,
                mend=f"Keep one of them; the other is at {seen[entry.endpoint].decided_at}.",
            )
        seen[entry.endpoint] = entry


def _cache(
    document: Document, path: tuple[str | int, ...], data: Mapping[str, Any] | None
) -> Cache | None:
    if data is None:
        return None
    mirrored = data.get("mirroredRegistries")
    return Cache(
        data.get("enabled"),
        data.get("port"),
        None if mirrored is None else tuple(mirrored),
        document.key_at(*path),
    )
