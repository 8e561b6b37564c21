from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops import GeneratedRule, Selector, parse_rules, with_rules
from gitops_regconf.sops.rules_text import MARK

DATA = Selector("encrypted_regex", "^(data|stringData)$")


def rule(name: str) -> GeneratedRule:
    source = f"management-clusters/{name}/regconf.yaml"
    return GeneratedRule(f"^management-clusters/{name}/.*$", ("age1a", "age1b"), DATA, source)


ALPHA, BETA = rule("alpha"), rule("beta")
PATHS = ["management-clusters/alpha/x.yaml"]
WRITTEN = """\
  # regconf: generated from management-clusters/alpha/regconf.yaml, do not edit
  - path_regex: ^management-clusters/alpha/.*$
    encrypted_regex: ^(data|stringData)$
    age: age1a,age1b
"""
USER = """\
# mine
creation_rules:
    # about apps
    - path_regex: '^apps/'   # quoted
      age: age1x

    # all the rest
    # goes to the team
    - age: >-
        age1y

    # the end
stores:
    yaml: {indent: 2}
"""


def test_a_new_file() -> None:
    assert with_rules("", [ALPHA], PATHS) == f"creation_rules:\n{WRITTEN}"


@pytest.mark.parametrize(
    "text", ["creation_rules: []\n", "creation_rules:\n", "creation_rules: ~\n", "creation_rules:"]
)
def test_an_empty_list_is_filled(text: str) -> None:
    assert with_rules(text, [ALPHA], PATHS) == f"creation_rules:\n{WRITTEN}"


def test_a_missing_key_is_added_at_the_end() -> None:
    assert with_rules("stores: {}", [ALPHA], PATHS) == f"stores: {{}}\ncreation_rules:\n{WRITTEN}"
    only_comments = with_rules("# note\n", [ALPHA], PATHS)
    assert only_comments == f"# note\ncreation_rules:\n{WRITTEN}"


def test_a_comment_at_an_empty_list_stays() -> None:
    text = with_rules("creation_rules: [] # none yet\na: 1\n", [ALPHA], PATHS)
    assert text == f"creation_rules: # none yet\n{WRITTEN}a: 1\n"


def test_ours_come_before_the_rule_that_would_catch_them_and_its_comments() -> None:
    text = with_rules(USER, [ALPHA, BETA], PATHS)
    lines = text.split("\n")
    at = lines.index("    # all the rest")
    assert lines[at - 4].startswith("    # regconf: generated from management-clusters/beta/")
    assert lines[at - 9] == ""
    assert text.replace("".join(line + "\n" for line in lines[at - 8 : at]), "") == USER
    assert [one.path_regex for one in parse_rules(text)] == [
        "^apps/",
        ALPHA.path_regex,
        BETA.path_regex,
        "",
    ]


def test_ours_come_last_where_nothing_catches_them() -> None:
    user = "creation_rules:\n- path_regex: ^apps/\n  age: age1x\n\n# the end\nstores: {}\n"
    text = with_rules(user, [ALPHA], PATHS)
    assert text.startswith("creation_rules:\n- path_regex: ^apps/\n  age: age1x\n# regconf: ")
    assert text.endswith("  age: age1a,age1b\n\n# the end\nstores: {}\n")


def test_removing_ours_gives_the_file_back() -> None:
    for user in (USER, USER.replace("\n", "\r\n"), "\ufeff" + USER):
        text = with_rules(user, [ALPHA, BETA], PATHS)
        assert with_rules(text, [], PATHS) == user
        assert with_rules(user, [], PATHS) == user


def test_line_ends_are_those_of_the_file() -> None:
    text = with_rules(USER.replace("\n", "\r\n"), [ALPHA], PATHS)
    assert text.count("\n") == text.count("\r\n")


def test_edited_and_moved_rules_of_ours_are_taken_out() -> None:
    edited = WRITTEN.replace("    age:", "    # a note\n    mac_only_encrypted: true\n    age:")
    text = f"creation_rules:\n  - age: age1x\n{edited}"
    assert with_rules(text, [ALPHA], PATHS) == f"creation_rules:\n{WRITTEN}  - age: age1x\n"


