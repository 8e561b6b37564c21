"""A baseline knows old findings by rule, file and place, and holds nothing secret."""

from __future__ import annotations

import json
import random
import string
import time

import pytest

from gitops_regconf.errors import InvalidInput
from gitops_regconf.findings import Finding
from gitops_regconf.lint.baseline import Baseline, Key, keyed, read, written
from gitops_regconf.source.position import Position

TEXT = """\
kind: Secret
stringData:
  one: first
  two: |
    a: b
    c: d
---
list:
- name: x
  "app.example/b": second
"""


def finding(line: int, column: int, rule: str = "r") -> Finding:
    return Finding(rule, Position("f.yaml", line, column), "x")


def of_value(text: str, value: str, path: str = "c.sh") -> Finding:
    """A finding about a value, which stands in the text once."""
    before, _, _ = text.partition(value)
    line = before.count("\n") + 1
    at = Position(path, line, len(before) - (before.rfind("\n") + 1) + 1)
    return Finding("r", at, "x", length=len(value))


def place_of(text: str, value: str) -> str:
    ((_, key),) = keyed(text, [of_value(text, value)])
    return key.place


def new_in(after: str, before: str, *values: str) -> list[int]:
    """The lines of findings about `values` that one about `password1` in `before` does not know."""
    known = Baseline(frozenset(key for _, key in keyed(before, [of_value(before, "password1")])))
    new, _ = known.without_known(after, [of_value(after, value) for value in values])
    return [one.at.line for one in new]


def generated(letters: str = string.ascii_letters + string.digits, length: int = 20) -> str:
    return "".join(random.choices(letters, k=length))  # noqa: S311  # no key


def places(text: str, *findings: Finding) -> list[str]:
    return [f"{key.place}#{key.number}" for _, key in keyed(text, findings)]


def test_a_place_is_the_path_to_a_value_in_its_document() -> None:
    assert places(TEXT, finding(3, 8), finding(10, 20)) == [
        "0/stringData/one#1",
        "1/list/0/app.example~1b#1",
    ]


def test_a_key_is_at_the_place_of_its_value() -> None:
    assert places(TEXT, finding(3, 3)) == ["0/stringData/one#1"]


def test_several_in_one_value_are_counted() -> None:
    assert places(TEXT, finding(5, 8), finding(6, 8)) == [
        "0/stringData/two#1",
        "0/stringData/two#2",
    ]


def test_rules_are_counted_apart() -> None:
    assert places(TEXT, finding(3, 8), finding(3, 8, "other")) == ["0/stringData/one#1"] * 2


def test_in_other_text_equal_findings_are_counted() -> None:
    assert places("a: [\nb", finding(1, 1), finding(2, 1)) == ["#1", "#2"]


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("SECRET", ""),
        ("  curl -u admin:SECRET https://example.com", "curl *"),
        ("curl -s -u some.body:SECRET", "curl *"),
        ("docker login -u x -p SECRET", "docker login *"),
        ("docker login --password=SECRET", "docker login password"),
        ("HARBOR_ROBOT_TOKEN=SECRET", "HARBOR_ROBOT_TOKEN"),
        ("export DB_PASSWORD='SECRET'", "DB_PASSWORD"),
        ("# my-token: SECRET", "my-token"),
        ("admin:SECRET", "*"),
        ("ghp_abcdefghi0123456789token=SECRET", "*"),
        ("password x secret SECRET", "password * secret"),
        ("x " * 2000 + "token SECRET", "* token"),
    ],
)
def test_in_other_text_it_is_what_stands_before_on_the_line(line: str, place: str) -> None:
    assert place_of(f"#!/bin/sh\nif [ x ]; then\n{line}\nfi: {{", "SECRET") == place
    assert place_of(line, "SECRET") == place, "one scalar of YAML, which has no path"


def test_in_other_text_another_kind_of_finding_is_new() -> None:
    before = "#!/bin/sh\nexport PASSWORD=password1\n"
    after = "#!/bin/sh\nKEY_BEGINS\n"
    assert new_in(after, before, "KEY_BEGINS") == [2]


def test_in_other_text_a_new_one_before_an_old_one_is_the_new_one() -> None:
    before = "#!/bin/sh\nexport PASSWORD=password1\n"
    after = "#!/bin/sh\nexport TOKEN=password2\ncurl -u x:password3\nexport PASSWORD=password1\n"
    assert new_in(after, before, "password1", "password2", "password3") == [2, 3]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: b\n# password: SECRET\nc: d\n", "password"),
        ("a: b  # password is SECRET\n", "password *"),
        ("# password: SECRET\na: b\n", "password"),
        ("a:\n  b: c\n  # password: SECRET", "password"),
        ("a: |  # password: SECRET\n  b\n", "password"),
        ("a: |\n  # password: SECRET\n", "0/a"),
        ("a: 'b # c SECRET'\n", "0/a"),
        ("a: b # SECRET", ""),
    ],
)
def test_in_a_comment_of_yaml_too(text: str, place: str) -> None:
    assert place_of(text, "SECRET") == place


