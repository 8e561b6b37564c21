"""What holds for all contributions, whatever they are."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gitops_regconf.errors import InvalidInput
from gitops_regconf.registries.expand import expanded
from gitops_regconf.registries.model import Contribution, ResolvedCluster
from gitops_regconf.registries.read import contribution
from gitops_regconf.registries.resolve import resolve
from gitops_regconf.sops import emit
from gitops_regconf.source.documents import document

Layer = dict[str, Any]
REGISTRIES = st.sampled_from(["docker.io", "gsoci.azurecr.io", "quay.io"])
HOSTS = ["hub", "acr", "mirror", "zot.{mc}.io"]
FLAGS = ("insecure", "overridePath", "skipVerify")


@st.composite
def entries(draw: st.DrawFn, hosts: Sequence[str] = HOSTS) -> list[dict[str, Any]]:
    """Endpoints, each once, some with an account, which may be optional."""
    listed: list[dict[str, Any]] = []
    for endpoint in draw(st.lists(st.sampled_from(hosts), unique=True, max_size=3)):
        entry: dict[str, Any] = {"endpoint": endpoint}
        account = draw(st.sampled_from([None, None, "team", f"of-{endpoint[:3]}"]))
        if account:
            entry["account"] = account
            if draw(st.booleans()):
                entry["optional"] = draw(st.booleans())
        for flag in draw(st.lists(st.sampled_from(FLAGS), unique=True, max_size=2)):
            entry[flag] = draw(st.booleans())
        listed.append(entry)
    return listed


@st.composite
def changes(draw: st.DrawFn, *, instead: bool) -> Any:
    kind = draw(st.sampled_from(["plain", "around", "around", *["instead"] * instead]))
    if kind == "plain":
        return draw(entries())
    if kind == "instead":
        return {"instead": draw(entries())}
    return {"before": draw(entries(HOSTS[:2])), "after": draw(entries(HOSTS[2:]))}


@st.composite
def layers(draw: st.DrawFn, *, instead: bool = True) -> Layer:
    layer: Layer = {
        "containerRegistries": draw(
            st.dictionaries(REGISTRIES, changes(instead=instead), max_size=3)
        )
    }
    for name in draw(
        st.sets(st.sampled_from(["localRegistryCache", "managementClusterRegistryCache"]))
    ):
        enabled, served = draw(st.booleans()), draw(st.lists(REGISTRIES, unique=True))
        layer[name] = {"enabled": enabled, "mirroredRegistries": served}
    return layer


MANY = st.lists(layers(), max_size=4)


def read(layer: Layer, name: str = "layer") -> Contribution:
    text = emit(layer, indent=2) if layer else "{}\n"
    return expanded(contribution(document(text, name), (), name), {"mc": "alpha"})


def outcome(contributions: Sequence[Contribution]) -> ResolvedCluster | str:
    """The result, or what is wrong: where that is may depend on the order in a file."""
    try:
        return resolve(contributions)
    except InvalidInput:
        return "refused"


def shuffled(node: Any, chance: random.Random) -> Any:
    """The same with the keys of all mappings in another order; lists keep theirs."""
    if isinstance(node, dict):
        keys = list(node)
        chance.shuffle(keys)
        return {key: shuffled(node[key], chance) for key in keys}
    if isinstance(node, list):
        return [shuffled(item, chance) for item in node]
    return node


@settings(deadline=None)
@given(MANY, st.randoms(use_true_random=False))
def test_the_order_of_keys_in_files_decides_nothing(
    files: list[Layer], chance: random.Random
) -> None:
    one = outcome([read(file) for file in files])
    other = outcome([read(shuffled(file, chance)) for file in files])
    assert one == other
    if isinstance(one, ResolvedCluster) and isinstance(other, ResolvedCluster):
        assert list(one.registries) == list(other.registries) == sorted(one.registries)
        assert [note.message for note in one.notes] == [note.message for note in other.notes]


@settings(deadline=None)
@given(MANY)
def test_the_same_contributions_give_the_same(files: list[Layer]) -> None:
    contributions = [read(file) for file in files]
    assert outcome(contributions) == outcome(contributions)
    assert outcome([read(file) for file in files]) == outcome(contributions)


def sent(resolved: ResolvedCluster) -> set[tuple[str, str, str]]:
    """Which account goes to which endpoint for which registry, but for optional ones."""
    return {
        (registry, entry.endpoint, entry.account)
        for registry, listed in resolved.registries.items()
        for entry in listed
        if entry.account and not entry.optional
    }


def resolved(files: Sequence[Layer]) -> ResolvedCluster | None:
    found = outcome([read(file) for file in files])
    return found if isinstance(found, ResolvedCluster) else None


@settings(deadline=None, max_examples=300)
@given(st.lists(layers(instead=False), min_size=1, max_size=3))
def test_without_instead_no_merge_loses_an_account_or_its_endpoint(files: list[Layer]) -> None:
    for count in range(1, len(files)):
        lower, upper = resolved(files[:count]), resolved(files)
        if lower and upper:
            assert {account for _, _, account in sent(lower)} <= set(upper.accounts())
            kept = {
                (registry, entry.endpoint, entry.account)
                for registry, listed in upper.registries.items()
                for entry in listed
            }
            assert sent(lower) <= kept
            assert upper.notes == ()


@settings(deadline=None, max_examples=300)
@given(st.lists(layers(instead=False), min_size=1, max_size=3))
def test_without_instead_a_lower_layers_account_goes_to_no_other_endpoint(
    files: list[Layer],
) -> None:
    for count in range(1, len(files)):
        lower, upper = resolved(files[:count]), resolved(files)
        if lower and upper:
            theirs = {account for _, _, account in sent(lower)}
            before = {(endpoint, account) for _, endpoint, account in sent(lower)}
            after = {(endpoint, account) for _, endpoint, account in sent(upper)}
            assert {pair for pair in after if pair[1] in theirs} == before


@settings(deadline=None)
@given(MANY)
def test_no_endpoint_is_asked_twice_for_one_registry(files: list[Layer]) -> None:
    found = resolved(files)
    for listed in (found.registries if found else {}).values():
        endpoints = [entry.endpoint for entry in listed]
        assert len(endpoints) == len(set(endpoints))
