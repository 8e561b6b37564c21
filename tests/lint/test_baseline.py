"""A baseline knows old findings by rule, file and place, and holds nothing secret."""

from __future__ import annotations

import json
import random
import string

import pytest

from gitops_regconf.errors import InvalidInput
from gitops_regconf.findings import Finding
from gitops_regconf.lint.baseline import Baseline, Key, keyed, read, written
from gitops_regconf.source.position import Position

TEXT = """\
kind: Secret
stringData:
  one: first
  two: |
    a: b
    c: d
---
list:
- name: x
  "a/b": second
"""


def finding(line: int, column: int, rule: str = "r") -> Finding:
    return Finding(rule, Position("f.yaml", line, column), "x")


def places(text: str, *findings: Finding) -> list[str]:
    return [f"{key.place}#{key.number}" for _, key in keyed(text, findings)]


def test_a_place_is_the_path_to_a_value_in_its_document() -> None:
    assert places(TEXT, finding(3, 8), finding(10, 10)) == [
        "0/stringData/one#1",
        "1/list/0/a~1b#1",
    ]


def test_a_key_is_at_the_place_of_its_value() -> None:
    assert places(TEXT, finding(3, 3)) == ["0/stringData/one#1"]


def test_several_in_one_value_are_counted() -> None:
    assert places(TEXT, finding(5, 8), finding(6, 8)) == [
        "0/stringData/two#1",
        "0/stringData/two#2",
    ]


def test_rules_are_counted_apart() -> None:
    assert places(TEXT, finding(3, 8), finding(3, 8, "other")) == ["0/stringData/one#1"] * 2


def test_in_other_text_findings_are_counted() -> None:
    assert places("a: [\nb", finding(1, 1), finding(2, 1)) == ["#1", "#2"]


def test_lines_may_move() -> None:
    (_, before), (_, after) = keyed(TEXT, [finding(3, 8)]) + keyed(
        "# a comment\n\n" + TEXT, [finding(5, 8)]
    )
    assert before == after


def test_an_alias_is_where_its_anchor_is() -> None:
    assert places("a: &x secret\nb: *x\n", finding(1, 4)) == ["0/a#1"]


def test_new_findings_are_left() -> None:
    baseline = Baseline(frozenset(key for _, key in keyed(TEXT, [finding(3, 8)])))
    new, used = baseline.without_known(TEXT, [finding(3, 8), finding(5, 8)])
    assert new == [finding(5, 8)]
    assert used == baseline.known


def test_what_is_written_is_read_again() -> None:
    keys = {Key("r", "p", "0/a", 1), Key("r", "p", "", 2)}
    assert read(written(keys)).known == keys
    assert written(sorted(keys)) == written(sorted(keys, reverse=True))


def test_it_holds_neither_secret_nor_hash() -> None:
    secret = "".join(random.choices(string.ascii_letters, k=20))  # noqa: S311  # no key
    text = f"password: {secret}\n"
    at = Finding("r", Position("f", 1, 11), "x", length=20)
    data = json.loads(written([key for _, key in keyed(text, [at])]))
    assert data["findings"] == [{"rule": "r", "path": "f", "place": "0/password", "number": 1}]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": 2, "findings": []}',
        '{"format": 1}',
        '{"format": 1, "findings": [1]}',
        '{"format": 1, "findings": [{"rule": 1, "path": "", "place": "", "number": 1}]}',
        '{"format": 1, "findings": [{"rule": "", "path": "", "place": "", "number": "1"}]}',
    ],
)
def test_what_is_no_baseline(text: str) -> None:
    with pytest.raises(InvalidInput, match="baseline"):
        read(text)
