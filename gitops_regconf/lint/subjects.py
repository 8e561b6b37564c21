"""What rules look at.

A rule is a module in `lint.rules` with a docstring and one generator of
findings, named for its subject:

* `of_block(block)`      the registries under one values path, wherever they stand
* `of_cluster(view)`     one cluster as its nodes see it
* `of_accounts(use)`     an MC's stored accounts and where they are used
* `of_object(document)`  one Kubernetes object
* `of_file(file)`        one text file, whatever it holds

A rule that cannot check what it is given raises a RegconfError after the findings
that it has: what could not be checked never passes as clean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gitops_regconf.fleet.model import Account, ManagementCluster
from gitops_regconf.registries.charts import Interface
from gitops_regconf.registries.model import Entry
from gitops_regconf.registries.values import Values
from gitops_regconf.sops.rules import Rule
from gitops_regconf.source import documents
from gitops_regconf.source.documents import Document
from gitops_regconf.source.encoding import text_of
from gitops_regconf.source.position import Position


@dataclass(frozen=True, slots=True)
class Block:
    """What stands under one interface in a values document."""

    interface: Interface
    content: Mapping[str, Any]
    values: Values

    def at(self, *below: str | int) -> Position:
        """Where something below the interface stands."""
        return self.values.locate((*self.interface.path, *below))

    def registries(self) -> Iterator[tuple[str, list[Any]]]:
        """The registries with their lists; what is no list is left to the schema."""
        found = self.content.get("containerRegistries")
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
        return self.at("containerRegistries", registry, index, *below)


@dataclass(frozen=True)
class File:
    """One file as it would be committed: its bytes, and what can be made of them.

    `claim` is the rule of `.sops.yaml` that its path falls under.
    """

    path: str
    content: bytes
    claim: Rule | None = None

    @cached_property
    def text(self) -> str:
        """Its text, in whichever encoding it is."""
        return text_of(self.content)

    @cached_property
    def documents(self) -> list[Document]:
        """Its YAML or JSON documents. Raises InvalidInput where it is neither."""
        return documents.documents(self.text, self.path)


@dataclass(frozen=True, slots=True)
class AccountUse:
    """The accounts of an MC: those stored, and every use in it and its WCs by name."""

    mc: ManagementCluster
    stored: Mapping[str, Account]
    used: Mapping[str, Entry]


def blocks(values: Values) -> Iterator[Block]:
    """The blocks of a values document, one for each interface that is in it."""
    for interface in Interface:
        content: Any = values.content
        for step in interface.path:
            content = content.get(step) if isinstance(content, Mapping) else None
        if isinstance(content, Mapping) and "containerRegistries" in content:
            yield Block(interface, content, values)
