"""The values that a cluster App is given, as far as they stand in Git, in the order of merging.

All ConfigMaps first, whatever their priority, then all Secrets. Between
ConfigMaps: entries of `extraConfigs` up to priority 50, `config`, up to 100,
`userConfig`, up to 150. Source: github.com/giantswarm/app, pkg/values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gitops_regconf.fleet.app import App
from gitops_regconf.fleet.config_maps import ConfigMaps
from gitops_regconf.registries.model import Note
from gitops_regconf.registries.values import Values
from gitops_regconf.source.position import Position

DEFAULT_PRIORITY = 25
# The highest priority of each band; what is above the last is never merged.
_BANDS = (50, 100, 150)


@dataclass(frozen=True, slots=True)
class ClusterValues:
    """The ConfigMaps of an App that could be read, in order, and notes on the others."""

    config_maps: tuple[Values, ...] = ()
    notes: tuple[Note, ...] = ()


def cluster_values(
    app: App, built: ConfigMaps, change: Callable[[str], str], own_secret: str
) -> ClusterValues:
    """The values of an App among the ConfigMaps of its build.

    `change` is what Flux does to text; `own_secret` is in the names of the Secrets
    that the generator writes, which are not looked for here. Raises InvalidInput
    where a ConfigMap that is given does not hold values.
    """
    found: list[Values] = []
    notes: list[Note] = []
    for kind, reference in references(app):
        name = (str(reference.get("name")), str(reference.get("namespace") or ""))
        if kind == "secret":
            if own_secret not in name[0]:
                notes.append(_unread(f"the Secret {name[1]}/{name[0]}", "it is encrypted", app.at))
            continue
        config_map = built.get(name)
        if config_map is None:
            notes.append(_unread(f"the ConfigMap {name[1]}/{name[0]}", "it is not in Git", app.at))
        elif config_map.unknown:
            title = f"the ConfigMap {name[1]}/{name[0]}"
            notes.append(_unread(title, config_map.unknown, config_map.at))
        else:
            found.append(config_map.values(change))
    return ClusterValues(tuple(found), tuple(notes))


def _unread(what: str, why: str, at: Position) -> Note:
    return Note(f"what {what} sets for this cluster is not known here: {why}", at)


def references(app: App) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What an App takes its values from, in the order in which they are merged."""
    extra = [entry for entry in app.extra_configs or [] if isinstance(entry, Mapping)]
    below = 0
    for limit, own in zip(_BANDS, ("config", "userConfig", None), strict=True):
        band = [entry for entry in extra if below < _priority(entry) <= limit]
        for entry in sorted(band, key=_priority):
            yield str(entry.get("kind") or "configMap"), entry
        below = limit
        source = app.spec.get(own) if own else None
        for kind in ("configMap", "secret"):
            reference = source.get(kind) if isinstance(source, Mapping) else None
            if isinstance(reference, Mapping) and reference.get("name"):
                yield kind, reference


def _priority(entry: Mapping[str, Any]) -> int:
    """The code takes a missing priority and zero for 25."""
    found = entry.get("priority")
    return found if isinstance(found, int) and found else DEFAULT_PRIORITY
