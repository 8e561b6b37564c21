"""One line comes and goes in a list of a file that a person owns; no other byte changes."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gitops_regconf.errors import InvalidInput
from gitops_regconf.generate.edits import replaced_item, with_item, without_item
from gitops_regconf.source.documents import Document, document

FIELD = "components"
NEW = "../new"


def file(text: str) -> Document:
    return document(text, "kustomization.yaml")


def added(text: str, item: str = NEW) -> str:
    return with_item(file(text), FIELD, item)


def removed(text: str, item: str = NEW) -> str:
    return without_item(file(text), FIELD, item)


# Every style of a list with items; the mark shows where the new line or item goes.
FILLED = {
    "block": "components:\n- x\n«- ../new\n»",
    "indented block": "components:\n  - x\n«  - ../new\n»b: 1\n",
    "wide dash": "components:\n-   x\n«- ../new\n»",
    "in the middle": "a: 1\ncomponents:\n- x\n- y\n«- ../new\n»b: 1\n",
    "comment beside the last": "components:\n  - x # why\n«  - ../new\n»b: 1\n",
    "comment at the end of the list": "components:\n  - x\n«  - ../new\n»  # end\nb: 1\n",
    "comments between": "components:\n  # x is first\n  - x\n  # y\n  - y\n«  - ../new\n»",
    "blank lines": "components:\n- x\n\n- y\n«- ../new\n»\n\nb: 1\n",
    "quoted items": "components:\n- 'x'\n- \"y\"\n«- ../new\n»",
    "quoted key": "'components':\n- x\n«- ../new\n»",
    "anchor": "components: &c\n- x\n«- ../new\n»",
    "CRLF": "a: 1\r\ncomponents:\r\n- x\r\n«- ../new\r\n»b: 1\r\n",
    "document marks": "---\ncomponents:\n- x\n«- ../new\n»...\n",
    "other letters": "é: 😀\ncomponents:\n- ü\n«- ../new\n»",
    "byte order mark": "\ufeffcomponents:\n- x\n«- ../new\n»",
    "flow": "components: [x«, ../new»]\n",
    "flow with a comment": "components: [x, y«, ../new»] # why\nb: 1\n",
    "flow on several lines": "components: [\n  x,\n  y«, ../new»\n]\n",
    "flow with a last comma": "components: [\n  x,\n  'y'«, ../new»,\n]\n",
    "flow with a comment inside": "components: [x«, ../new» # why\n]\n",
    "flow mapping": "{a: 1, components: [x«, ../new»]}\n",
}
# An absent list is made at the end; undone, its field goes again.
ABSENT = {
    "absent": "a: 1\n«components:\n  - ../new\n»",
    "CRLF, absent": "a: 1\r\nb: 2\r\n«components:\r\n  - ../new\r\n»",
    "end mark": "a: 1\n«components:\n  - ../new\n»...\n",
    "start of nothing": "a: 1\n«components:\n  - ../new\n»---\n",
    "marks and comments": "# top\n---\na: 1\n# end\n«components:\n  - ../new\n»... # over\n",
    "blank lines at the end": "a: 1\n\n\n«components:\n  - ../new\n»",
    "literal text that keeps its lines": "a: |+\n  text\n\n«components:\n  - ../new\n»",
    "comment at the end": "a: 1\n# b: 2\n«components:\n  - ../new\n»",
}


def without_mark(text: str) -> str:
    before, _, rest = text.partition("«")
    return before + rest.partition("»")[2]


def without_signs(text: str) -> str:
    return text.replace("«", "").replace("»", "")


STYLES = FILLED | ABSENT


@pytest.mark.parametrize("text", STYLES.values(), ids=STYLES)
def test_an_item_is_added_and_every_other_byte_stays(text: str) -> None:
    assert added(without_mark(text)) == without_signs(text)


@pytest.mark.parametrize("text", STYLES.values(), ids=STYLES)
def test_removing_undoes_adding_to_the_byte(text: str) -> None:
    assert removed(without_signs(text)) == without_mark(text)


@pytest.mark.parametrize("text", STYLES.values(), ids=STYLES)
def test_an_item_that_is_there_is_not_added_again(text: str) -> None:
    assert added(without_signs(text)) == without_signs(text)


@pytest.mark.parametrize("text", STYLES.values(), ids=STYLES)
def test_an_item_that_is_not_there_is_not_removed(text: str) -> None:
    assert removed(without_mark(text)) == without_mark(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("components: []\nb: 1\n", "components:\n  - ../new\nb: 1\n"),
        ("components: [ ]\n", "components:\n  - ../new\n"),
        ("components: [\n]\n", "components:\n  - ../new\n"),
        ("components: [] # why\nb: 1\n", "components: # why\n  - ../new\nb: 1\n"),
        ("components: null\n", "components:\n  - ../new\n"),
        ("components: ~ # why\n", "components: # why\n  - ../new\n"),
        ("components:\nb: 1\n", "components:\n  - ../new\nb: 1\n"),
        ("components:\n", "components:\n  - ../new\n"),
        ("components: # why\nb: 1\n", "components: # why\n  - ../new\nb: 1\n"),
        ("components:\n  # none yet\nb: 1\n", "components:\n  - ../new\n  # none yet\nb: 1\n"),
        ("components:\n\n\nb: 1\n", "components:\n  - ../new\n\n\nb: 1\n"),
        ("components: []\r\nb: 1\r\n", "components:\r\n  - ../new\r\nb: 1\r\n"),
        ("components:\r\nb: 1\r\n", "components:\r\n  - ../new\r\nb: 1\r\n"),
    ],
)
def test_an_empty_list_gets_its_first_item(text: str, expected: str) -> None:
    assert added(text) == expected
    assert added(expected) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1", "a: 1\ncomponents:\n  - ../new\n"),
        ("a: 1 # b", "a: 1 # b\ncomponents:\n  - ../new\n"),
        ("a: 1\r\nb: 2", "a: 1\r\nb: 2\r\ncomponents:\r\n  - ../new\r\n"),
        ("components:\n- x", "components:\n- x\n- ../new\n"),
        ("a: 1\ncomponents: [x]", "a: 1\ncomponents: [x, ../new]"),
        ("components: []", "components:\n  - ../new"),
    ],
)
def test_a_missing_final_newline_is_no_obstacle(text: str, expected: str) -> None:
    assert added(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("components:\n- ../new\n- y\n", "components:\n- y\n"),
        ("components:\n- x\n- ../new # why\n- y\n", "components:\n- x\n- y\n"),
        ("components:\n- '../new'\n- y\n", "components:\n- y\n"),
        ("components:\n- ../new\n# y\n- y\n", "components:\n# y\n- y\n"),
        ("components: [../new, y]\n", "components: [y]\n"),
        ("components: [x, ../new, y]\n", "components: [x, y]\n"),
        ("components: [ x, '../new' ] # why\n", "components: [ x ] # why\n"),
        ("components: [\n  ../new,\n  y,\n]\n", "components: [\n  y,\n]\n"),
        ("components:\n- x\n- ../new", "components:\n- x\n"),
    ],
)
def test_an_item_is_removed_from_wherever_it_stands(text: str, expected: str) -> None:
    assert removed(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\ncomponents:\n- ../new\n", "a: 1\n"),
        ("components:\n  - ../new\nb: 1\n", "b: 1\n"),
        ("components: [../new]\nb: 1\n", "b: 1\n"),
        ("a: 1\ncomponents: [\n  ../new,\n]\nb: 1\n", "a: 1\nb: 1\n"),
        ("components:\n- ../new\n\n# about b\nb: 1\n", "\n# about b\nb: 1\n"),
        ("a: 1\ncomponents:\n  # ours\n  - ../new\n", "a: 1\n  # ours\n"),
    ],
)
def test_the_last_item_takes_the_field_with_it_and_leaves_comments(
    text: str, expected: str
) -> None:
    assert removed(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("components:\n- x\n- ../old # why\n", "components:\n- x\n- ../new # why\n"),
        ("components:\r\n- '../old'\r\n", "components:\r\n- ../new\r\n"),
        ("components: [x, ../old, y] # why\n", "components: [x, ../new, y] # why\n"),
    ],
)
def test_an_item_is_replaced_in_its_place(text: str, expected: str) -> None:
    assert replaced_item(file(text), FIELD, "../old", NEW) == expected


UNSAFE = {
    "alias": "a: &c [x]\ncomponents: *c\n",
    "list that another field shares": "components: &c [x]\nb: *c\n",
    "empty list that another field shares": "components: &c []\nb: *c\n",
    "merged list": "<<: {components: [x]}\na: 1\n",
    "flow mapping": "{a: 1}\n",
    "question mark": "? components\n: - x\n",
    "dash on a line of its own": "components:\n-\n  x\n",
    "item on two lines": "components:\n- x\n  y\n",
    "item that is a mapping": "components:\n- x: 1\n",
    "comment in an empty list": "components: [ # none yet\n]\n",
    "text that would grow": "a: |\n  text",
    "byte order mark before an empty list": "\ufeffcomponents: []\n",
    "indented mapping": "  a: 1\n",
}
NO_LIST = {
    "text": "components: ../newer\n",
    "empty text": "components: ''\n",
    "literal text": "components: |\n  ../new\n",
    "mapping": "components: {../new: 1}\n",
    "empty mapping": "components: {}\n",
    "number": "components: 0\n",
    "list at the top": "- ../new\n",
    "word at the top": "../new\n",
}


@pytest.mark.parametrize("text", (UNSAFE | NO_LIST).values(), ids=UNSAFE | NO_LIST)
def test_what_cannot_be_edited_safely_is_refused_with_the_mend(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        added(text)
    assert "cannot be edited safely" in caught.value.message
    assert "by hand" in (caught.value.mend or "")
    assert caught.value.at


@pytest.mark.parametrize("text", NO_LIST.values(), ids=NO_LIST)
def test_nothing_is_removed_from_or_replaced_in_what_is_no_list(text: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be edited safely"):
        removed(text)
    with pytest.raises(InvalidInput, match="cannot be edited safely"):
        replaced_item(file(text), FIELD, NEW, "x")


@pytest.mark.parametrize(
    "text",
    [
        "components:\n-\n  ../new\n- y\n",
        "{components: [../new]}\n",
        "{a: 1, components: [../new]}\n",
        "a: &c [../new, y]\nb: 1\ncomponents: *c\n",
        "components:\n- ../new\n",
    ],
)
def test_a_removal_that_would_say_something_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be edited safely"):
        removed(text)


@pytest.mark.parametrize("item", ["a: b", "a #b", "123", "- x", "[x]", "", "'", "yes\nno", "*x"])
@pytest.mark.parametrize("text", ["components:\n- x\n", "a: 1\n", "components: [x]\n"])
def test_an_item_that_would_read_as_something_else_is_refused(text: str, item: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be edited safely"):
        added(text, item)


def test_replacing_what_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidInput, match="cannot be edited safely"):
        replaced_item(file("components:\n- x\n"), FIELD, "../old", NEW)


ITEMS = st.lists(st.sampled_from(["../a", "b", "'c d'", '"e"', "./f.yaml"]), max_size=3)
COMMENTS = st.sampled_from(["", " # why", "  #", "   "])
LINES = st.sampled_from(["", "# about\n", "\n", "z: 1\n", "z: [a, b]\n", "z: |\n  components:\n"])


@st.composite
def files(draw: st.DrawFn) -> str:
    """A kustomization with a list in one of the styles that people use."""
    items, beside = draw(ITEMS), draw(COMMENTS)
    indent = draw(st.sampled_from(["", "  ", "    "]))
    styles = [f"components:{beside}\n" + "".join(f"{indent}- {item}{beside}\n" for item in items)]
    styles.append(f"components: [{', '.join(items)}]{beside}\n")
    if items:
        styles.append("components: [\n" + "".join(f"  {item},\n" for item in items) + "]\n")
    styles.append("")
    before = draw(LINES)
    after = draw(LINES.filter(lambda lines: "z" not in lines or "z" not in before))
    text = f"a: 1\n{before}{draw(st.sampled_from(styles))}{after}" + draw(
        st.sampled_from(["", "...\n", "---\n"])
    )
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


@given(files())
def test_adding_says_what_was_said_with_one_item_more(text: str) -> None:
    before = file(text).data
    after = file(added(text)).data
    assert after == before | {FIELD: [*(before.get(FIELD) or []), NEW]}
    assert added(added(text)) == added(text)


@given(files())
def test_removing_undoes_adding(text: str) -> None:
    listed = file(text).data.get(FIELD, "absent")
    assume(listed not in (None, []))  # an empty list is gone afterwards
    assert removed(added(text)) == text


@given(files())
def test_adding_keeps_every_line_but_that_of_the_list(text: str) -> None:
    lines = added(text).splitlines(keepends=True)
    for line in text.splitlines(keepends=True):
        assert line in lines or "components: [" in line or line.startswith("  ")


@given(files(), st.text("ab: #[],{}'\"-|>&*!\n", max_size=6))
def test_no_item_makes_it_write_wrong_yaml(text: str, item: str) -> None:
    before = file(text).data
    try:
        after = file(added(text, item)).data
    except InvalidInput:
        return
    listed = before.get(FIELD) or []
    assert after == (before if item in listed else before | {FIELD: [*listed, item]})
