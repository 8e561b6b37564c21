"""Merging contributions: one test for each sentence of the design's rules."""

from __future__ import annotations

import pytest

from gitops_regconf.errors import InvalidInput
from gitops_regconf.registries.model import Cache, Contribution, Entry, ResolvedCluster
from gitops_regconf.registries.read import contribution
from gitops_regconf.registries.resolve import resolve
from gitops_regconf.source.documents import document
from gitops_regconf.source.position import Position

PLATFORM = "docker.io: [{endpoint: hub, account: team}, {endpoint: acr}]"


def read(registries: str, name: str = "wc") -> Contribution:
    return contribution(document(f"containerRegistries: {{{registries}}}\n", name), (), name)


def merged(*layers: str) -> ResolvedCluster:
    return resolve(read(text, f"layer{index}") for index, text in enumerate(layers))


def hosts(*layers: str) -> list[tuple[str, str | None]]:
    return [(entry.endpoint, entry.account) for entry in merged(*layers).registries["docker.io"]]


def error(*layers: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        merged(*layers)
    return caught.value


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("before: [{endpoint: m}]", ["m", "hub", "acr"]),
        ("after: [{endpoint: m}]", ["hub", "acr", "m"]),
        ("before: [{endpoint: m}], after: [{endpoint: n}]", ["m", "hub", "acr", "n"]),
        ("instead: [{endpoint: m}]", ["m"]),
        ("after: [{endpoint: m, account: own}]", ["hub", "acr", "m"]),
        ("before: [{endpoint: acr, insecure: true}]", ["hub", "acr"]),
    ],
)
def test_before_after_and_instead_say_what_becomes_of_lower_layers(
    change: str, expected: list[str]
) -> None:
    assert [host for host, _ in hosts(PLATFORM, f"docker.io: {{{change}}}")] == expected


def test_a_plain_list_defines_a_registry_that_no_lower_layer_has() -> None:
    result = merged(PLATFORM, "ghcr.io: [{endpoint: ghcr.io, account: own}]")
    assert list(result.registries) == ["docker.io", "ghcr.io"]
    assert set(result.accounts()) == {"team", "own"}


@pytest.mark.parametrize("change", ["before", "after", "instead"])
def test_a_change_to_a_registry_that_nobody_has_defines_it(change: str) -> None:
    assert hosts(f"docker.io: {{{change}: [{{endpoint: m}}]}}") == [("m", None)]


def test_a_plain_list_for_a_registry_that_is_there_is_an_error_that_explains_this() -> None:
    refused = error(PLATFORM, "docker.io: [{endpoint: m}]")
    assert refused.at == Position("layer1", 1, 23)
    for word in ("before", "after", "instead"):
        assert f"`{word}:`" in (refused.mend or "")


@pytest.mark.parametrize("change", ["before", "after"])
@pytest.mark.parametrize("account", ["", ", account: team"])
def test_an_endpoint_that_is_there_is_replaced_in_its_place_and_keeps_its_account(
    change: str, account: str
) -> None:
    text = f"docker.io: {{{change}: [{{endpoint: hub, skipVerify: true{account}}}]}}"
    first = merged(PLATFORM, text).registries["docker.io"][0]
    assert (first.endpoint, first.account, first.flags) == ("hub", "team", (("skipVerify", True),))
    assert first.decided_at.path == "layer1"


@pytest.mark.parametrize(
    ("lower", "upper", "optional"),
    [
        ("", ", account: team, optional: true", False),
        ("", "", False),
        (", optional: true", ", account: team", False),
        (", optional: true", ", account: team, optional: true", True),
        (", optional: true", "", True),
    ],
)
def test_an_account_that_is_needed_cannot_be_made_optional(
    lower: str, upper: str, optional: bool
) -> None:
    layers = (
        f"docker.io: [{{endpoint: hub, account: team{lower}}}]",
        f"docker.io: {{after: [{{endpoint: hub{upper}}}]}}",
    )
    assert merged(*layers).registries["docker.io"] == (Entry("hub", "team", optional),)


def test_another_account_at_an_endpoint_that_is_there_points_to_instead() -> None:
    refused = error(PLATFORM, "docker.io: {after: [{endpoint: hub, account: own}]}")
    assert refused.at == Position("layer1", 1, 43)
    assert "`instead:`" in (refused.mend or "")


