"""Comments are found, and stand where Go's yaml.v3, and so sops, has them."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_regconf.sops.comment_reader import read_comments
from gitops_regconf.sops.comments import comments_of
from gitops_regconf.sops.emitter import emit
from gitops_regconf.sops.gotypes import InlineComment
from gitops_regconf.sops.nodes import trees_of
from gitops_regconf.source.documents import documents


def read(text: str) -> list[dict[str, Any]]:
    found = documents(text, "f")
    return trees_of([one.node for one in found], "f", read_comments(found, text))


def placed(tree: Any, path: str = "") -> dict[str, str]:
    """Each comment by where it stands: `a.b` before a key, `a.` at the end; `>` if inline."""
    found = {}
    for position, lines in comments_of(tree).items():
        at_end = position is None or (isinstance(tree, list) and position == len(tree))
        name = f"{path}{'' if at_end else position}"
        for line in lines:
            found[line.strip()] = f"{'>' if isinstance(line, InlineComment) else ''}{name}"
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for position, value in items:
        if isinstance(value, (dict, list)):
            found |= placed(value, f"{path}{position}.")
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# a\n\n# b\nx: 1\n# c\n", {"a": "x", "b": "x", "c": ""}),
        ("x: 1 # a\ny: '# no' # b\n", {"a": ">x", "b": ">y"}),
        ("x:\n  # a\n  y: 1\n  # b\n# c\nz: 2\n", {"a": "x.y", "b": "x.", "c": "z"}),
        ("x:\n- 1\n# a\n- 2\n# b\ny: 1\n", {"a": "x.1", "b": "y"}),
        ("x:\n  - y: 1\n    # a\n    z: 2\n  # b\n  - 3\n", {"a": "x.0.z", "b": "x.1"}),
        ("x: # a\n  y: 1\n", {"a": "x"}),
        ("x: | # a\n  # no\n  text\n# b\ny: >-\n  # no\n # c\n", {"a": ">x", "b": "y", "c": ""}),
        ("x:\n  y:\n    z: 1\n  # a\n", {"a": "x."}),
        ("x: [1, # a\n  2] # b\n", {"a": ">x.0", "b": "x"}),
        ("x: {\n  # a\n}\ny: [ # b\n]\n", {"a": "x.", "b": "y"}),
        ("x: &x\n  # a\n  y: 1\nz: *x # b\n", {"a": "z.y", "b": "z"}),
        ("x: &x 1\ny:\n  - *x\n  # a\n  - *x\n", {"a": "y.1"}),
        ("x:\n  -\n    # a\n    y: 1\n  - # b\n    y: 2\n", {"a": "x.0.y", "b": "x.1"}),
        ("? x # a\n: 1 # b\n", {"a": ">x", "b": ">x"}),
        ("x: a#b\ny: 'it''s' #c\r\nz: 1\r\n", {"c": ">y"}),
        ("\ufeff# a\nx: 1\n", {"a": "x"}),
        ("x: # a\ny: 1\n", {"a": ">x"}),
    ],
)
def test_where_a_comment_belongs(text: str, expected: dict[str, str]) -> None:
    (tree,) = read(text)
    assert placed(tree) == expected


def test_each_document_has_its_own() -> None:
    first, second = read("# a\n---\nx: 1\n# b\n---\n# c\ny: 1\n# d\n")
    assert placed(first) == {"a": "x", "b": ""}
    assert placed(second) == {"c": "y", "d": ""}


CANONICAL = """\
# one
#
a:
    # two
    b: 1 # three
    c:
        # four
        - - 1
          # five
          - 2 # six
        # seven
        - d: x
          # eight
          e: |-
            # no
            comment
    # nine
    f: {
        # ten
    }
    # eleven
# twelve
"""


def test_what_is_read_is_written_alike() -> None:
    (tree,) = read(CANONICAL)
    assert emit(tree) == CANONICAL


def test_trailing_blanks_belong_to_a_comment() -> None:
    (tree,) = read("#  a \t\nx: 1\n")
    assert comments_of(tree) == {"x": ("  a \t",)}
