"""The platform's releases: which chart each ships, on which Flatcar, with which containerd."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from gitops_regconf.registries.known import known


@dataclass(frozen=True, slots=True)
class Release:
    """One release of a provider.

    `flatcar_containerd` is that of its Flatcar, where known: a hint, since the
    node image may carry another one.
    """

    name: str
    chart_version: str
    flatcar: str | None
    flatcar_containerd: str | None


def releases(provider: str) -> Mapping[str, Release]:
    """The known releases of a provider by name, oldest first."""
    return _releases()[provider]


def newest(provider: str) -> Release:
    """The newest known release of a provider."""
    return list(releases(provider).values())[-1]


def release(provider: str, name: str) -> Release | None:
    """The release that values call `name`: `31.1.0`, also with `v` or the provider before it."""
    short = name.removeprefix(f"{provider}-").removeprefix("v")
    return releases(provider).get(short)


def shipping(provider: str, chart_version: str) -> Release | None:
    """The newest known release that ships a chart version."""
    wanted = chart_version.removeprefix("v")
    newest_first = reversed(list(releases(provider).values()))
    return next((one for one in newest_first if one.chart_version == wanted), None)


def name_for(provider: str, chart_version: str) -> str:
    """The name of the newest release that ships a chart version; empty where none is known."""
    found = shipping(provider, chart_version)
    return found.name if found else ""


@cache
def _releases() -> dict[str, dict[str, Release]]:
    flatcar = known("flatcar.yaml")
    return {
        provider: {
            name: Release(name, row["chart"], row.get("flatcar"), flatcar.get(row.get("flatcar")))
            for name, row in rows.items()
        }
        for provider, rows in known("releases.yaml").items()
    }
