"""What is known of the cluster charts, from `data/charts.yaml`: one row per change of behaviour."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from gitops_regconf.errors import InvalidInput, Refused
from gitops_regconf.registries import releases
from gitops_regconf.registries.known import known
from gitops_regconf.source.position import Position

_VERSION = re.compile(r"v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:[-+][0-9A-Za-z.+-]*)?", re.ASCII)
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

    @property
    def path(self) -> tuple[str, ...]:
        """The keys that lead to it."""
        return tuple(self.value.split("."))


class Form(StrEnum):
    """In which file, and how, a chart version writes registries on the node."""

    BARE = "bare"
    DROP_IN = "drop-in"
    CONFIG = "config"
    HOSTS = "hosts"


class Defect(StrEnum):
    """What a chart version does wrong, so that accepted values have another effect, or none."""

    ACCOUNTS_RUN_TOGETHER = "accounts-run-together"
    MIRRORS_MISNAMED = "mirrors-misnamed"
    OVERRIDE_PATH_ALWAYS = "override-path-always"


@dataclass(frozen=True, slots=True)
class Rendering:
    """What one kind of node gets: from which interface, in which form, with which defects.

    `caches` are those it knows, in the order in which they are asked; `defaults`
    is what stands under the interface where no values say otherwise.
    """

    reads: Interface | None = None
    writes: Form = Form.CONFIG
    caches: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    closed: bool = False
    defects: frozenset[Defect] = frozenset()
    defaults: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Regime:
    """Chart versions with one behaviour, from `since` on.

    `ignores` are the interfaces that the values schema accepts and nothing reads.
    """

    since: Version
    control_plane: Rendering
    workers: Rendering
    ignores: tuple[Interface, ...] = ()

    @property
    def is_split(self) -> bool:
        """Whether control plane and workers read different paths."""
        return self.control_plane.reads is not self.workers.reads


@dataclass(frozen=True, slots=True)
class Chart:
    """One cluster chart: its name and its regimes, oldest first."""

    name: str
    regimes: tuple[Regime, ...]

    def regime(self, chart_version: str, at: Position | None = None) -> Regime:
        """The regime of a version. Raises InvalidInput where that is none."""
        wanted = version(chart_version, at)
        return next(regime for regime in reversed(self.regimes) if regime.since <= wanted)


def charts() -> dict[str, Chart]:
    """The cluster chart of each provider."""
    return _charts()[0]


def base_chart() -> Chart:
    """The chart that those of the providers contain."""
    return _charts()[1]


def chart(name: str) -> Chart | None:
    """The chart of that name, also the one that the others contain."""
    return next((one for one in (*charts().values(), base_chart()) if one.name == name), None)


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
    regime = chart.regime(chart_version, at)
    reads = regime.workers.reads
    if reads is None:
        raise Refused(
            f"{chart.name} {chart_version} has no interface for container registries",
            at=at,
            mend=_upgrade(provider),
        )
    if regime.is_split:
        raise Refused(
            f"in {chart.name} {chart_version} the control plane and the workers read their "
            "registries from different places, and one of them would get nothing",
            at=at,
            mend=_upgrade(provider),
        )
    return reads


def _upgrade(provider: str) -> str:
    return f"Upgrade it; the newest known version is {releases.newest(provider).chart_version}."


@cache
def _charts() -> tuple[dict[str, Chart], Chart]:
    content = known("charts.yaml")
    defaults = content["defaults"]
    return (
        {provider: _chart(row, defaults) for provider, row in content["charts"].items()},
        _chart(content["base"], defaults),
    )


def _chart(row: Mapping[str, Any], defaults: Mapping[str, Any]) -> Chart:
    """Each row on top of those before it."""
    regimes = []
    state: dict[str, Any] = {}
    for change in row["versions"]:
        state |= {key: value for key, value in change.items() if key not in _OF_ONE_KIND}
        regimes.append(
            Regime(
                since=version(change["from"]),
                control_plane=_rendering({**state, **change.get("controlPlane", {})}, defaults),
                workers=_rendering({**state, **change.get("workers", {})}, defaults),
                ignores=tuple(map(Interface, state.get("ignores", ()))),
            )
        )
    return Chart(row["chart"], tuple(regimes))


_OF_ONE_KIND = ("controlPlane", "workers")


def _rendering(state: Mapping[str, Any], defaults: Mapping[str, Any]) -> Rendering:
    if state["reads"] == "none":
        return Rendering()
    return Rendering(
        reads=Interface(state["reads"]),
        writes=Form(state["writes"]),
        caches=tuple(state.get("caches", ())),
        flags=tuple(state.get("flags", ())),
        closed=state.get("items") == "closed",
        defects=frozenset(map(Defect, state.get("defects", ()))),
        defaults=defaults[state["defaults"]] if "defaults" in state else None,
    )
