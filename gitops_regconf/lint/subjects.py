"""What rules look at.

A rule is a module in `lint.rules` with a docstring and one generator of
findings, named for its subject:

* `of_block(block)`      what stands under one interface, in whichever values document
* `of_cluster(view)`     one cluster as its nodes see it
* `of_accounts(use)`     an MC's stored accounts and where they are used
* `of_object(document)`  one Kubernetes object
* `of_objects(objects)`  all Kubernetes objects of one file
* `of_file(file)`        one text file, whatever it holds (`lint.file`)
* `of_reference(taken)`  what one cluster App takes in (`lint.references.subjects`)
* `of_secret(secret)`    a registry Secret as Flux applies it

Further names of such a module say what follows from its findings:

* `YIELDS_TO`         the rule whose finding at the same place says it better (`lint.doubles`)
* `SHOWS_LINE`        nothing on the line can be secret that other rules do not find
* `IN_HISTORY`        a finding counts in what a later commit has mended
* `STOPS_REGENERATE`  nothing is generated for a cluster with such a finding
* `is_candidate`      tells of a file's bytes whether `of_file` may find anything

A rule that cannot check what it is given raises a RegconfError after the findings
that it has: what could not be checked never passes as clean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gitops_regconf.fleet.model import Account, ManagementCluster
from gitops_regconf.registries.charts import Interface
from gitops_regconf.registries.keys import CACHES, REGISTRIES
from gitops_regconf.registries.model import Entry
from gitops_regconf.registries.values import Values
from gitops_regconf.source.position import Position

_VARIABLE = re.compile(r"\$\{[^{}]*\}")
_VARIABLE_PORT = re.compile(r":\$\{[^{}]*\}\Z")


@dataclass(frozen=True, slots=True, eq=False)
class Encrypted:
    """Stands for a value that SOPS has encrypted, of which nothing can be said."""


@dataclass(frozen=True, slots=True)
class Block:
    """What stands under one interface in a values document."""

    interface: Interface
    content: Mapping[str, Any]
    values: Values

    def at(self, *below: str | int) -> Position:
        """Where something below the interface stands."""
        return self.values.locate((*self.interface.path, *below))

    def names(self) -> Iterator[str]:
        """The registries, whatever stands there as their lists."""
        found = self.content.get(REGISTRIES)
        yield from map(str, found) if isinstance(found, Mapping) else ()

    def registries(self) -> Iterator[tuple[str, list[Any]]]:
        """The registries with their lists; what is no list is left to the schema."""
        found = self.content.get(REGISTRIES)
        for registry, entries in found.items() if isinstance(found, Mapping) else ():
            if isinstance(entries, list):
                yield str(registry), entries

    def entries(self) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
        """Every entry that is a mapping, with its registry and its place in the list."""
        for registry, entries in self.registries():
            for index, entry in enumerate(entries):
                if isinstance(entry, Mapping):
                    yield registry, index, entry

    def entry_at(self, registry: str, index: int, *below: str) -> Position:
        """Where an entry, or a key of it, stands."""
        return self.at(REGISTRIES, registry, index, *below)


@dataclass(frozen=True, slots=True)
class AccountUse:
    """The accounts of an MC: those stored, and every use in it and its WCs by name."""

    mc: ManagementCluster
    stored: Mapping[str, Account]
    used: Mapping[str, Entry]


def blocks(values: Values) -> Iterator[Block]:
    """The blocks of a values document, one for each interface that is in it."""
    for interface, content in interfaces_in(values.content):
        yield Block(interface, content, values)


def interfaces_in(values: object) -> Iterator[tuple[Interface, Mapping[str, Any]]]:
    """The interfaces that are in values, each with what stands there."""
    for interface in Interface:
        content: Any = values
        for step in interface.path:
            content = content.get(step) if isinstance(content, Mapping) else None
        # No chart has caches elsewhere, and `connectivity` has settings of other things.
        keys = (REGISTRIES, *CACHES) if interface is Interface.COMPONENTS else (REGISTRIES,)
        if isinstance(content, Mapping) and any(key in content for key in keys):
            yield interface, content


def has_variable(text: str) -> bool:
    """Whether Flux fills in a part of a text."""
    return bool(_VARIABLE.search(text))


def filled_in(text: str) -> str:
    """A registry or endpoint as it may be after Flux has filled variables in."""
    return _VARIABLE.sub("x.x", _VARIABLE_PORT.sub("", text))
