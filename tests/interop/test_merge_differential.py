"""Values as merged here, by the library of the app platform, and by Helm."""

from __future__ import annotations

import itertools
import json
import os
import random
import subprocess
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gitops_regconf.registries.values import merged_by_app_platform, merged_by_helm, plain, tree
from tests.interop.conftest import Run, peer
from tests.registries.test_values import BY_APP_PLATFORM, BY_HELM, values

MERGES = int(os.environ.get("REGCONF_MERGES", "5000"))
DOCUMENTS = 1000
ALONE = 30  # for each of which helm is started
TOGETHER = 20  # in each example of hypothesis, which are slow

Document = dict[str, Any]

# What other values are often taken for.
ODD: tuple[Any, ...] = (None, False, 0, "", {}, [])
LEAVES = st.sampled_from([*ODD, True, 1, "text", ["a", "b"], [None], [{"a": 1}], {"a": None}])
KEYS = st.sampled_from(["a", "b", "c"])
ANY: st.SearchStrategy[Document] = st.dictionaries(
    KEYS,
    st.recursive(LEAVES, lambda below: st.dictionaries(KEYS, below, max_size=3), max_leaves=8),
    max_size=3,
)
ABSENT = object()


@cache
def documents() -> tuple[Document, ...]:
    """Many documents, made once: hypothesis takes longer than all merging."""
    found: list[Document] = []

    @settings(
        max_examples=DOCUMENTS // TOGETHER,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(ANY, min_size=TOGETHER, max_size=TOGETHER))
    def collect(examples: list[Document]) -> None:
        found.extend(examples)

    collect()
    return tuple(found)


def chosen(count: int, seed: object) -> list[Document]:
    """Some of them, by chance: the same ones for the same seed."""
    return random.Random(str(seed)).choices(documents(), k=count)  # noqa: S311


def text(content: object) -> str:
    """One text for one content: 0 and false are not the same."""
    return json.dumps(content, sort_keys=True)


def by_app_platform(layers: Sequence[Document]) -> Document:
    return plain(merged_by_app_platform(map(values, layers)))


def by_mergo(together: Sequence[Sequence[Document]]) -> list[Document]:
    done = subprocess.run(
        [peer("merge")],
        input="".join(f"{json.dumps(layers)}\n" for layers in together),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return [json.loads(line)["values"] for line in done.stdout.splitlines()]


class Helm:
    """A chart that says which values it was given."""

    def __init__(self, run: Run, chart: Path):
        self._run = run
        self._chart = chart
        (chart / "templates").mkdir(parents=True)
        (chart / "Chart.yaml").write_text("{apiVersion: v2, name: echo, version: 0.0.0}\n")
        (chart / "templates" / "values.txt").write_text("{{ .Values | toJson }}\n")

    def merged(self, defaults: Document, given: Document) -> Document:
        (self._chart / "values.yaml").write_text(json.dumps(defaults))
        done = self._run(
            *(peer("helm"), "template", "echo", self._chart, "--values", "-"),
            stdin=json.dumps(given),
        )
        assert done.returncode == 0, done.stderr
        _, found = done.stdout.split("# Source: echo/templates/values.txt\n")
        result: Document = json.loads(found)
        return result


@pytest.fixture
def helm(run: Run, tmp_path: Path) -> Helm:
    return Helm(run, tmp_path / "echo")


def by_helm(defaults: Document, given: Document) -> Document:
    return plain(merged_by_helm(values(defaults), tree(values(given))))


def numbered(many: Iterable[Any]) -> Document:
    """Many documents in one."""
    return {f"e{number}": document for number, document in enumerate(many)}


def pairs() -> tuple[Document, Document]:
    """Every kind of value over every kind, with neither where that is absent."""
    kinds = [*ODD, True, 1, "text", ["a"], {"b": 1}, {"b": None}, {"b": {"c": None}}, ABSENT]
    lower, upper = zip(*itertools.product(kinds, repeat=2), strict=True)
    return tuple(  # type: ignore[return-value]  # two
        {key: value for key, value in numbered(side).items() if value is not ABSENT}
        for side in (lower, upper)
    )


def assert_same(ours: Document, theirs: Document, what: Sequence[Document]) -> None:
    for key in {*ours, *theirs}:
        of_key = [document.get(key, "absent") for document in what]
        assert (key in ours, text(ours.get(key))) == (key in theirs, text(theirs.get(key))), of_key


def test_documents_merge_as_in_the_app_platform() -> None:
    together = [chosen(count % 5, count) for count in range(MERGES)]
    for layers, real in zip(together, by_mergo(together), strict=True):
        assert text(by_app_platform(layers)) == text(real), layers


def test_any_two_values_merge_as_in_the_app_platform() -> None:
    two = pairs()
    (real,) = by_mergo([two])
    assert_same(by_app_platform(two), real, two)


def test_the_examples_hold_for_the_app_platform() -> None:
    found = by_mergo([layers for layers, _ in BY_APP_PLATFORM])
    assert text(found) == text([expected for _, expected in BY_APP_PLATFORM])


def test_values_merge_over_defaults_as_in_helm(helm: Helm) -> None:
    defaults, given = numbered(chosen(MERGES, "lower")), numbered(chosen(MERGES, "upper"))
    assert_same(by_helm(defaults, given), helm.merged(defaults, given), (defaults, given))


def test_values_merge_over_defaults_as_in_helm_at_the_top(helm: Helm) -> None:
    for two in zip(chosen(ALONE, "defaults"), chosen(ALONE, "values"), strict=True):
        assert_same(by_helm(*two), helm.merged(*two), two)


@pytest.mark.parametrize("below", [(), ("top",), ("top", "next")])
def test_any_two_values_merge_as_in_helm(helm: Helm, below: tuple[str, ...]) -> None:
    defaults, given = pairs()
    for step in reversed(below):
        defaults, given = {step: defaults}, {step: given}
    ours, theirs = by_helm(defaults, given), helm.merged(defaults, given)
    for step in below:
        defaults, given, ours, theirs = (one[step] for one in (defaults, given, ours, theirs))
    assert_same(ours, theirs, (defaults, given))


def test_the_examples_hold_for_helm(helm: Helm) -> None:
    lower, upper, expected = zip(*BY_HELM, strict=True)
    found = helm.merged(numbered(lower), numbered(upper))
    assert text(found) == text(numbered(expected))
