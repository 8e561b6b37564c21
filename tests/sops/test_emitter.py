from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops.comments import headed
from gitops_regconf.sops.emitter import emit
from gitops_regconf.sops.gotypes import Timestamp
from gitops_regconf.sops.nodes import trees_of
from gitops_regconf.source.documents import document


@pytest.mark.parametrize(
    ("text", "written"),
    [
        # What Go's yaml.v3 writes for these strings.
        ("plain text", "plain text"),
        ("^(data|stringData)$", "^(data|stringData)$"),
        ("", '""'),
        ("yes", '"yes"'),
        ("Null", '"Null"'),
        ("n", '"n"'),
        ("12", '"12"'),
        ("0o17", '"0o17"'),
        ("1:30", '"1:30"'),
        ("1:99", "1:99"),
        ("2020-01-01", '"2020-01-01"'),
        (".5", '".5"'),
        ("<<", "!!merge <<"),
        ("a: b", "'a: b'"),
        ("a:", "'a:'"),
        ("a:b", "a:b"),
        ("a #b", "'a #b'"),
        ("a#b", "a#b"),
        ("- a", "'- a'"),
        ("-a", "-a"),
        ("@a", "'@a'"),
        ("it's", "it's"),
        ("'it", "'''it'"),
        (" lead", "' lead'"),
        ("---", "'---'"),
        ("tab\there", '"tab\\there"'),
        ("😀", '"\\U0001F600"'),
        ("é", "é"),
        ("\ufeffa", '"\\uFEFF\\x61"'),
        ("a\nb", "|-\n    a\n    b"),
        ("a\nb\n", "|\n    a\n    b"),
        ("a\n\n", "|+\n    a\n"),
        (" a\nb", "|4-\n     a\n    b"),
        ("a \nb", '"a \\nb"'),
        ("\n", "|4+\n"),
        ("\ta\nb", '"\\ta\\nb"'),
    ],
)
def test_strings_are_styled_as_go_styles_them(text: str, written: str) -> None:
    assert emit({"k": text}) == f"k: {written}\n"


def test_layout_is_that_of_sops() -> None:
    tree = {
        "a": {"b": [1, [2, []], {"c": "d", "e": {"f": None}}], "g": {}},
        "k" * 129: "long",
        "two\nlines": {"x": 1},
        "t": Timestamp("2020-01-01T00:00:00Z"),
        "f": 1e6,
        "on": False,
    }
    assert emit(headed(tree, "# one", "#two")) == (
        "# one\n#two\n"
        "a:\n    b:\n        - 1\n        - - 2\n          - []\n"
        "        - c: d\n          e:\n            f: null\n    g: {}\n"
        f"? {'k' * 129}\n: long\n"
        "? |-\n    two\n    lines\n:   x: 1\n"
        "t: 2020-01-01T00:00:00Z\nf: 1e+06\n"
        '"on": false\n'
    )


def test_other_indentation() -> None:
    tree = {"rules": [{"path": "a", "age": ["b", "c"]}]}
    assert emit(tree, indent=2) == "rules:\n  - path: a\n    age:\n      - b\n      - c\n"


def test_an_empty_tree_is_a_mapping() -> None:
    assert emit({}) == "{}\n"


leaves = (
    st.text()
    | st.text(" \n\t#:-?a'\"|>!{}[]&*%@`,", max_size=8)
    | st.integers(-(2**63), 2**63 - 1)
    | st.booleans()
    | st.none()
)


@settings(deadline=None)
@given(
    tree=st.dictionaries(
        st.text(max_size=150),
        st.recursive(leaves, lambda x: st.lists(x) | st.dictionaries(st.text(), x)),
        max_size=5,
    ),
    indent=st.sampled_from([2, 4]),
)
def test_every_tree_is_read_again_as_it_was(tree: dict[str, Any], indent: int) -> None:
    text = emit(tree, indent=indent)
    read = trees_of([document(text, "f").node], "f", {})[0]
    assert read == tree


@pytest.mark.parametrize("tree", [{"a": object()}, {1: "a"}, {"a": (1, 2)}])
def test_other_data_is_refused(tree: Any) -> None:
    with pytest.raises(InvalidInput):
        emit(tree)


@pytest.mark.parametrize("comment", ["no hash", "# two\nlines", ""])
def test_a_comment_is_one_line(comment: str) -> None:
    with pytest.raises(InvalidInput):
        emit(headed({"a": 1}, comment))
