"""Documents to a Fleet: what its files say, checked, with nothing decided yet."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from gitops_regconf import sops
from gitops_regconf.errors import InvalidInput, RegconfError
from gitops_regconf.fleet import layout
from gitops_regconf.fleet.accounts import load_accounts
from gitops_regconf.fleet.model import Fleet, Layer, ManagementCluster, Output, WorkloadCluster
from gitops_regconf.fleet.names import check_name
from gitops_regconf.fleet.validate import validate
from gitops_regconf.registries.model import Contribution
from gitops_regconf.registries.profiles import built_in
from gitops_regconf.registries.read import contribution
from gitops_regconf.source.documents import Document
from gitops_regconf.source.files import Files
from gitops_regconf.source.position import Position

_MISNAMED = "regconf.yml"


def load(source: Files, names: Collection[str] | None = None) -> tuple[Fleet, list[RegconfError]]:
    """The fleet without the MCs that cannot be read, and the errors of those.

    With `names`, only those MCs are loaded; of the others only the recipients,
    which concern the whole fleet. Raises RegconfError where the fleet's own
    file cannot be read, or a name is unknown.
    """
    document = _fleet_document(source)
    data = validate(document, "Fleet")
    own = data.get("profiles") or {}
    profiles = built_in() | {
        name: contribution(document, ("profiles", name), f"profile {name}") for name in own
    }
    _check_profile(document, ("profile",), profiles)
    management_clusters: list[ManagementCluster] = []
    errors: list[RegconfError] = []
    every = names_of_management_clusters(source)
    _check_known(names or (), every)
    of_clusters: dict[str, tuple[str, ...]] = {}
    for name in every:
        try:
            if names is not None and name not in names:
                of_clusters[name] = _recipients_alone(source, name)
                continue
            mc = _management_cluster(source, name, profiles)
            management_clusters.append(mc)
            of_clusters[name] = mc.recipients
        except RegconfError as error:
            errors.append(error)
    fleet = Fleet(
        name=data["metadata"]["name"],
        recipients=recipients(document),
        recipients_of=of_clusters,
        profile=data["profile"],
        profiles=profiles,
        layers=tuple(_layers(document, data.get("layers") or [], profiles)),
        output=_output(data.get("output") or {}),
        management_clusters=tuple(management_clusters),
        at=document.at(),
    )
    return fleet, errors


def names_of_management_clusters(source: Files) -> list[str]:
    """The names of the MCs that have a regconf.yaml, sorted.

    Raises InvalidInput at a directory that has what belongs to an MC but no
    regconf.yaml: left out, it would never be checked or re-encrypted again.
    """
    directories = tuple(source.subdirectories(layout.MANAGEMENT_CLUSTERS))
    for name in source.names(layout.MANAGEMENT_CLUSTERS):
        path = layout.management_cluster(name)
        if name not in directories and source.is_directory(path):
            raise InvalidInput(
                "this management cluster is a symbolic link, and links are not followed",
                at=Position(path),
                mend="Replace the link by the directory itself.",
            )
    return [
        name
        for name in directories
        if _is_management_cluster(source, layout.management_cluster(name))
    ]


def _is_management_cluster(source: Files, directory: str) -> bool:
    names = source.names(directory)
    if layout.FLEET_FILE in names:
        return True
    left = {_MISNAMED, layout.COMPONENT, "registry-credentials"} & set(names)
    if left:
        raise InvalidInput(
            f"this management cluster has no {layout.FLEET_FILE}, but {', '.join(sorted(left))}",
            at=Position(directory),
            mend="Restore the file from Git, or remove the whole directory.",
        )
    return False


def recipients(document: Document) -> tuple[str, ...]:
    """The recipients that a `regconf.yaml` names, checked, in canonical order.

    Those of other kinds than age have the kind before them, as `pgp:…`. Raises InvalidInput.
    """
    found = []
    for kind, listed in document.data["recipients"].items():
        for index, text in enumerate(listed):
            recipient = text if kind == "age" else f"{kind}:{text}"
            try:
                sops.check_recipient(recipient)
            except RegconfError as error:
                at = document.at("recipients", kind, index)
                raise InvalidInput(error.message, at=at, mend=error.mend) from None
            found.append(recipient)
    return tuple(sorted(found))


def _fleet_document(source: Files) -> Document:
    if source.text(layout.FLEET_FILE) is None:
        raise InvalidInput(
            f"{source} is no fleet: it has no {layout.FLEET_FILE}",
            mend="Go into a fleet, name one with --fleet DIR, or make one with `regconf init`.",
        )
    return source.document(layout.FLEET_FILE)


def _check_profile(
    document: Document, path: tuple[str | int, ...], profiles: Collection[str]
) -> str | None:
    data: Any = document.data
    for step in path:
        data = data.get(step) if isinstance(data, dict) else data[step]
    name: str | None = data
    if name is None or name in profiles:
        return name
    close = difflib.get_close_matches(name, profiles, n=1)
    raise InvalidInput(
        f"there is no profile {name!r}",
        at=document.at(*path),
        mend=f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(sorted(profiles))}.",
    )


def _layers(
    document: Document, layers: list[dict[str, Any]], profiles: Collection[str]
) -> Iterator[Layer]:
    for index, layer in enumerate(layers):
        patterns = dict(layer["match"])
        labels = patterns.pop("labels", {})
        yield Layer(
            patterns,
            labels,
            _check_profile(document, ("layers", index, "profile"), profiles),
            contribution(document, ("layers", index), f"layer {index + 1}"),
            document.at("layers", index),
        )


def _output(data: Mapping[str, Any]) -> Output:
    default = Output()
    return Output(
        data.get("secretName", default.secret_name),
        data.get("namespace", default.namespace),
        data.get("key", default.key),
        data.get("priority", default.priority),
    )


def _check_known(names: Collection[str], every: Collection[str]) -> None:
    for name in names:
        if name not in every:
            close = difflib.get_close_matches(name, every, n=1)
            raise InvalidInput(
                f"there is no management cluster {name!r}",
                mend=f"Did you mean {close[0]!r}?" if close else "Make it with `regconf add-mc`.",
            )


def _recipients_alone(source: Files, name: str) -> tuple[str, ...]:
    """The recipients of an MC whose other settings do not matter, checked only as far as needed."""
    document = source.document(f"{layout.management_cluster(name)}/{layout.FLEET_FILE}")
    try:
        return recipients(document)
    except (AttributeError, KeyError, TypeError):
        validate(document, "ManagementCluster")
        raise


def _management_cluster(source: Files, name: str, profiles: Collection[str]) -> ManagementCluster:
    directory = layout.management_cluster(name)
    document = source.document(f"{directory}/{layout.FLEET_FILE}")
    data = validate(document, "ManagementCluster")
    _check_own_name(document, name)
    return ManagementCluster(
        name=name,
        provider=data["provider"],
        region=data["region"],
        base_domain=data["baseDomain"],
        recipients=recipients(document),
        contribution=contribution(document, (), f"management cluster {name}"),
        profile=_check_profile(document, ("profile",), profiles),
        labels=data["metadata"].get("labels") or {},
        workload_clusters=tuple(_workload_clusters(source, name)),
        accounts=load_accounts(source, name),
        containerd=data.get("containerd"),
        at=document.at(),
    )


def _workload_clusters(source: Files, mc: str) -> Iterator[WorkloadCluster]:
    organizations = f"{layout.management_cluster(mc)}/organizations"
    seen: dict[str, str] = {}
    for organization in source.subdirectories(organizations):
        for name in source.subdirectories(layout.workload_clusters(mc, organization)):
            directory = layout.workload_cluster(mc, organization, name)
            yield _workload_cluster(source, directory, organization, seen, external=False)
    for name in source.subdirectories(f"{layout.management_cluster(mc)}/workload-clusters"):
        directory = layout.external_workload_cluster(mc, name)
        yield _workload_cluster(source, directory, None, seen, external=True)


def _workload_cluster(
    source: Files,
    directory: str,
    organization: str | None,
    seen: dict[str, str],
    *,
    external: bool,
) -> WorkloadCluster:
    name = directory.rsplit("/", 1)[1]
    if name in seen:
        raise InvalidInput(
            f"there are two workload clusters {name!r}, and their Secrets would have one name",
            at=Position(directory),
            mend=f"The other one is {seen[name]}.",
        )
    seen[name] = directory
    path = f"{directory}/{layout.FLEET_FILE}"
    if _MISNAMED in source.names(directory):
        raise InvalidInput(
            f"this file would have no effect: it must be called {layout.FLEET_FILE}",
            at=Position(f"{directory}/{_MISNAMED}"),
        )
    if source.text(path) is None:
        nothing = Contribution(f"workload cluster {name}")
        return WorkloadCluster(
            name, organization or "", directory, nothing, declared=False, at=Position(path)
        )
    document = source.document(path)
    data = validate(document, "WorkloadCluster")
    _check_own_name(document, name)
    named = data["metadata"].get("organization")
    if organization and named and named != organization:
        raise InvalidInput(
            f"the organization is {named!r} here and {organization!r} by the directory",
            at=document.at("metadata", "organization"),
        )
    if external and not data.get("chartVersion"):
        raise InvalidInput(
            "a workload cluster whose manifests live elsewhere must say its chart's version",
            at=document.at(),
            mend="Add `chartVersion: 7.7.3` (its own).",
        )
    return WorkloadCluster(
        name=name,
        organization=organization or named or "",
        directory=directory,
        contribution=contribution(document, (), f"workload cluster {name}"),
        provider=data.get("provider"),
        labels=data["metadata"].get("labels") or {},
        external=external,
        chart_version=data.get("chartVersion"),
        containerd=data.get("containerd"),
        at=document.at(),
    )


def _check_own_name(document: Document, directory_name: str) -> None:
    name = document.data["metadata"]["name"]
    if name != directory_name:
        raise InvalidInput(
            f"the name is {name!r} here and {directory_name!r} by the directory",
            at=document.at("metadata", "name"),
            mend="Give both the same name.",
        )
    try:
        check_name(name, "a cluster")
    except InvalidInput as error:
        at = document.at("metadata", "name")
        raise InvalidInput(error.message, at=at, mend=error.mend) from None
