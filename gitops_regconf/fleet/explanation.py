"""The way of a pull in a cluster, for each possibility that Git leaves open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, product

from gitops_regconf.errors import InvalidInput
from gitops_regconf.fleet.view import ChartVersion, ClusterView
from gitops_regconf.registries import releases
from gitops_regconf.registries.challenges import (
    HEADER_REACHES_TOKEN_SERVICE,
    Containerd,
    Effect,
    effect,
)
from gitops_regconf.registries.image import Image
from gitops_regconf.registries.model import Note
from gitops_regconf.registries.proxies import Proxies, proxies
from gitops_regconf.registries.pull import Circumstances, Pull, pull
from gitops_regconf.source.position import Position

_VERSION = re.compile(r"(\d{1,9})\.(\d{1,9})(?:\.\d+)?", re.ASCII)
_BEFORE = (2, 0)


@dataclass(frozen=True, slots=True)
class Alternative:
    """What a pull is in one of the cases that are possible."""

    when: str
    pull: Pull


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer: one way where all possibilities agree, else one for each as well.

    With alternatives, `pull` has what they have in common where they ask the
    same hosts, and the newest possibility where they do not.
    """

    image: Image
    view: ClusterView
    pull: Pull
    alternatives: tuple[Alternative, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """One combination of what is possible."""

    version: ChartVersion
    kind: str
    containerd: str
    pull: Pull


def explain(view: ClusterView, image: Image, containerd: str | None = None) -> Explanation:
    """What the nodes of a cluster do to pull an image. Raises RegconfError.

    `containerd` is the version to assume in place of what regconf.yaml says.
    """
    cases = list(_cases(view, image, containerd or view.containerd))
    notes = (*view.notes, *_containerd_notes(view, containerd), *view.resolved.notes)
    alternatives = _alternatives(cases)
    if len(alternatives) == 1:
        return Explanation(image, view, alternatives[0].pull, (), notes)
    return Explanation(image, view, _common(alternatives), alternatives, notes)


def effects(view: ClusterView) -> dict[tuple[str, Position], list[Effect]]:
    """The effect of credentials by endpoint and position, in every possible case."""
    found: dict[tuple[str, Position], list[Effect]] = {}
    for version in view.versions:
        for node in view.nodes(version).values():
            logins = dict(node.logins)
            for host in chain.from_iterable(node.registries.values()):
                login = host.login or logins.get(host.endpoint)
                if login is None:
                    continue
                there = found.setdefault((host.endpoint, host.at), [])
                for generation in containerd_versions(view.containerd).values():
                    there.append(effect(host.endpoint, login, node.writes, generation))
    return found


def containerd_versions(text: str | None) -> dict[str, Containerd]:
    """The generations of containerd to answer for, each with what to call it."""
    if text is None:
        return {
            "containerd before 2.1": _BEFORE,
            "containerd 2.1 or later": HEADER_REACHES_TOKEN_SERVICE,
        }
    found = _VERSION.fullmatch(text.removeprefix("v"))
    if not found:
        raise InvalidInput(f"{text!r} is no version of containerd", mend="Write it like 2.1.")
    return {f"containerd {text}": (int(found[1]), int(found[2]))}


def _cases(view: ClusterView, image: Image, containerd: str | None) -> Iterator[_Case]:
    for version in view.versions:
        values = view.values(version)
        for kind, node in view.nodes(version).items():
            reads = node.rendering.reads
            settings = proxies(values, reads) if reads else Proxies()
            for name, generation in containerd_versions(containerd).items():
                circumstances = Circumstances(generation, settings, str(version), view.mc.accounts)
                yield _Case(version, kind, name, pull(node, image, circumstances))


def _alternatives(cases: Sequence[_Case]) -> tuple[Alternative, ...]:
    """The cases that differ, named by what makes them differ."""
    names = [
        {"version": str(case.version), "kind": case.kind, "containerd": case.containerd}
        for case in cases
    ]
    telling = [key for key in names[0] if _tells(key, names, cases)] if names else []
    found: dict[Pull, list[str]] = {}
    for case, name in zip(cases, names, strict=True):
        when = ", ".join(name[key] for key in telling)
        whens = found.setdefault(case.pull, [])
        if when not in whens:
            whens.append(when)
    return tuple(Alternative(" or ".join(whens), way) for way, whens in found.items())


def _tells(key: str, names: Sequence[dict[str, str]], cases: Sequence[_Case]) -> bool:
    """Whether cases that only differ in `key` differ in their pull."""
    for (one, of_one), (other, of_other) in product(zip(names, cases, strict=True), repeat=2):
        same = all(one[name] == other[name] for name in one if name != key)
        if same and of_one.pull != of_other.pull:
            return True
    return False


def _common(alternatives: Sequence[Alternative]) -> Pull:
    pulls = [alternative.pull for alternative in alternatives]
    ways = {tuple((host.url, host.account) for host in way.hosts) for way in pulls}
    if len(ways) > 1 or any(way.broken for way in pulls):
        return pulls[-1]
    hosts = []
    for same in zip(*(way.hosts for way in pulls), strict=True):
        host = same[-1]
        if len({one.effective for one in same}) > 1:
            host = replace(host, effective=None, why="depends on what is not known: see below")
        hosts.append(host)
    return Pull(tuple(hosts))


def _containerd_notes(view: ClusterView, containerd: str | None) -> Iterator[Note]:
    if containerd or view.containerd:
        return
    certain = [version for version in view.versions if version.certain]
    release = releases.shipping(view.provider, certain[0].version) if certain else None
    hint = ""
    if release and release.flatcar_containerd:
        hint = (
            f" (Flatcar {release.flatcar} of release {release.name} ships "
            f"{release.flatcar_containerd}, but node images may carry another one)"
        )
    yield Note(f"the version of containerd is not known{hint}: set `containerd:`", view.at)
