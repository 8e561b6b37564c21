from __future__ import annotations

from typing import Any

import pytest

from gitops_regconf.sops.age import Stanza
from gitops_regconf.sops.emitter import emit
from gitops_regconf.sops.errors import Malformed
from gitops_regconf.sops.layout import Layout
from gitops_regconf.sops.metadata import Metadata
from gitops_regconf.sops.metadata_reader import read_metadata
from gitops_regconf.sops.selector import DEFAULT, Selector

BLOCK: dict[str, Any] = {
    "age": [{"enc": "ARMOR\n", "recipient": "age1x"}],
    "encrypted_regex": "^data$",
    "lastmodified": "2026-01-02T03:04:05Z",
    "mac": "ENC[x]",
    "version": "3.13.3",
}
# In the order, and with the empty lists, of sops 3.7 to 3.9.
OLD_BLOCK: dict[str, Any] = {
    "kms": [],
    "gcp_kms": [],
    "azure_kv": [],
    "hc_vault": [],
    "age": [{"recipient": "age1x", "enc": "ARMOR\n"}],
    "lastmodified": "2026-01-02T03:04:05Z",
    "mac": "ENC[x]",
    "pgp": [],
    "encrypted_regex": "^data$",
    "version": "3.13.3",
}


def test_both_layouts_say_the_same() -> None:
    assert read_metadata(BLOCK) == read_metadata(OLD_BLOCK)
    assert read_metadata(BLOCK).ages == ("age1x",)


LAYOUTS = {
    Layout.SORTED: BLOCK,
    Layout.FIXED: {key: value for key, value in OLD_BLOCK.items() if value != []},
    Layout.WITH_EMPTY_LISTS: OLD_BLOCK,
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_stays(layout: Layout) -> None:
    metadata = read_metadata(LAYOUTS[layout])
    assert metadata.layout is layout
    assert emit(metadata.to_tree()) == emit(LAYOUTS[layout])


def test_the_order_within_an_entry_tells_layouts_apart_too() -> None:
    block = {key: BLOCK[key] for key in ("age", "lastmodified", "mac", "version")}
    assert read_metadata(block).layout is Layout.SORTED
    assert read_metadata({**block, "age": OLD_BLOCK["age"]}).layout is Layout.FIXED


def test_what_is_not_known_is_kept() -> None:
    pgp = [{"created_at": "2026-01-02T03:04:05Z", "enc": "x", "fp": "ABC"}]
    metadata = read_metadata(BLOCK | {"pgp": pgp, "future": 1, "quantum": [{"enc": "x"}]})
    assert metadata.names == ("age1x", "pgp:ABC")
    assert metadata.unknown == ("future", "quantum")
    assert metadata.unknown_kinds == ("quantum",)
    written = metadata.to_tree()
    assert (written["pgp"], written["future"]) == (pgp, 1)
    assert list(written) == sorted(written)


@pytest.mark.parametrize(
    ("keys", "selector"),
    [
        ({}, DEFAULT),
        ({"encrypted_suffix": "_x"}, Selector("encrypted_suffix", "_x")),
        ({"unencrypted_comment_regex": "c"}, Selector("unencrypted_comment_regex", "c")),
        ({"encrypted_suffix": "", "encrypted_regex": "r"}, Selector("encrypted_regex", "r")),
    ],
)
def test_selectors(keys: dict[str, str], selector: Selector) -> None:
    block = {key: value for key, value in BLOCK.items() if key != "encrypted_regex"}
    assert read_metadata(block | keys).selector == selector


@pytest.mark.parametrize(
    ("lastmodified", "aad"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05-02:30", "2026-01-02T03:04:05-02:30"),
    ],
)
def test_the_moment_is_authenticated_as_go_prints_it(lastmodified: str, aad: str) -> None:
    assert Metadata((), lastmodified, "m").mac_aad == aad


@pytest.mark.parametrize("version", [3.7, "3.7", "", "latest"])
def test_a_version_that_no_sops_has_is_refused(version: object) -> None:
    with pytest.raises(Malformed, match="'version'"):
        read_metadata(BLOCK | {"version": version})
    assert read_metadata(BLOCK | {"version": "3.8.0-rc.1"}).version == "3.8.0-rc.1"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"mac": None}, "'mac'"),
        ({"mac": ""}, "'mac'"),
        ({"version": ""}, "'version'"),
        ({"lastmodified": "yesterday"}, "'lastmodified'"),
        ({"lastmodified": 5}, "'lastmodified'"),
        ({"encrypted_suffix": "_x"}, "only one selector"),
        ({"encrypted_regex": ["a"]}, "'sops.encrypted_regex'"),
        ({"age": {}}, "'sops.age'"),
        ({"age": ["x"]}, "'sops.age'"),
        ({"age": [{"enc": "x"}]}, "'recipient'"),
        ({"mac_only_encrypted": "maybe"}, "mac_only_encrypted"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], named: str) -> None:
    with pytest.raises(Malformed, match=named):
        read_metadata(BLOCK | change)
    with pytest.raises(Malformed, match="mapping"):
        read_metadata([])


def test_representations_are_short() -> None:
    assert "ARMOR" not in repr(Stanza("age1x", "ARMOR"))
    assert "ENC" not in repr(read_metadata(BLOCK))
