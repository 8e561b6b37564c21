"""Variables in endpoints."""

from __future__ import annotations

import pytest

from gitops_regconf.errors import InvalidInput
from gitops_regconf.registries.expand import expanded
from gitops_regconf.registries.model import Cache, Contribution
from gitops_regconf.registries.read import contribution
from gitops_regconf.source.documents import document
from gitops_regconf.source.position import Position

OF_CLUSTER = {
    "mc": "alpha",
    "region": "eu-central-1",
    "provider": "aws",
    "baseDomain": "example.io",
}


def read(registries: str) -> Contribution:
    return contribution(document(f"containerRegistries: {{{registries}}}\n", "p"), (), "profile")


def endpoint(text: str, **variables: str) -> str:
    found = expanded(read(f'a: [{{endpoint: "{text}"}}]'), OF_CLUSTER | variables)
    (entry,) = found.registries["a"].defines or ()
    return entry.endpoint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("zot.{mc}.{baseDomain}", "zot.alpha.example.io"),
        ("zot.{region}.{baseDomain}:5000", "zot.eu-central-1.example.io:5000"),
        ("{provider}.example.io", "aws.example.io"),
        ("{mc}-{mc}.io", "alpha-alpha.io"),
        ("plain.example.io", "plain.example.io"),
        # What is no variable stays as it is, for the schema to refuse.
        ("{cluster}.example.io", "{cluster}.example.io"),
        ("{mc", "{mc"),
        ("$(mc)", "$(mc)"),
    ],
)
def test_variables_of_a_cluster_are_filled_in(text: str, expected: str) -> None:
    assert endpoint(text) == expected


@pytest.mark.parametrize("change", ["before", "after", "instead"])
def test_variables_are_filled_in_wherever_an_entry_stands(change: str) -> None:
    entry = "{endpoint: '{mc}.io', account: own, optional: true, skipVerify: true}"
    before = read(f"a: {{{change}: [{entry}, {{endpoint: b}}]}}")
    after = expanded(before, OF_CLUSTER)
    assert after == read(f"a: {{{change}: [{entry.replace('{mc}', 'alpha')}, {{endpoint: b}}]}}")
    entries = getattr(after.registries["a"], change)
    assert [one.decided_at for one in entries] == [
        one.decided_at for one in getattr(before.registries["a"], change)
    ]


def test_an_empty_instead_is_not_none_at_all() -> None:
    change = read("a: {instead: [], before: [{endpoint: '{mc}.io'}]}").registries["a"]
    assert expanded(Contribution("x", {"a": change}), OF_CLUSTER).registries["a"].instead == ()


def test_what_has_no_variables_is_left_alone() -> None:
    before = Contribution("wc", read("a: [{endpoint: a}], b: {after: []}").registries, Cache(True))
    assert expanded(before, OF_CLUSTER) == before


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{mc}.io", "Alpha"),
        ("{mc}.io", ""),
        ("{mc}.io", "a_b"),
        ("{mc}.io", "-a"),
        ("{mc}.io", "a/b"),
        ("{mc}.io", "a b"),
        ("{mc}.io", 'a"b'),
        ("{mc}.io", "a."),
        ("{mc}.io", "{region}"),
        ("a.io:{mc}", "port"),
        ("https://{mc}.io", "a"),
    ],
)
def test_what_becomes_no_host_is_an_error_at_the_entry(text: str, value: str) -> None:
    with pytest.raises(InvalidInput, match="no host") as caught:
        endpoint(text, mc=value)
    assert caught.value.at == Position("p", 1, 27)
    assert text in caught.value.message
    assert caught.value.mend