@pytest.mark.parametrize(
    "change",
    [
        "docker.io: {after: [{endpoint: m, account: team}]}",
        "docker.io: {before: [{endpoint: m, account: team}]}",
        "docker.io: {before: [{endpoint: acr, account: team}]}",
        "ghcr.io: [{endpoint: m, account: team}]",
        "ghcr.io: {after: [{endpoint: m, account: team}]}",
    ],
)
def test_the_platforms_account_is_never_sent_to_an_endpoint_of_ones_own(change: str) -> None:
    refused = error(PLATFORM, change)
    assert "belongs to the platform" in refused.message
    assert refused.at
    assert (refused.at.path, refused.at.line) == ("layer1", 1)
    assert "`instead:`" in (refused.mend or "")


def test_the_platforms_account_may_go_where_the_platform_sends_it() -> None:
    result = merged(PLATFORM, "quay.io: [{endpoint: hub, account: team}]")
    assert result.registries["quay.io"] == (Entry("hub", "team"),)


def test_an_optional_account_is_nobodys_and_may_be_named_elsewhere() -> None:
    lower = "docker.io: [{endpoint: hub, account: theirs, optional: true}]"
    assert hosts(lower, "docker.io: {after: [{endpoint: m, account: theirs}]}") == [
        ("hub", "theirs"),
        ("m", "theirs"),
    ]


def test_instead_alone_drops_a_platform_account_and_is_noted() -> None:
    result = merged(PLATFORM, "docker.io: {instead: [{endpoint: m, account: own}]}")
    (note,) = result.notes
    assert "'team'" in note.message
    assert note.at.path == "layer1"
    assert set(result.accounts()) == {"own"}


@pytest.mark.parametrize(
    ("lower", "upper"),
    [
        (PLATFORM, "instead: [{endpoint: hub, account: team}]"),
        ("docker.io: [{endpoint: hub}]", "instead: [{endpoint: m}]"),
        ("docker.io: [{endpoint: h, account: o, optional: true}]", "instead: [{endpoint: m}]"),
    ],
)
def test_instead_that_drops_no_platform_account_is_not_noted(lower: str, upper: str) -> None:
    assert merged(lower, f"docker.io: {{{upper}}}").notes == ()


def test_an_account_that_is_needed_anywhere_is_not_optional() -> None:
    result = merged(
        "a.io: [{endpoint: a, account: x, optional: true}], b.io: [{endpoint: b, account: x}]"
    )
    assert result.accounts()["x"].optional is False


@pytest.mark.parametrize("change", ["[{endpoint: m}, {endpoint: m}]"])
def test_an_endpoint_twice_in_one_list_is_refused(change: str) -> None:
    with pytest.raises(InvalidInput, match="twice") as caught:
        read(f"docker.io: {change}")
    assert caught.value.at == Position("wc", 1, 50)


def test_an_endpoint_before_and_after_is_refused() -> None:
    with pytest.raises(InvalidInput, match="twice"):
        read("docker.io: {before: [{endpoint: m}], after: [{endpoint: m}]}")


LOW, HIGH = Cache(True, 80, ("a",)), Cache(None, 90, ("b", "c"))


@pytest.mark.parametrize(
    ("lower", "upper", "expected"),
    [
        (LOW, HIGH, Cache(True, 90, ("b", "c"))),
        (LOW, Cache(mirrored_registries=()), Cache(True, 80, ())),
        (LOW, Cache(enabled=False), Cache(False, 80, ("a",))),
        (LOW, None, LOW),
        (None, HIGH, HIGH),
    ],
)
def test_of_a_cache_each_field_is_merged_and_mirrored_registries_are_replaced(
    lower: Cache | None, upper: Cache | None, expected: Cache
) -> None:
    result = resolve([Contribution("l", {}, lower, lower), Contribution("u", {}, upper, upper)])
    assert result.local_cache == result.management_cluster_cache == expected


def test_the_order_of_keys_decides_nothing() -> None:
    one, other = "a.io: [{endpoint: a}]", "b.io: [{endpoint: b}]"
    assert merged(f"{one}, {other}") == merged(f"{other}, {one}")


def test_no_contribution_gives_nothing() -> None:
    assert resolve([]) == ResolvedCluster({})


def test_notes_are_in_the_order_of_registries_whatever_that_of_keys_is() -> None:
    lower = "a.io: [{endpoint: a, account: of-a}], b.io: [{endpoint: b, account: of-b}]"
    one, other = "a.io: {instead: [{endpoint: m}]}", "b.io: {instead: [{endpoint: m}]}"
    for upper in (f"{one}, {other}", f"{other}, {one}"):
        messages = [note.message for note in merged(lower, upper).notes]
        assert ["of-a" in message for message in messages] == [True, False]
