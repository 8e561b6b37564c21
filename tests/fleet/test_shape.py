"""A kustomization that is not one is an error with its place, never a crash."""

from __future__ import annotations

import pytest

from gitops_regconf.errors import InvalidInput
from gitops_regconf.fleet.shape import check_shape
from gitops_regconf.source.documents import document


@pytest.mark.parametrize(
    ("text", "why", "column"),
    [
        ("patches: 5\n", "patches must be a list", 10),
        ("patches: [5]\n", "patches must hold a path or a mapping", 11),
        ("patches: [[a]]\n", "patches must hold a path or a mapping", 11),
        ("patches: [{target: foo}]\n", "target must be a mapping", 20),
        ("patchesStrategicMerge: [5]\n", "must hold a path", 25),
        ("patchesJson6902: [5]\n", "must hold a mapping", 19),
        ("labels: foo\n", "labels must be a list", 9),
        ("labels: [{pairs: foo}]\n", "pairs must be a mapping", 18),
        ("commonLabels: foo\n", "commonLabels must be a mapping", 15),
        ("commonAnnotations: [a]\n", "commonAnnotations must be a mapping", 20),
        ("configMapGenerator: 5\n", "configMapGenerator must be a list", 21),
        ("configMapGenerator: [{files: 5}]\n", "files must be a list", 30),
        ("generatorOptions: foo\n", "generatorOptions must be a mapping", 19),
        ("replacements: [{targets: foo}]\n", "targets must be a list", 26),
        ("resources: {a: b}\n", "resources must be a list", 12),
    ],
)
def test_a_field_of_another_shape_is_an_error_where_it_stands(
    text: str, why: str, column: int
) -> None:
    with pytest.raises(InvalidInput, match=why) as caught:
        check_shape(document(text, "kustomization.yaml"))
    assert caught.value.at is not None
    assert (caught.value.at.line, caught.value.at.column) == (1, column)


def test_absent_and_empty_fields_are_none() -> None:
    check_shape(document("resources:\npatches: []\ncommonLabels: {}\n", "kustomization.yaml"))
