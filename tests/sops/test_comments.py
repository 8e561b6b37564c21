from __future__ import annotations

import copy
import json

import pytest

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops import Comment, CommentedDict, CommentedList, headed, header_of
from gitops_regconf.sops.comments import comments_of

NOTED = CommentedDict({"a": 1, "b": 2}, comments={"a": (Comment(" x"),), None: (Comment(" end"),)})


def test_comments_are_no_keys_and_no_items() -> None:
    items = CommentedList([1, 2], comments={0: (Comment(" x"),)})
    assert NOTED == {"a": 1, "b": 2}
    assert items == [1, 2]
    assert json.dumps({"n": NOTED, "i": items}) == '{"n": {"a": 1, "b": 2}, "i": [1, 2]}'


def test_copies_keep_their_comments() -> None:
    for one in (NOTED.copy(), copy.copy(NOTED), copy.deepcopy(NOTED), NOTED | {}, {} | NOTED):
        assert one == NOTED
        assert comments_of(one) == NOTED.comments
    items = CommentedList([1], comments={1: (Comment(" x"),)})
    assert items.copy().comments == items.comments


def test_a_union_has_the_comments_of_both() -> None:
    other = CommentedDict({"b": 3, "c": 4}, comments={"c": (Comment(" y"),)})
    both = NOTED | other
    assert both == {"a": 1, "b": 3, "c": 4}
    assert set(both.comments) == {"a", "c", None}


def test_a_header_stands_before_the_first_key() -> None:
    tree = headed({"a": 1}, "# one", "#")
    assert header_of(tree) == ("# one", "#")
    assert header_of(headed({}, "# only")) == ("# only",)
    assert header_of({"a": 1}) == ()
    assert comments_of(headed(NOTED, "# new"))[None] == (" end",)
    with pytest.raises(InvalidInput, match="'#'"):
        headed({"a": 1}, "one")
