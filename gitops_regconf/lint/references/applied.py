"""What the Flux of each MC applies, as far as it stands in one repository."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from gitops_regconf.errors import CannotCheck, RegconfError
from gitops_regconf.fleet.app import App, Apps
from gitops_regconf.fleet.kustomize import KUSTOMIZATION_FILES
from gitops_regconf.lint.references.builds import Builds
from gitops_regconf.lint.references.flux import (
    FluxKustomization,
    in_this_repository,
    is_flux_kustomization,
    written,
    yaml_files,
)
from gitops_regconf.source.files import Files
from gitops_regconf.source.position import Position

# A Flux Kustomization may apply others, which apply others.
MAX_ROUNDS: Final = 8


@dataclass(frozen=True, slots=True)
class AppliedBy:
    """The objects that come from one directory, their variables filled in.

    `flux` is None where no Flux Kustomization in this repository builds it, and `mc` where
    it cannot be told for which MC it is built. `objects` is None where they cannot be told.
    """

    flux: FluxKustomization | None
    directory: str
    mc: str | None
    built: Apps | None

    @property
    def objects(self) -> Apps:
        """The objects, as far as they can be told."""
        return self.built or ()


def applied(
    repository: Files,
    secret_name: str,
    directories: Sequence[tuple[str, str]],
    errors: list[RegconfError],
) -> list[AppliedBy]:
    """What is applied from a repository, and in `errors` what of it cannot be told.

    `directories` are built in any case, each for an MC.
    """
    builds = Builds(repository, secret_name)
    found = _flux_kustomizations(repository, builds, errors)
    result: list[AppliedBy] = []
    for flux, objects in _built(builds, [(flux.directory, flux) for flux in found], errors):
        if flux:
            filled = None if objects is None else tuple(_filled_in(flux, objects))
            result.append(AppliedBy(flux, flux.directory, flux.management_cluster, filled))
    mc_of = dict(directories)
    by_flux = {flux.directory for flux in found}
    rest = [one for one in mc_of if one not in by_flux]
    if not found:
        rest += [one for one in _outermost(repository) if one not in mc_of]
    for directory in rest:
        for _, objects in _built(builds, [(directory, None)], errors):
            result.append(AppliedBy(None, directory, mc_of.get(directory), objects))
    return result


def _filled_in(flux: FluxKustomization, objects: Apps) -> Iterator[App]:
    return (replace(one, data=flux.filled_in(one.data)) for one in objects)


def _built(
    builds: Builds,
    wanted: Sequence[tuple[str, FluxKustomization | None]],
    errors: list[RegconfError],
) -> Iterator[tuple[FluxKustomization | None, Apps | None]]:
    for (_, flux), built in zip(wanted, builds.of(wanted), strict=True):
        if not isinstance(built, RegconfError):
            yield flux, built
            continue
        yield flux, None
        if str(built) not in map(str, errors):
            errors.append(built)


def _flux_kustomizations(
    repository: Files, builds: Builds, errors: list[RegconfError]
) -> list[FluxKustomization]:
    """All that there are, as they are applied: those that others build, as they build them."""
    first = list(written(repository, errors))
    current = first
    for _ in range(MAX_ROUNDS):
        here = [one for one in in_this_repository(current, repository) if _is_here(one, repository)]
        as_built: list[FluxKustomization] = []
        for flux, objects in _built(builds, [(one.directory, one) for one in here], []):
            as_built += _in_objects(flux, objects or ())
        following = list(_merged(first, as_built))
        if following == current:
            break
        current = following
    else:
        at = current[0].at
        errors.append(CannotCheck("Flux Kustomizations apply each other without end", at=at))
    for one in in_this_repository(current, repository):
        if one not in here:
            problem = f"the directory {one.spec.get('path')} is not here"
            errors.append(CannotCheck(problem, at=one.at))
    return here


def _is_here(one: FluxKustomization, repository: Files) -> bool:
    leads_out = one.directory == ".." or one.directory.startswith("../")
    return not leads_out and repository.is_directory(one.directory)


def _in_objects(flux: FluxKustomization | None, objects: Apps) -> Iterator[FluxKustomization]:
    for one in objects:
        if is_flux_kustomization(one.data):
            data = flux.filled_in(one.data) if flux else one.data
            yield FluxKustomization(data, one.at)


def _merged(
    first: Sequence[FluxKustomization], as_built: Sequence[FluxKustomization]
) -> Iterator[FluxKustomization]:
    """Those built, and those written that nothing here builds."""
    places = {one.at for one in as_built}
    # Where only kustomize could build them, their places are not known.
    of_first = {one.at for one in first}
    known = {(one.name, one.directory) for one in as_built if one.at not in of_first}
    for one in first:
        if one.at not in places and (one.name, one.directory) not in known:
            yield one
    seen: dict[Position, list[FluxKustomization]] = {}
    for one in as_built:
        of_place = seen.setdefault(one.at, [])
        if not one.is_incomplete and one not in of_place:
            of_place.append(one)
            yield one


def _outermost(repository: Files) -> Iterator[str]:
    """In a repository without Flux Kustomizations: the directories that no other one includes."""
    found: list[str] = []
    included: set[str] = set()
    for path in _kustomizations(repository):
        directory = posixpath.dirname(path)
        try:
            data = repository.document(path).data
        except RegconfError:
            found.append(directory)  # building it says what is wrong
            continue
        if not isinstance(data, dict):
            continue
        listed = data.get("resources")
        for entry in listed if isinstance(listed, list) else ():
            included.add(posixpath.normpath(posixpath.join(directory, str(entry))))
        if data.get("kind") != "Component":
            found.append(directory)
    yield from (directory for directory in found if directory not in included)


def _kustomizations(repository: Files) -> Iterable[str]:
    return (
        path
        for path in yaml_files(repository, with_names=KUSTOMIZATION_FILES)
        if posixpath.basename(path) in KUSTOMIZATION_FILES
    )


def place_of(by: AppliedBy) -> Position:
    """Where what applies something is written."""
    return by.flux.at if by.flux else Position(by.directory)
