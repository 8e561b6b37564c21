"""The fleet as data. Nothing here reads, writes or decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gitops_regconf.fleet.layout import SECRET_NAME
from gitops_regconf.registries.model import Contribution
from gitops_regconf.source.position import Position

if TYPE_CHECKING:
    from gitops_regconf.sops import SopsFile

# The design's defaults. Name and namespace are what the cluster charts' own
# tooling refers to; 25 is the App CRD's default priority.


@dataclass(frozen=True, slots=True)
class Output:
    """How the Secret and the reference to it are named."""

    secret_name: str = SECRET_NAME
    namespace: str = "default"
    key: str = "values.yaml"
    priority: int = 25


@dataclass(frozen=True, slots=True)
class Account:
    """One stored account: its clear fields, and its encrypted leaves as they stand in the file."""

    name: str
    path: str
    fields: tuple[str, ...]
    owner: str | None
    expires: str | None
    file: SopsFile

    def ciphertext(self, field_name: str) -> str:
        """The encrypted leaf of one field."""
        return str(self.file.tree["spec"][field_name])


@dataclass(frozen=True, slots=True)
class WorkloadCluster:
    """A WC: `directory` holds its regconf.yaml, and its manifests unless they live elsewhere."""

    name: str
    organization: str
    directory: str
    contribution: Contribution
    provider: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    external: bool = False
    declared: bool = True  # whether it has a regconf.yaml
    chart_version: str | None = None
    containerd: str | None = None
    at: Position = field(default=Position(""), compare=False)


@dataclass(frozen=True, slots=True)
class ManagementCluster:
    """An MC with its WCs and its accounts."""

    name: str
    provider: str
    region: str
    base_domain: str
    recipients: tuple[str, ...]
    contribution: Contribution
    profile: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    workload_clusters: tuple[WorkloadCluster, ...] = ()
    accounts: Mapping[str, Account] = field(default_factory=dict)
    containerd: str | None = None
    at: Position = field(default=Position(""), compare=False)


@dataclass(frozen=True, slots=True)
class Layer:
    """What applies to the clusters that match every pattern."""

    patterns: Mapping[str, str]
    labels: Mapping[str, str]
    profile: str | None
    contribution: Contribution
    at: Position = field(compare=False)


@dataclass(frozen=True, slots=True)
class Fleet:
    """A whole fleet, or the part of it that a command was asked for.

    `recipients` is the team; `recipients_of` has those of every MC by name,
    also of the ones that are not in `management_clusters`.
    """

    name: str
    recipients: tuple[str, ...]
    recipients_of: Mapping[str, tuple[str, ...]]
    profile: str
    profiles: Mapping[str, Contribution]
    layers: tuple[Layer, ...]
    output: Output
    management_clusters: tuple[ManagementCluster, ...]
    at: Position = field(compare=False)
