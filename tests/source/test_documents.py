"""YAML text becomes documents with positions, and text that is made to hurt becomes an error."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_regconf.errors import InvalidInput, RegconfError
from gitops_regconf.source.documents import document, documents, find
from gitops_regconf.source.limits import MAX_BYTES, MAX_DEPTH
from gitops_regconf.source.position import Position


def data(text: str) -> Any:
    return document(text, "f.yaml").data


def read(text: str) -> list[Any]:
    return [found.data for found in documents(text, "f.yaml")]


def error(text: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        read(text)
    return caught.value


def place(error: RegconfError) -> tuple[int, int]:
    assert error.at
    assert error.at.path == "f.yaml"
    return error.at.line, error.at.column


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: on\nb: 0777\nc: 1:30\nyes: no\n", {"a": "on", "b": 511, "c": "1:30", "yes": "no"}),
        ("a: 'on'\nb: \"1\"\nc: |\n  1\n", {"a": "on", "b": "1", "c": "1\n"}),
        ("a: 2020-01-01\n", {"a": "2020-01-01"}),
        ("1: a\ntrue: b\n~: c\n", {"1": "a", "true": "b", "~": "c"}),
        ("%YAML 1.1\n---\na: on\n", {"a": "on"}),
        ("a: ! 3\n", {"a": 3}),
    ],
)
def test_values_have_the_types_of_go_and_keys_are_text(text: str, expected: Any) -> None:
    assert data(text) == expected


@pytest.mark.parametrize("text", ["a: 1\r\nb:\r\n- x\r\n", "a: 1\rb:\r- x", "\ufeffa: 1\nb: [x]\n"])
def test_line_ends_of_other_systems_and_a_byte_order_mark_change_nothing(text: str) -> None:
    assert data(text) == {"a": 1, "b": ["x"]}


def test_positions_count_lines_that_end_with_crlf_once() -> None:
    file = document("a: 1\r\nb:\r\n  c: 2\r\n", "f.yaml")
    assert file.at("b", "c") == Position("f.yaml", 3, 6)


def test_the_last_line_needs_no_newline() -> None:
    assert data("a: 1\n...") == {"a": 1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  x: 3\n", {"x": 3, "y": 2}),
        ("a: &a {x: 1, y: 2}\nb:\n  x: 3\n  <<: *a\n", {"x": 3, "y": 2}),
        ("a: &a {x: 1}\nc: &c {x: 2, y: 2}\nb: {<<: [*a, *c]}\n", {"x": 1, "y": 2}),
        ("b: {<<: {x: 1}}\n", {"x": 1}),
        ("b: {'<<': {x: 1}}\n", {"<<": {"x": 1}}),
        ("b: {<<: {}}\n", {}),
    ],
)
def test_merge_keys_give_way_to_what_stands_beside_them(text: str, expected: Any) -> None:
    assert data(text)["b"] == expected


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("a: 1\nb: 2\na: 3\n", (3, 1)),
        ("a:\n  b: 1\n  b: 2\n", (3, 3)),
        ("a: {b: 1, b: 2}\n", (1, 11)),
        ("1: a\n'1': b\n", (2, 1)),
        ("a: &a {x: 1}\nb:\n  <<: *a\n  <<: *a\n", (4, 3)),  # yaml.v3 refuses this one, too
        ("a: &a {x: 1}\nb: {<<: *a, x: 2, x: 3}\n", (2, 19)),
        ("a: 1\n---\nb: 2\nb: 3\n", (4, 1)),
    ],
)
def test_a_key_that_stands_twice_is_refused_where_it_stands_again(
    text: str, at: tuple[int, int]
) -> None:
    refused = error(text)
    assert place(refused) == at
    assert "twice" in refused.message
    assert refused.mend == "Keep one of them: YAML readers disagree on which one counts."


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("a:\n\tb: 1\n", (2, 1)),
        ("a:\n  b: 1\n\tc: 2\n", (3, 1)),
        ("a:\n  - b\n  -\tc: 2\n", (3, 4)),
    ],
)
def test_a_tab_that_indents_is_refused_with_the_mend(text: str, at: tuple[int, int]) -> None:
    refused = error(text)
    assert place(refused) == at
    assert refused.mend == "Indent with spaces: YAML does not allow tabs there."


@pytest.mark.parametrize("text", ["a: 'x\ty'\n", "a:\tx\n", "a: x\t# y\n"])
def test_a_tab_elsewhere_is_allowed(text: str) -> None:
    assert set(data(text)) == {"a"}


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("a: [\n", (2, 1)),
        ("a: 1\nb\n", (3, 1)),
        ("a: b: c\n", (1, 5)),
        ("é: '😀'\nb: }\n", (2, 4)),
        ("a: *x\n", (1, 4)),
        ("a: 1\n...\nb: 2\n", (3, 1)),
        ("- a\nb: 1\n", (2, 1)),
        ("? [a]\n: 1\n", (1, 3)),
        ("b:\n  <<: 3\n", (2, 7)),
    ],
)
def test_other_mistakes_are_errors_with_their_position(text: str, at: tuple[int, int]) -> None:
    assert place(error(text)) == at


@pytest.mark.parametrize("character", ["\0", "\a", "\v", "\x1b", "\x7f", "\ufffe"])
@pytest.mark.parametrize("before", ["é: x\nb: ", "# é\n" * 9000 + "é: x\nb: "])
def test_control_characters_are_errors_with_their_position(character: str, before: str) -> None:
    refused = error(f"{before}{character}\n")
    assert place(refused) == (before.count("\n") + 1, 4)
    assert f"U+{ord(character):04X}" in refused.message
    assert character not in str(refused)


@pytest.mark.parametrize("tagged", ["!foo 3", "!Ref x", "!<tag:example.org,2000:x> y"])
def test_tags_of_other_languages_are_refused(tagged: str) -> None:
    refused = error(f"a: {tagged}\n")
    assert place(refused) == (1, 4)
    assert "tag" in refused.message


def test_nothing_is_ever_constructed_from_a_tag() -> None:
    text = "a: !!python/object/apply:os.abort []\nb: !!python/name:os.abort ''\n"
    assert data(text) == {"a": [], "b": ""}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!!str 3", "3"),
        ("!!int '3'", 3),
        ("!!float 3", 3.0),
        ("!!bool 'true'", True),
        ("!!null ''", None),
        ("!!binary aGk=", "aGk="),
    ],
)
def test_tags_of_yaml_itself_decide_the_type(text: str, expected: Any) -> None:
    found = data(f"a: {text}\n")["a"]
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    "text", ["", "\n", "# only a comment\n", "---\n", "---\n---\n# x\n", "\ufeff"]
)
def test_a_file_without_content_has_no_document(text: str) -> None:
    assert documents(text, "f.yaml") == []
    with pytest.raises(InvalidInput, match=r"f\.yaml:1:1: the file is empty"):
        document(text, "f.yaml")


def test_several_documents_come_in_order_without_the_empty_ones() -> None:
    text = "# first\n---\na: 1\n---\n---\nb: 2\n...\n---\nnull\n"
    assert [found.data for found in documents(text, "f.yaml")] == [{"a": 1}, {"b": 2}, None]


def test_a_second_document_is_refused_where_one_is_expected() -> None:
    with pytest.raises(InvalidInput) as caught:
        document("a: 1\n---\n\nb: 2\n", "f.yaml")
    assert place(caught.value) == (4, 1)
    assert caught.value.mend


FILE = document("a:\n  b: 1\n  'c d':\n  - x\n  - {e: 2}\nf: &f {g: 1}\nh: *f\n", "f.yaml")


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ((), (1, 1), (1, 1)),
        (("a",), (2, 3), (1, 1)),
        (("a", "b"), (2, 6), (2, 3)),
        (("a", "c d"), (4, 3), (3, 3)),
        (("a", "c d", 0), (4, 5), (4, 5)),
        (("a", "c d", 1, "e"), (5, 9), (5, 6)),
        (("h", "g"), (6, 11), (6, 8)),
    ],
)
def test_values_and_keys_have_positions(
    path: tuple[str | int, ...], value: tuple[int, int], key: tuple[int, int]
) -> None:
    assert FILE.at(*path) == Position("f.yaml", *value)
    assert FILE.key_at(*path) == Position("f.yaml", *key)


@pytest.mark.parametrize(
    ("path", "at"),
    [
        (("z",), (1, 1)),
        (("a", "z", "y"), (2, 3)),
        (("a", "c d", 7), (4, 3)),
        (("a", "b", "x"), (2, 6)),
    ],
)
def test_what_is_absent_stands_where_its_nearest_ancestor_does(
    path: tuple[str | int, ...], at: tuple[int, int]
) -> None:
    assert FILE.at(*path) == Position("f.yaml", *at)
    assert find(FILE.node, path) is None


def test_a_position_prints_as_editors_read_it() -> None:
    assert str(Position("a/b.yaml", 3, 5)) == "a/b.yaml:3:5"
    assert str(Position("a/b.yaml")) == "a/b.yaml"


DEEP = {
    "brackets": "[" * 100_000,
    "closed brackets": "[" * 100_000 + "]" * 100_000,
    "braces": "{" * 100_000,
    "mappings in a line": "{a: " * 100_000,
    "dashes in a line": "- " * 100_000,
    "question marks in a line": "? " * 100_000,
    "pairs in brackets": "[a: " * 100_000,
    "indentation": "".join(" " * depth + "a:\n" for depth in range(3000)),
    "one deep indentation": "a:\n" + "\n".join(" " * depth + "- " for depth in range(3000)),
    "indented dashes": "".join(" " * depth + "-\n" for depth in range(3000)),
    "indented question marks": "".join(" " * depth + "?\n" for depth in range(3000)),
    "just too deep": "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_deep_nesting_is_refused_before_it_can_crash_the_interpreter(text: str) -> None:
    refused = error(text)
    assert "deeper than 64 levels" in refused.message
    assert refused.at
    assert refused.at.line


def test_nesting_up_to_the_limit_is_read() -> None:
    assert data("[" * MAX_DEPTH + "]" * MAX_DEPTH)


def test_brackets_in_a_text_are_no_nesting() -> None:
    assert data(f"a: '{'[' * 500}'\n") == {"a": "[" * 500}


def doubled(first: str, item: str, times: int) -> str:
    lines = [f"a0: &a0 {first}"]
    for index in range(times):
        lines.append(f"a{index + 1}: &a{index + 1} {item.replace('*', f'*a{index}')}")
    return "\n".join(lines)


BOMBS = {
    "billion laughs": doubled("lol", "[*, *, *, *, *, *, *, *, *, *]", 10),
    "merged laughs": doubled("{x: 1}", "{<<: [*, *, *, *, *, *, *, *, *]}", 12),
    "keys that laugh": doubled("{x: 1}", "{a: *, b: *, c: *}", 30),
    "a long chain": doubled("[1]", "[*]", 5000),
    "a list in itself": "a: &a [*a]",
    "a mapping in itself": "a: &a {b: *a}",
    "a merge of itself": "a: &a\n  <<: *a",
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_aliases_that_blow_up_are_refused_fast(text: str) -> None:
    start = time.perf_counter()
    assert "aliases" in error(text).message
    assert time.perf_counter() - start < 5  # a second on a busy machine; unbounded: never


@pytest.mark.parametrize(
    "text",
    ["- a\n" * 1_000_000, "a: 1\n" * 900_000, "[" + "a," * 2_000_000 + "]", "? a\n" * 900_000],
)
def test_a_file_with_too_many_values_is_refused_before_it_fills_the_memory(text: str) -> None:
    assert "more than 200000 values" in error(text).message


def test_a_file_that_is_too_large_is_refused() -> None:
    assert "larger than" in error("a" * (MAX_BYTES + 1)).message


@given(st.text(max_size=60) | st.text("ab01:#-?,[]{}&*!|>'\"%@` \n\t.~=<", max_size=40))
def test_every_text_is_documents_or_an_error(text: str) -> None:
    with contextlib.suppress(InvalidInput):
        read(text.encode("utf-8", "replace").decode())


WORDS = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp"), exclude_characters="\ufeff"),
    max_size=8,
)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | WORDS,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(WORDS, children, max_size=3),
    max_leaves=12,
)


@given(TREES)
def test_json_is_yaml_and_reads_back(tree: Any) -> None:
    assert data(json.dumps({"a": tree}, ensure_ascii=False)) == {"a": tree}


def test_an_anchor_may_be_named_again_and_the_last_one_counts() -> None:
    """As in YAML 1.2 and in Go; libyaml refuses it."""
    text = "a: &x 1\nb: *x\nc: &x two\nd: *x\n"
    assert document(text, "f").data == {"a": 1, "b": 1, "c": "two", "d": "two"}
    assert document(text, "f").at("d").line == 3


def test_an_anchor_that_is_named_again_within_itself_is_no_endless_document() -> None:
    with pytest.raises(InvalidInput):
        document("a: &x {b: &x {c: *x}, d: *y}\n", "f")


def test_what_a_merge_key_brings_stands_where_it_is_written() -> None:
    text = "x: &a {k: 1}\ny: &b {<<: *a, l: 2}\nz: {m: 3, <<: [*b, *a]}\n"
    found = document(text, "f.yaml")
    assert found.data["z"] == {"m": 3, "k": 1, "l": 2}
    assert found.key_at("z", "m") == Position("f.yaml", 3, 5)
    assert found.key_at("z", "l") == Position("f.yaml", 2, 16)
    assert found.at("z", "k") == Position("f.yaml", 1, 11)


def test_a_mapping_that_merges_itself_is_looked_through_once() -> None:
    (found,) = documents("x: &a {<<: [*a, *a], k: 1}\n", "f.yaml")
    assert found.at("x", "absent") == Position("f.yaml", 1, 4)


def test_a_tag_is_not_repeated_since_it_may_be_a_password() -> None:
    with pytest.raises(InvalidInput) as caught:
        assert document("password: !s3cret\n", "f.yaml").data
    assert "s3cret" not in str(caught.value)
    assert "quotes" in str(caught.value)
