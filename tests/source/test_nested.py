"""YAML inside a scalar of YAML: where each part of it stands in the file."""

from __future__ import annotations

import pytest

from gitops_regconf.errors import InvalidInput
from gitops_regconf.source.documents import document
from gitops_regconf.source.nested import Nested, nested
from gitops_regconf.source.position import Position


def read(text: str, *path: str | int) -> Nested:
    found = nested(document(text, "cm.yaml"), path or ("data", "values"))
    assert found
    return found


def pointed_at(text: str, position: Position) -> str:
    """What stands in the file where a position points."""
    assert position.path == "cm.yaml"
    return text.splitlines()[position.line - 1][position.column - 1 :]


# Each is the scalar of `values`, two columns in, which says {a: {b: [1, target]}}.
LITERAL = {
    "plain": "|\n    a:\n      b:\n      - 1\n      - target\n",
    "one column": "|\n   a:\n     b:\n     - 1\n     - target\n",
    "deep": "|\n          a:\n            b:\n            - 1\n            - target\n",
    "indicator": "|2\n    a:\n      b:\n      - 1\n      - target\n",
    "indicator, indented more": "|2\n      a:\n        b:\n        - 1\n        - target\n",
    "strip": "|-\n    a:\n      b:\n      - 1\n      - target\n",
    "keep": "|+\n    a:\n      b:\n      - 1\n      - target\n\n\n",
    "indicator and keep": "|2+\n    a:\n      b:\n      - 1\n      - target\n\n",
    "strip and indicator": "|-2\n    a:\n      b:\n      - 1\n      - target\n",
    "comment after the sign": "|  # values\n    a:\n      b:\n      - 1\n      - target\n",
    "comment inside": "|\n    # values\n    a:\n      b:\n      - 1  # one\n      - target\n",
    "tag": "!!str |\n    a:\n      b:\n      - 1\n      - target\n",
    "anchor": "&values |\n    a:\n      b:\n      - 1\n      - target\n",
    "blank lines before": "|\n\n\n    a:\n      b:\n      - 1\n      - target\n",
    "blank lines between": "|\n    a:\n\n      b:\n      - 1\n\n\n      - target\n",
    "blank lines with spaces": "|\n  \n    a:\n      b:\n      - 1\n   \n      - target\n",
    "flow": "|\n    {a: {b: [1,\n      target]}}\n",
    "inner start": "|\n    ---\n    a:\n      b:\n      - 1\n      - target\n",
}


@pytest.mark.parametrize("after", ["", "  other: x\n", "# end\n"])
@pytest.mark.parametrize("scalar", LITERAL.values(), ids=LITERAL)
def test_in_a_literal_block_a_position_is_that_in_the_file(scalar: str, after: str) -> None:
    text = f"kind: ConfigMap\ndata:\n  values: {scalar}{after}"
    found = read(text)
    assert found.data == {"a": {"b": [1, "target"]}}
    assert pointed_at(text, found.at("a", "b", 1)).startswith("target")
    assert pointed_at(text, found.key_at("a")).startswith("a:")
    assert pointed_at(text, found.key_at("a", "b")).startswith("b:")


@pytest.mark.parametrize(
    "scalar",
    [
        ">\n    {a: {b: [1,\n    target]}}\n",
        ">-\n    {a: {b: [1,\n\n    target]}}\n",
        "'{a: {b: [1, target]}}'\n",
        '"a:\\n  b:\\n  - 1\\n  - target"\n',
        '"{a: {b: [1,\n    target]}}"\n',
    ],
    ids=["folded", "folded and stripped", "single quotes", "double quotes", "two lines"],
)
def test_in_any_other_scalar_a_position_is_where_that_begins(scalar: str) -> None:
    found = read(f"data:\n  values: {scalar}  other: x\n")
    assert found.data == {"a": {"b": [1, "target"]}}
    assert found.at("a", "b", 1) == found.key_at("a") == found.at() == Position("cm.yaml", 2, 11)


def test_the_position_of_what_is_absent_is_that_of_what_is_around_it() -> None:
    text = f"data:\n  values: {LITERAL['plain']}"
    assert read(text).at("a", "x", "y") == read(text).at("a")
    assert read(text).at("a", "b", 7) == read(text).at("a", "b")


def test_a_change_of_the_text_leaves_lines_where_they_are() -> None:
    text = "data:\n  values: |\n    name: ${cluster_name}\n    other: x\n"
    found = nested(
        document(text, "cm.yaml"),
        ("data", "values"),
        lambda inner: inner.replace("${cluster_name}", "prod1"),
    )
    assert found
    assert found.data == {"name": "prod1", "other": "x"}
    assert pointed_at(text, found.at("name")) == "${cluster_name}"
    assert pointed_at(text, found.at("other")) == "x"


def test_a_change_that_comes_first_in_its_line_leaves_it_in_its_column() -> None:
    text = "data:\n  values: |\n    a:\n      ${key}: x\n"
    found = nested(
        document(text, "cm.yaml"), ("data", "values"), lambda inner: inner.replace("${key}", "b")
    )
    assert found
    assert pointed_at(text, found.key_at("a", "b")) == "${key}: x"


@pytest.mark.parametrize("path", [("data",), ("data", "list"), ("data", "absent"), ("x", "y")])
def test_where_there_is_no_scalar_there_is_no_document(path: tuple[str, ...]) -> None:
    assert nested(document("data: {list: [a]}\n", "cm.yaml"), path) is None


@pytest.mark.parametrize(
    ("inner", "why", "line"),
    [
        ("a: 1\n    b: ]", "valid YAML", 4),
        ("a: 1\n    a: 2", "twice", 4),
        ("a: 1\n    ---\n    b: 2", "several", 5),
        ("a: !odd x", "not allowed", 3),
    ],
)
def test_what_is_no_single_document_is_an_error_where_it_stands(
    inner: str, why: str, line: int
) -> None:
    with pytest.raises(InvalidInput, match=why) as caught:
        assert read(f"data:\n  values: |\n    {inner}\n").data
    assert caught.value.at
    assert (caught.value.at.path, caught.value.at.line) == ("cm.yaml", line)
    assert caught.value.at.column >= 5


@pytest.mark.parametrize("inner", ["''", "|\n    # nothing", "|", '"  "'])
def test_a_text_with_nothing_in_it_is_no_document(inner: str) -> None:
    assert nested(document(f"data:\n  values: {inner}\n", "cm.yaml"), ("data", "values")) is None


@pytest.mark.parametrize("inner", ["'a: ['", '"a: 1\\na: 2"'])
def test_an_error_in_any_other_scalar_is_where_that_begins(inner: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        assert read(f"data:\n  values: {inner}\n").data
    assert caught.value.at == Position("cm.yaml", 2, 11)
