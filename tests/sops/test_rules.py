from __future__ import annotations

import pytest

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops import Selector, first_match, parse_rules
from gitops_regconf.sops.selector import DEFAULT

TEXT = """\
# ours
creation_rules:
  # first
  - path_regex: ^apps/.*\\.yaml$
    encrypted_regex: ^(data|stringData)$
    age: >-
      age1a,
      age1b

  - path_regex: alpha   # unanchored
    age: [age1c, age1d]
    pgp: ABC
  - {age: age1e, unencrypted_suffix: _clear, mac_only_encrypted: true}
  - path_regex: |
      never
    key_groups:
      - age: [age1f]
      - age: [age1g]
    # a comment below
stores: {}
"""


def test_rules_with_their_place() -> None:
    rules = parse_rules(TEXT, "x/.sops.yaml")
    assert [rule.path_regex for rule in rules] == ["^apps/.*\\.yaml$", "alpha", "", "never\n"]
    assert [rule.recipients for rule in rules] == [
        ("age1a", "age1b"),
        ("age1c", "age1d", "pgp:ABC"),
        ("age1e",),
        ("age1f", "age1g"),
    ]
    assert [rule.selector for rule in rules] == [
        Selector("encrypted_regex", "^(data|stringData)$"),
        DEFAULT,
        Selector("unencrypted_suffix", "_clear"),
        DEFAULT,
    ]
    assert [len(rule.groups.groups) for rule in rules] == [1, 1, 1, 2]
    assert [rule.mac_only_encrypted for rule in rules] == [False, False, True, False]
    assert [(rule.first, rule.last) for rule in rules] == [(4, 8), (10, 12), (13, 13), (14, 18)]
    assert str(rules[1].position) == "x/.sops.yaml:10:5"


@pytest.mark.parametrize(
    ("path", "recipients"),
    [
        ("apps/x.yaml", ("age1a", "age1b")),
        ("mc/alpha/x.yaml", ("age1c", "age1d", "pgp:ABC")),
        ("apps/alpha.yml", ("age1c", "age1d", "pgp:ABC")),
        ("anything", ("age1e",)),
    ],
)
def test_the_first_match_wins(path: str, recipients: tuple[str, ...]) -> None:
    rule = first_match(parse_rules(TEXT), path)
    assert rule is not None
    assert rule.recipients == recipients


@pytest.mark.parametrize(
    "text", ["", "# only this\n", "stores: {}\n", "creation_rules:\n", "creation_rules: []\n"]
)
def test_a_file_may_have_no_rules(text: str) -> None:
    assert parse_rules(text) == ()
    assert first_match((), "x") is None


@pytest.mark.parametrize(
    ("text", "problem", "at"),
    [
        ("- a\n", "must be a mapping", "f:1:1"),
        ("creation_rules: x\n", "must be a list", "f:1:17"),
        ("creation_rules: {}\n", "must be a list", "f:1:17"),
        ("creation_rules:\n- x\n", "must be a mapping", "f:2:3"),
        ("creation_rules:\n- age: 5\n", "'age'", "f:2:3"),
        ("creation_rules:\n- path_regex: [a]\n", "'path_regex'", "f:2:3"),
        ("creation_rules:\n- {encrypted_regex: a, unencrypted_regex: b}\n", "only one", "f:2:3"),
        ("a: 1\n---\nb: 2\n", "single document", "f:3:1"),
        ("a: [\n", "not valid YAML", "f:2:1"),
    ],
)
def test_what_sops_could_not_read_is_said(text: str, problem: str, at: str) -> None:
    with pytest.raises(InvalidInput, match=problem) as caught:
        parse_rules(text, "f")
    assert str(caught.value.at) == at


def test_an_invalid_expression_is_said_when_it_is_reached() -> None:
    rules = parse_rules("creation_rules:\n- path_regex: ^a$\n- path_regex: (\n", "f")
    assert first_match(rules, "a") is rules[0]
    with pytest.raises(InvalidInput, match="missing") as caught:
        first_match(rules, "b")
    assert str(caught.value.at) == "f:3:3"