def test_a_mark_without_a_rule_below_is_a_comment() -> None:
    text = f"creation_rules:\n  {MARK} by hand\n\n  - path_regex: x\n"
    assert with_rules(text, [], PATHS) == text


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("creation_rules: [{age: age1x}]\n", "f:1:17"),
        ("{creation_rules: []}\n", "f:1:2"),
        ("{stores: {}}\n", "f:1:1"),
        ("creation_rules: [\n]\n", "f:1:1"),
        ("creation_rules: !x []\n", "f:1:1"),
        ("creation_rules:\n  -\n    age: age1x\n", "f:3:5"),
        ("x: &a {age: age1x}\ncreation_rules:\n  - *a\n  - age: age1y\n", "f:1:4"),
        ("creation_rules: [\n", "f:2:1"),
        ("a: 1\n---\nb: 1\n", "f:3:1"),
        ("a: 1\n...\n", "f:3:1"),
        ("# a\rb\n", "f:1:1"),
    ],
)
def test_what_cannot_be_edited_safely_is_refused(text: str, at: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        with_rules(text, [ALPHA], PATHS, "f")
    assert str(caught.value.at) == at


@pytest.mark.parametrize(
    "bad",
    [
        GeneratedRule("^a$", (), DATA, "x"),
        GeneratedRule("", ("age1a",), DATA, "x"),
        GeneratedRule("^a$", ("age1a",), DATA, "x\n- age: evil"),
    ],
)
def test_our_own_rules_are_checked(bad: GeneratedRule) -> None:
    with pytest.raises(InvalidInput):
        with_rules("", [bad], PATHS)


names = st.text("ab: #'\"{}-\\.*[", min_size=1, max_size=6)
generated = st.builds(
    GeneratedRule,
    names,
    st.lists(names, min_size=1, max_size=2).map(tuple),
    st.builds(Selector, st.just("encrypted_regex"), names),
    names,
)
pieces = st.sampled_from(
    [
        "  - path_regex: ^apps/\n    age: age1x\n",
        "  - {age: age1y}\n",
        "  # a comment\n",
        "\n",
        "  - path_regex: ^management-clusters/alpha\n    age:\n      - age1z\n      # inner\n",
        "  - path_regex: |-\n      x\n\n",
    ]
)


@settings(deadline=None)
@given(
    user=st.lists(pieces, max_size=5),
    tail=st.sampled_from(["", "stores: {}\n", "# end"]),
    ours=st.lists(generated, max_size=3),
    others=st.lists(generated, max_size=3),
)
def test_the_result_depends_on_the_users_part_alone(
    user: list[str], tail: str, ours: list[GeneratedRule], others: list[GeneratedRule]
) -> None:
    text = "creation_rules:\n" + "".join(user) + tail
    once = with_rules(text, ours, PATHS)
    assert with_rules(once, ours, PATHS) == once
    # other rules elsewhere before: put in for a path that only another user rule catches
    elsewhere = with_rules(text, others, ["apps/x.yaml"])
    assert with_rules(elsewhere, ours, PATHS) == (
        once if ours else with_rules(elsewhere, [], PATHS)
    )
    kept = [one.path_regex for one in parse_rules(text)]
    now = [one.path_regex for one in parse_rules(once)]
    at = next(
        (n for n in range(len(now)) if now[n:][: len(ours)] == [o.path_regex for o in ours]), 0
    )
    assert now[:at] + now[at + len(ours) :] == kept


def test_ten_thousand_rules_take_a_moment() -> None:
    ours = [rule(f"mc-{number}") for number in range(10_000)]
    paths = [f"management-clusters/mc-{number}/x.yaml" for number in range(10_000)]
    started = time.perf_counter()
    text = with_rules(USER, ours, paths)
    assert with_rules(text, ours, paths) == text
    assert time.perf_counter() - started < 20  # a bound for slow machines; about 3 s on ours
