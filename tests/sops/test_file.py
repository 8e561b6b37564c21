from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gitops_regconf.sops import Malformed, emit, header_of, parse
from gitops_regconf.sops.comments import comments_of
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
    assert header_of(file.tree) == ("# head", "# more")
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


def test_several_documents_share_the_first_block() -> None:
    text = f"a: 1\n{BLOCK}---\n# b\nb: 2\n{BLOCK}# c\n---\nc: 3\n"
    file = parse(text, "f")
    assert file.tree == [{"a": 1}, {"b": 2}, {"c": 3}]
    assert [header_of(tree) for tree in file.trees] == [(), ("# b",), ()]
    assert comments_of(file.trees[1])[None] == (" c",)
    assert str(file.at("c", document=2)) == "f:23:4"
    with pytest.raises(Malformed, match="no 'sops' block"):
        parse(f"a: 1\n---\nb: 2\n{BLOCK}")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("indent", [2, 4])
def test_a_new_block_takes_only_its_own_lines(indent: int, newline: str) -> None:
    body = "a:   [1,\n2]\n\nb:\n  # x\n  c: 'd'\n"
    block = emit({"sops": parse(f"x: 1\n{BLOCK}").metadata.to_tree()}, indent=indent)
    text = f"{body}{block}# after\n---\nz: 1\n{block}".replace("\n", newline)
    file = parse(text)
    changed = file.with_metadata(replace(file.metadata, mac="ENC[new]"))
    assert changed.to_yaml() == text.replace("ENC[x]", "ENC[new]")


def test_a_block_among_others_is_written_anew() -> None:
    text = f"{{a: 1, sops: {json.dumps(parse(BLOCK).metadata.to_tree())}}}\n"
    file = parse(text)
    changed = file.with_metadata(replace(file.metadata, mac="ENC[new]"))
    assert changed.to_yaml() == "a: 1\n" + BLOCK.replace("ENC[x]", "ENC[new]").replace(
        "    version", "    unencrypted_suffix: _unencrypted\n    version"
    )
