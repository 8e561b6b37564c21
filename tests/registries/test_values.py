"""Merging values: what becomes of what stands below, and what decided each value."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_regconf.registries.values import (
    Decided,
    Path,
    Values,
    below,
    merged_by_app_platform,
    merged_by_helm,
    plain,
    tree,
)
from gitops_regconf.source.position import Position

# Documents, lowest first, and what they give. The library itself is asked for the same in
# tests/interop/test_merge_differential.py; so is Helm.
BY_APP_PLATFORM: list[tuple[list[dict[str, Any]], dict[str, Any]]] = [
    ([], {}),
    ([{"a": {"b": 1}}, {}], {"a": {"b": 1}}),
    ([{"a": {"b": 1}}, {"a": {"c": 2}}], {"a": {"b": 1, "c": 2}}),
    ([{"a": 1}, {"a": 2}, {"a": 3}], {"a": 3}),
    ([{"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 2, "d": 3}}}], {"a": {"b": {"c": 2, "d": 3}}}),
    # An empty mapping takes nothing away.
    ([{"a": {"b": 1}}, {"a": {}}], {"a": {"b": 1}}),
    # A list is no mapping: it is replaced as a whole.
    ([{"a": [1, 2]}, {"a": [3]}], {"a": [3]}),
    ([{"a": [{"b": 1}]}, {"a": [{"c": 2}]}], {"a": [{"c": 2}]}),
    # What is empty replaces as well.
    ([{"a": [1]}, {"a": []}], {"a": []}),
    ([{"a": {"b": 1}}, {"a": None}], {"a": None}),
    ([{"a": True}, {"a": False}], {"a": False}),
    ([{"a": 1}, {"a": 0}], {"a": 0}),
    ([{"a": "x"}, {"a": ""}], {"a": ""}),
    # A mapping and something else: the later one.
    ([{"a": {"b": 1}}, {"a": "x"}], {"a": "x"}),
    ([{"a": "x"}, {"a": {"b": 1}}], {"a": {"b": 1}}),
    ([{"a": None}, {"a": {"b": 1}}], {"a": {"b": 1}}),
    ([{"a": {"b": 1}}, {"a": None}, {"a": {"c": 2}}], {"a": {"c": 2}}),
]

# A chart's defaults, the values, and what they give.
BY_HELM: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({"a": 1}, {}, {"a": 1}),
    ({"a": 1}, {"a": 2}, {"a": 2}),
    ({"a": {"b": 1}}, {"a": {"c": 2}}, {"a": {"b": 1, "c": 2}}),
    ({"a": {"b": 1}}, {"a": {}}, {"a": {"b": 1}}),
    ({"a": [1, 2]}, {"a": []}, {"a": []}),
    # A null takes a default away, in whatever depth.
    ({"a": 1, "b": 2}, {"a": None}, {"b": 2}),
    ({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}, {"a": {"c": 2}}),
    ({"a": {"b": {"c": 1}}}, {"a": {"b": None}}, {"a": {}}),
    # Where there is none, it stays; also where the default is null itself.
    ({}, {"a": None}, {"a": None}),
    ({"a": None}, {"a": None}, {"a": None}),
    ({"a": 1}, {"a": {"b": None}}, {"a": {"b": None}}),
    ({"a": []}, {"a": {"b": 1}}, {"a": {"b": 1}}),
    ({"a": {"b": 1}}, {"a": False}, {"a": False}),
]


def values(content: dict[str, Any], name: str = "values") -> Values:
    """A document of which each part is on the line that says how deep it is."""
    return Values(name, content, lambda path: Position(name, len(path)))


@pytest.mark.parametrize(("documents", "expected"), BY_APP_PLATFORM)
def test_the_app_platform_merges_mappings_and_replaces_all_else(
    documents: list[dict[str, Any]], expected: dict[str, Any]
) -> None:
    assert plain(merged_by_app_platform(map(values, documents))) == expected


@pytest.mark.parametrize(("defaults", "given", "expected"), BY_HELM)
def test_helm_merges_values_over_defaults_and_lets_null_take_one_away(
    defaults: dict[str, Any], given: dict[str, Any], expected: dict[str, Any]
) -> None:
    # Below a key: at the top, a null also takes a null away.
    found = merged_by_helm(values({"top": defaults}), tree(values({"top": given})))
    assert plain(found) == {"top": expected}


def test_a_null_over_a_null_is_no_value_at_the_top_of_a_chart() -> None:
    assert plain(merged_by_helm(values({"a": None}), tree(values({"a": None})))) == {}


def test_each_value_knows_the_document_and_the_place_that_decided_it() -> None:
    lower = values({"a": {"b": 1, "c": 1}, "l": [1, 2]}, "lower")
    upper = values({"a": {"c": 2}, "l": [3]}, "upper")
    merged = merged_by_app_platform([lower, upper])
    assert decided(merged, "a", "b") == (1, "lower", ("a", "b"))
    assert decided(merged, "a", "c") == (2, "upper", ("a", "c"))
    found = merged["l"]
    assert isinstance(found, Decided)
    assert (found.at(), found.at(0)) == (Position("upper", 1), Position("upper", 2))


def test_a_chart_decides_what_nobody_else_does() -> None:
    defaults = values({"a": {"b": 1, "c": 1}}, "chart")
    merged = merged_by_helm(defaults, tree(values({"a": {"c": 2}}, "given")))
    assert decided(merged, "a", "b") == (1, "chart", ("a", "b"))
    assert decided(merged, "a", "c") == (2, "given", ("a", "c"))


def decided(node: dict[str, Any], *path: str) -> tuple[object, str, Path]:
    found = below(node, path[:-1])[path[-1]]
    assert isinstance(found, Decided)
    return found.value, found.source.name, found.path


def test_merging_leaves_the_documents_as_they_are() -> None:
    lower, upper = {"a": {"b": 1}}, {"a": {"b": None, "c": 2}}
    merged_by_app_platform([values(lower), values(upper)])
    merged_by_helm(values(lower), tree(values(upper)))
    assert (lower, upper) == ({"a": {"b": 1}}, {"a": {"b": None, "c": 2}})


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), {"a": {"b": {"c": 1}}, "d": None, "e": [1]}),
        (("a", "b"), {"c": 1}),
        (("a", "x"), {}),
        (("a", "b", "c"), {}),
        (("d",), {}),
        (("e",), {}),
    ],
)
def test_below_a_path_is_a_mapping_or_nothing(
    path: tuple[str, ...], expected: dict[str, Any]
) -> None:
    document = values({"a": {"b": {"c": 1}}, "d": None, "e": [1]})
    assert plain(below(tree(document), path)) == expected
