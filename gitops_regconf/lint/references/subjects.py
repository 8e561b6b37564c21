"""What the rules about references look at: a cluster App, and a Secret as Flux applies it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

from gitops_regconf.fleet.references import Reference
from gitops_regconf.source.position import Position


@dataclass(frozen=True, slots=True)
class Entry:
    """One source of values that a cluster takes in. A HelmRelease has no namespace but its own."""

    kind: Literal["secret", "configMap"]
    name: str
    namespace: str
    problem: str = ""
    """Why its Secret does not become values, although it is named."""


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What one cluster takes in, under the names that it has in the MC.

    `wanted` is the reference to its Secret, None where the fleet knows no such cluster.
    `registry_secrets` are the names of all Secrets that the fleet generates.
    """

    cluster: str
    kind: Literal["App", "HelmRelease"]
    at: Position
    entries: tuple[Entry, ...]
    wanted: Reference | None = None
    registry_secrets: Collection[str] = ()
    mend: str = ""
    """What brings the reference in."""
    chart_versions: tuple[str, str] | None = None
    """Those of the fleet's regconf.yaml and of the App, where they read other paths."""
    declared_at: Position = field(default=Position(""))

    @property
    def times(self) -> int:
        """How often it takes its Secret in."""
        return sum(self._is_wanted(entry) for entry in self.entries)

    def _is_wanted(self, entry: Entry) -> bool:
        return self._has_its_name(entry) and not (
            entry.kind != "secret"
            or entry.problem
            or (self.wanted and entry.namespace != self.wanted.namespace)
        )

    def _has_its_name(self, entry: Entry) -> bool:
        return self.wanted is not None and entry.name == self.wanted.name

    @property
    def beside(self) -> tuple[Entry, ...]:
        """Entries that are not its Secret, but have its name or are another one of the fleet."""
        return tuple(
            entry
            for entry in self.entries
            if not self._is_wanted(entry)
            and (
                self._has_its_name(entry)
                or (entry.kind == "secret" and entry.name in self.registry_secrets)
            )
        )


@dataclass(frozen=True, slots=True)
class Applied:
    """A Secret as one Flux Kustomization applies it; `by` is empty where none is in Git."""

    name: str
    namespace: str
    by: str
    at: Position
    decryption: Literal["key", "no key", "none", "disabled", "not needed"]
    substituted: bool
    """Whether Flux fills in variables in its decrypted text."""
    held_back: tuple[str, ...] = ()
    """What keeps Flux from applying it, or from changing it later."""
    elsewhere: bool = False
    """Whether it is applied to another cluster."""

    @property
    def fits(self) -> tuple[str, str]:
        """Its name and namespace."""
        return self.name, self.namespace


@dataclass(frozen=True, slots=True)
class RegistrySecret:
    """A Secret that clusters of an MC take in, and what the MC's Flux applies of it.

    `path` is the file that `regconf regenerate` writes, at its beginning.
    """

    mc: str
    reference: Reference
    at: Position
    exists: bool
    applied: tuple[Applied, ...]

    @property
    def in_place(self) -> tuple[Applied, ...]:
        """Where it has the name and the namespace by which it is taken in."""
        wanted = (self.reference.name, self.reference.namespace)
        return tuple(one for one in self.applied if one.fits == wanted and not one.elsewhere)
