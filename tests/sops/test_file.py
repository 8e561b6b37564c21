from __future__ import annotations

import pytest

from gitops_regconf.sops import Malformed, Unsupported, emit, parse
from gitops_regconf.sops.gotypes import Timestamp

BLOCK = emit(
    {
        "sops": {
            "age": [{"enc": "ARMOR\n", "recipient": "age1x"}],
            "lastmodified": "2026-01-02T03:04:05Z",
            "mac": "ENC[x]",
            "version": "3.13.3",
        }
    }
)


def test_parsing_needs_no_key_and_changes_nothing() -> None:
    text = (
        f"# head\n\n  # more\n---\na: ENC[x]\nb:\n    - 1\n    - 2020-01-01\n<<: {{c: d}}\n{BLOCK}"
    )
    file = parse(text, "f.yaml")
    assert file.comments == ("# head", "# more")
    assert file.tree == {
        "a": "ENC[x]",
        "b": [1, "2020-01-01T00:00:00Z"],
        "<<": {"c": "d"},
    }
    assert isinstance(file.tree["b"][1], Timestamp)
    assert file.metadata.ages == ("age1x",)
    assert file.to_yaml() == text
    assert str(file.at("b")) == "f.yaml:7:5"
    assert "ENC" not in repr(file)


@pytest.mark.parametrize(
    ("text", "problem", "at"),
    [
        ("", "empty", "f:1:1"),
        ("a: b\n", "no 'sops' block", "f:1:1"),
        ("- a\n", "mapping at its top", "f:1:1"),
        (f"a: 1\n{BLOCK}".replace("mac:", "mic:"), "'mac' is missing", "f:2:1"),
        (f"1: a\n{BLOCK}", "keys that are strings", "f:1:1"),
        (f"? [a]\n: b\n{BLOCK}", "keys that are strings", "f:1:3"),
        (f"a: 1\na: 2\n{BLOCK}", "'a' stands here twice", "f:2:1"),
        (f"a: {2**63}\n{BLOCK}", "integer of this size", "f:1:4"),
        (f"a: !!int x\n{BLOCK}", "not what its tag says", "f:1:4"),
        (f"a: !!binary '*'\n{BLOCK}", "'!!binary'", "f:1:4"),
        (f"a: [\n{BLOCK}", "not valid YAML", "f:3:8"),
        ("sops: x\n", "'sops' must be a mapping", "f:1:1"),
        (f"a: {'[' * 70}{']' * 70}\n{BLOCK}", "nesting", "f:1:67"),
    ],
)
def test_what_is_wrong_is_said_with_its_position(text: str, problem: str, at: str) -> None:
    with pytest.raises(Malformed, match=problem) as caught:
        parse(text, "f")
    assert str(caught.value.at) == at


def test_aliases_may_not_multiply() -> None:
    bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{n + 1}: &a{n + 1} [{','.join([f'*a{n}'] * 10)}]\n" for n in range(7)
    )
    with pytest.raises(Malformed, match="aliases"):
        parse(bomb + BLOCK)


def test_several_documents_are_named() -> None:
    with pytest.raises(Unsupported, match="several YAML documents") as caught:
        parse(f"a: 1\n{BLOCK}---\nb: 2\n", "f")
    assert caught.value.at is not None
    assert caught.value.at.line == 11


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ("a: b # c\n", "f:2:6"),
        ("a:\n  # c\n  b: c\n", "f:3:3"),
        ("a: 'x # y'\nb: |\n  # text\n\n  # more\nc: d#e\n", None),
        ('a: "x # y" # z\n', "f:2:12"),
        ("a: x\n  # y\nb: c\n", "f:3:3"),
    ],
)
def test_comments_inside_are_found(body: str, at: str | None) -> None:
    found = parse(f"# head\n{body}{BLOCK}", "f").inner_comment()
    assert (str(found) if found else None) == at
