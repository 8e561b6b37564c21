"""The reference to the Secret in an App's `extraConfigs`, and what it takes to get it there.

A JSON6902 patch cannot say "append, or create where there is no list": which
of the two it must be is read off the App that the patch will meet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gitops_regconf.errors import Refused
from gitops_regconf.source.position import Position


@dataclass(frozen=True, slots=True)
class Reference:
    """An entry of `extraConfigs` that takes in a Secret; one App holds it at most once."""

    name: str
    namespace: str
    priority: int

    def entry(self) -> dict[str, str | int]:
        """The entry as it stands in an App."""
        return {
            "kind": "secret",
            "name": self.name,
            "namespace": self.namespace,
            "priority": self.priority,
        }

    def called(self, name: str) -> Reference:
        """The same reference to another Secret."""
        return replace(self, name=name)

    def is_at(self, entry: object) -> bool:
        """Whether an entry of `extraConfigs` takes in this Secret; `kind` defaults to configMap."""
        return isinstance(entry, Mapping) and (
            entry.get("kind") == "secret"
            and entry.get("name") == self.name
            and entry.get("namespace") == self.namespace
        )


@dataclass(frozen=True, slots=True)
class Create:
    """There is no list: make one."""


@dataclass(frozen=True, slots=True)
class Append:
    """There is a list without the reference: add it."""


@dataclass(frozen=True, slots=True)
class Keep:
    """The reference is there already, at `index`."""

    index: int


@dataclass(frozen=True, slots=True)
class Swap:
    """At `index` stands the reference to another Secret, `of`: replace it."""

    index: int
    of: Reference


Operation = Create | Append | Keep | Swap


def operation(
    extra_configs: Sequence[Any] | None, wanted: Reference, default: Reference, at: Position
) -> Operation:
    """What brings `wanted` into `extraConfigs`, in place of `default` where that is there.

    Raises Refused where one of them stands there more than once.
    """
    if extra_configs is None:
        return Create()
    kept = _index(extra_configs, wanted, at)
    if kept is not None:
        return Keep(kept)
    swapped = _index(extra_configs, default, at)
    return Append() if swapped is None else Swap(swapped, default)


def applied(extra_configs: Sequence[Any] | None, wanted: Reference, what: Operation) -> list[Any]:
    """The list after the operation."""
    result = list(extra_configs or ())
    match what:
        case Create() | Append():
            result.append(wanted.entry())
        case Swap(index, _):
            result[index] = wanted.entry()
        case Keep():
            pass
    return result


def _index(extra_configs: Sequence[Any], reference: Reference, at: Position) -> int | None:
    found = [index for index, entry in enumerate(extra_configs) if reference.is_at(entry)]
    if len(found) > 1:
        raise Refused(
            f"this App takes in the Secret {reference.name} {len(found)} times",
            at=at,
            mend="Keep one of the entries in spec.extraConfigs.",
        )
    return found[0] if found else None