@pytest.mark.parametrize(
    ("key", "step"),
    [
        ("two1", "two1"),
        (".dockerconfigjson", ".dockerconfigjson"),
        ("insecureSkipTLSVerify", "insecureSkipTLSVerify"),
        ("registry-1.docker.io", "registry-1.docker.io"),
        ("quay.io/giantswarm", "quay.io~1giantswarm"),
        ("harbor.example.com:5000", "harbor.example.com:5000"),
        ("giantswarm-registry.cn-shanghai.cr.aliyuncs.com",) * 2,
        ("app.kubernetes.io/name", "app.kubernetes.io~1name"),
        ("https://index.docker.io/v1/", "https:~1~1index.docker.io~1v1~1"),
        ("https://user:" + "PW@host.example", "#2"),
        ("user:PW@host.example", "#2"),
        ("Spring-2024!", "#2"),
        ("a8f5f167f44f4964e6c998dee827110c", "#2"),
        ("a8f5f167f44f.4964e6c998dee827110c", "#2"),
        ("hvs." + "CAESIJ" * 7, "#2"),
        ("ghp_" + "16C7e42F29" * 4, "#2"),
        ("two words", "#2"),
        ("#2", "#2"),
        ("", "#2"),
    ],
)
def test_a_key_that_may_be_secret_is_counted(key: str, step: str) -> None:
    assert places(f"x: 1\n{json.dumps(key)}: value\n", finding(2, 1)) == [f"0/{step}#1"]


def test_a_key_that_is_no_scalar_is_counted() -> None:
    assert places("? [a, SECRET]\n: value\n", finding(2, 3)) == ["0/#1#1"]


def test_many_findings_take_no_long() -> None:
    count = 20_000
    text = "data:\n" + "".join(f"  key-{chr(97 + n % 26)}: value\n" for n in range(count))
    found = [finding(n + 2, 10) for n in range(count)]
    began = time.process_time()
    assert len(keyed(text, found)) == count
    assert time.process_time() - began < 10


def test_lines_may_move() -> None:
    (_, before), (_, after) = keyed(TEXT, [finding(3, 8)]) + keyed(
        "# a comment\n\n" + TEXT, [finding(5, 8)]
    )
    assert before == after


def test_an_alias_is_where_its_anchor_is() -> None:
    assert places("a: &x secret\nb: *x\n", finding(1, 4)) == ["0/a#1"]


def test_new_findings_are_left() -> None:
    baseline = Baseline(frozenset(key for _, key in keyed(TEXT, [finding(3, 8)])))
    new, used = baseline.without_known(TEXT, [finding(3, 8), finding(5, 8)])
    assert new == [finding(5, 8)]
    assert used == baseline.known


def test_what_is_written_is_read_again() -> None:
    keys = {Key("r", "p", "0/a", 1), Key("r", "p", "", 2)}
    assert read(written(keys)).known == keys
    assert written(sorted(keys)) == written(sorted(keys, reverse=True))


@pytest.mark.parametrize(
    "text",
    [
        "password: SECRET\n",
        "auths:\n  SECRET: x\n",
        "auths:\n  https://user:SECRET@registry.example: {auth: x}\n",
        "auths: {registry.example: {SECRET: x}}",
        "? [SECRET, x]\n: y\n",
        "# password: SECRET\na: b\n",
        "a: |\n  export TOKEN=SECRET\n",
        "export TOKEN=SECRET",
        "#!/bin/sh\ncurl -u admin:SECRET x: {\n",
        "docker login -u SECRET -p SECRET",
        "SECRET=SECRET: {",
        "https://SECRET:SECRET@registry.example/SECRET",
        'a, "SECRET" [SECRET] (SECRET) SECRET',
    ],
)
@pytest.mark.parametrize("letters", [string.ascii_letters + string.digits, "$^;~", "=|<>"])
def test_it_holds_neither_secret_nor_hash(text: str, letters: str) -> None:
    """Nothing that depends on the secret: for two of other lengths, the same bytes."""
    held = []
    for length in (16, 33):
        secret = "x" + generated(letters, length)
        of_secret = text.replace("SECRET", secret)
        at = [
            Position("f", number, column)
            for number, line in enumerate(of_secret.split("\n"), start=1)
            for column in (line.find(secret) + 1, line.rfind(secret) + 1, len(line))
            if column
        ]
        found = [key for _, key in keyed(of_secret, [Finding("r", one, "x") for one in at])]
        held.append(written(found))
        assert secret not in held[-1]
    assert held[0] == held[1]


def test_what_an_entry_holds() -> None:
    data = json.loads(written([key for _, key in keyed("password: x\n", [finding(1, 11)])]))
    assert data["findings"] == [{"rule": "r", "path": "f.yaml", "place": "0/password", "number": 1}]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": 3, "findings": []}',
        '{"format": 2}',
        '{"format": 2, "findings": [1]}',
        '{"format": 2, "findings": [{"rule": 1, "path": "", "place": "", "number": 1}]}',
        '{"format": 2, "findings": [{"rule": "", "path": "", "place": "", "number": "1"}]}',
    ],
)
def test_what_is_no_baseline(text: str) -> None:
    with pytest.raises(InvalidInput, match="baseline"):
        read(text)


def test_one_of_the_old_format_is_to_be_written_anew() -> None:
    with pytest.raises(InvalidInput, match="format 1") as caught:
        read('{"format": 1, "findings": []}')
    assert caught.value.mend == "Write it anew: `regconf lint --write-baseline`."
