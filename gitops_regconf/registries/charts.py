"""What is known of the cluster charts and their releases, from `data/`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from gitops_regconf.errors import InvalidInput, Refused
from gitops_regconf.source.documents import document
from gitops_regconf.source.position import Position

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:[-+][0-9A-Za-z.+-]*)?")
Version = tuple[int, int, int]


class Interface(StrEnum):
    """The values path from which charts read `containerRegistries`, newest first."""

    COMPONENTS = "global.components.containerd"
    GLOBAL_CONNECTIVITY = "global.connectivity"
    CONNECTIVITY = "connectivity"

    @property
    def suffix(self) -> str:
        """What the name of a Secret for this interface ends in; new charts refuse the old paths."""
        return "" if self is Interface.COMPONENTS else "-" + self.value.replace(".", "-")


@dataclass(frozen=True, slots=True)
class Chart:
    """One provider's cluster chart: its name, what its versions read, and their releases.

    `releases` are pairs of release and chart version, oldest first.
    """

    name: str
    reads: tuple[tuple[Version, str], ...]
    releases: tuple[tuple[str, str], ...]

    @property
    def newest(self) -> str:
        """The chart version of the newest known release."""
        return self.releases[-1][1]

    def release_of(self, chart_version: str) -> str | None:
        """The newest known release that ships a chart version."""
        return next(
            (release for release, chart in reversed(self.releases) if chart == chart_version), None
        )


def charts() -> dict[str, Chart]:
    """The cluster chart of each provider."""
    return _charts()


def provider_of(chart: str) -> str | None:
    """The provider whose cluster chart is called `chart`."""
    return next((provider for provider, known in charts().items() if known.name == chart), None)


def version(text: str, at: Position | None = None) -> Version:
    """A chart version as numbers; `v` and a pre-release or build suffix are passed over."""
    found = _VERSION.fullmatch(text)
    if not found:
        raise InvalidInput(f"{text!r} is no chart version", at=at, mend="Write it like 7.7.3.")
    major, minor, patch = found.groups()
    return int(major), int(minor), int(patch)


def interface(provider: str, chart_version: str, at: Position) -> Interface:
    """The interface of a chart version.

    An empty version is filled in from the cluster's release, and every release
    that exists ships a chart that reads `global.components.containerd`.
    Raises Refused for a version to which no Secret can give its registries.
    """
    if not chart_version:
        return Interface.COMPONENTS
    chart = charts()[provider]
    wanted = version(chart_version, at)
    path = next(path for since, path in reversed(chart.reads) if since <= wanted)
    if path == "none":
        raise Refused(
            f"{chart.name} {chart_version} has no interface for container registries",
            at=at,
            mend=f"Upgrade it; the newest known version is {chart.newest}.",
        )
    if path == "split":
        raise Refused(
            f"in {chart.name} {chart_version} the control plane and the workers read their "
            "registries from different places, and one of them would get nothing",
            at=at,
            mend=f"Upgrade it; the newest known version is {chart.newest}.",
        )
    return Interface(path)


@cache
def _charts() -> dict[str, Chart]:
    releases = _data("releases.yaml")
    return {
        provider: Chart(
            row["chart"],
            tuple((version(read["from"]), read["path"]) for read in row["reads"]),
            tuple(releases[provider].items()),
        )
        for provider, row in _data("charts.yaml").items()
    }


def _data(name: str) -> dict[str, Any]:
    text = (files("gitops_regconf.registries") / "data" / name).read_text("utf-8")
    data: dict[str, Any] = document(text, name).data
    return data
