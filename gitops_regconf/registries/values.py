"""Values documents and how they are merged, with what decided each value.

A cluster chart is given the values of all ConfigMaps and then of all Secrets,
merged by the app platform, on top of its own defaults, merged by Helm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gitops_regconf.source.position import Position

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Values:
    """One values document: its content, and where each part of it was decided."""

    name: str
    content: Mapping[str, Any]
    locate: Callable[[Path], Position] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Decided:
    """A value that is not a mapping, and the place that decided it."""

    value: Any
    source: Values
    path: Path

    def at(self, *below: str | int) -> Position:
        """Where it, or what is below it, was decided."""
        return self.source.locate((*self.path, *below))


# Mappings by key, down to what is Decided.
Tree = dict[str, Any]


def tree(values: Values) -> Tree:
    """A values document with every value that is no mapping as Decided."""
    return _tree(values, values.content, ())


def _tree(values: Values, content: Mapping[str, Any], path: Path) -> Tree:
    return {
        key: _tree(values, value, (*path, key))
        if isinstance(value, Mapping)
        else Decided(value, values, (*path, key))
        for key, value in content.items()
    }


def merged_by_app_platform(documents: Iterable[Values]) -> Tree:
    """The documents merged in their order: mappings are merged, all else is replaced.

    Also by null, false, zero, an empty text and an empty list: so it is measured
    with github.com/imdario/mergo 0.3.16, which app-operator uses.
    """
    result: Tree = {}
    for document in documents:
        result = merged(result, tree(document))
    return result


def merged_by_helm(defaults: Values, values: Tree) -> Tree:
    """The values over a chart's defaults; a null removes what the default has there.

    A null for a default that is null stays, but at the top. Measured with Helm 3.22.
    """
    return _coalesced(tree(defaults), values, at_top=True)


def merged(lower: Tree, upper: Tree) -> Tree:
    """Mappings merged, everything else replaced by what is in `upper`."""
    result = dict(lower)
    for key, value in upper.items():
        below = result.get(key)
        both = isinstance(value, dict) and isinstance(below, dict)
        result[key] = merged(below, value) if both else value  # type: ignore[arg-type]  # a Tree
    return result


def _coalesced(defaults: Tree, values: Tree, *, at_top: bool = False) -> Tree:
    result = dict(defaults)
    for key, value in values.items():
        default = result.get(key)
        if isinstance(value, dict) and isinstance(default, dict):
            result[key] = _coalesced(default, value)
        elif _is_null(value) and key in defaults and (at_top or not _is_null(default)):
            del result[key]
        else:
            result[key] = value
    return result


def _is_null(value: object) -> bool:
    return isinstance(value, Decided) and value.value is None


def plain(node: Tree) -> dict[str, Any]:
    """The values alone, without what decided them."""
    return {
        key: plain(value) if isinstance(value, dict) else value.value for key, value in node.items()
    }


def value(node: Tree, key: str) -> Any:
    """The value of a key; None where it is absent, or a mapping."""
    found = node.get(key)
    return found.value if isinstance(found, Decided) else None


def below(node: Tree, path: Iterable[str]) -> Tree:
    """The mapping at `path`; empty where there is none."""
    for step in path:
        found = node.get(step)
        if not isinstance(found, dict):
            return {}
        node = found
    return node
