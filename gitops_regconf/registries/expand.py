"""Variables in endpoints: `{mc}`, `{region}`, `{provider}` and `{baseDomain}` of a cluster."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from gitops_regconf.errors import InvalidInput
from gitops_regconf.registries.model import Contribution, Entry, RegistryChange

_VARIABLE = re.compile(r"{(\w+)}")
# A host with a port where it has one: what schemas/definitions.schema.json asks of endpoints.
_HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::[0-9]{1,5})?"
)


def expanded(contribution: Contribution, variables: Mapping[str, str]) -> Contribution:
    """The contribution with the variables of one cluster filled in.

    Raises InvalidInput where the result is no endpoint.
    """
    registries = {
        registry: _change(change, variables) for registry, change in contribution.registries.items()
    }
    return replace(contribution, registries=registries)


def _change(change: RegistryChange, variables: Mapping[str, str]) -> RegistryChange:
    lists = (change.defines, change.before, change.after, change.instead)
    if not any("{" in entry.endpoint for entries in lists for entry in entries or ()):
        return change
    defines, before, after, instead = (
        None if entries is None else tuple(_entry(entry, variables) for entry in entries)
        for entries in lists
    )
    return replace(change, defines=defines, before=before or (), after=after or (), instead=instead)


def _entry(entry: Entry, variables: Mapping[str, str]) -> Entry:
    endpoint = _VARIABLE.sub(lambda found: variables.get(found[1], found[0]), entry.endpoint)
    if endpoint != entry.endpoint and not _HOST.fullmatch(endpoint):
        raise InvalidInput(
            f"{entry.endpoint} becomes {endpoint!r} for this cluster, which is no host",
            at=entry.decided_at,
            mend="A host has lower-case letters, digits, dashes and dots.",
        )
    return replace(entry, endpoint=endpoint)
