from __future__ import annotations

import hashlib
from typing import Any

import pytest

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops.gotypes import Comment, Timestamp, Value
from gitops_regconf.sops.selector import Selector
from gitops_regconf.sops.tree import MAC_ONLY_ENCRYPTED, Path, aad, mac_of, map_leaves, same

DATA = Selector("encrypted_regex", "^data$")
TREE = {"a": "x", "data": {"b": [1, {"c": True}, None, []], "d": {}, "e": ""}, "f": 1.5}


def test_aad_has_no_list_indices() -> None:
    assert aad(("data", "b")) == "data:b:"
    assert aad(()) == ":"


def test_leaves_are_visited_in_order_with_their_path() -> None:
    seen: list[tuple[str, Value, Path]] = []

    def covered(value: Value, path: Path) -> object:
        seen.append(("covered", value, path))
        return "gone"

    def clear(value: Value, path: Path) -> Value:
        seen.append(("clear", value, path))
        return value

    walked = map_leaves(TREE, DATA, covered=covered, clear=clear)
    assert seen == [
        ("clear", "x", ("a",)),
        ("covered", 1, ("data", "b")),
        ("covered", True, ("data", "b", "c")),
        ("covered", "", ("data", "e")),
        ("clear", 1.5, ("f",)),
    ]
    assert walked["data"]["b"] == ["gone", {"c": "gone"}, None, []]


def test_mac_is_sha512_over_the_leaves() -> None:
    every = hashlib.sha512(b"x" + b"1" + b"True" + b"1.5").hexdigest().upper()
    assert mac_of([TREE], DATA, only_encrypted=False) == every
    only = hashlib.sha512(MAC_ONLY_ENCRYPTED + b"1True").hexdigest().upper()
    assert mac_of([TREE], DATA, only_encrypted=True) == only
    assert hashlib.sha256(b"sops").digest() == MAC_ONLY_ENCRYPTED


def test_keys_must_be_strings() -> None:
    with pytest.raises(InvalidInput):
        mac_of([{1: "x"}], DATA, only_encrypted=False)  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (1, True),
        (1, 1.0),
        ("1", 1),
        (None, ""),
        ([], {}),
        (["a"], ["a", "b"]),
        ("2020-01-01T00:00:00Z", Timestamp("2020-01-01T00:00:00Z")),
        ("x", Comment("x")),
    ],
)
def test_what_differs_for_sops_is_not_the_same(one: Any, other: Any) -> None:
    assert not same(one, other)
    assert same(one, one)
