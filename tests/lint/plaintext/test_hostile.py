"""Input that is made to hurt: nothing crashes, and time grows with the length alone."""

from __future__ import annotations

import base64
import random
import re
import sys
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitops_regconf.errors import CannotCheck
from gitops_regconf.lint.file import File
from gitops_regconf.lint.plaintext import is_candidate, masked, nets
from gitops_regconf.lint.plaintext.assignments import style_of
from gitops_regconf.lint.plaintext.leak import Leak, Net, distinct
from gitops_regconf.lint.plaintext.text import Text
from gitops_regconf.lint.rules.plaintext_credentials import of_file
from tests.lint.plaintext.leaks import LEAKS

PATHS = ("a.yaml", "a.json", "a.txt", "a.go", "Dockerfile", ".env")
SEEDS = [form.content for form in LEAKS]


def check(path: str, content: bytes) -> int:
    count = 0
    try:
        for finding in of_file(File(path, content)):
            assert finding.at.line >= 1
            assert finding.at.column >= 1
            assert finding.length >= 0
            count += 1
    except CannotCheck:
        pass
    return count


@given(st.sampled_from(PATHS), st.binary(max_size=400))
def test_no_bytes_crash(path: str, content: bytes) -> None:
    check(path, content)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PATHS), st.sampled_from(SEEDS), st.data())
def test_no_damaged_leak_crashes(path: str, content: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(content)))
    cut = data.draw(st.integers(0, 12))
    check(path, content[:at] + data.draw(st.binary(max_size=6)) + content[at + cut :])


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(PATHS), st.lists(st.sampled_from(SEEDS), min_size=2, max_size=4))
def test_no_mixture_crashes(path: str, parts: list[bytes]) -> None:
    check(path, b"\n".join(parts))


# What may stand between a key and its value.
GAPS = (": ", ":\n  ", ":\n- ", ": # c\n\n  ", ":   ", ":\n\n    ", ": >\n  ", ": !!str ", ": &a ")


@pytest.mark.parametrize("seed", range(400))
def test_in_what_is_no_candidate_the_nets_find_nothing(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # the same forms in every run
    form = chance.choice(LEAKS)
    text = Text(re.sub(": ", lambda _: chance.choice(GAPS), form.content.decode()))
    found = list(nets.of_text(text, nets.parsed(text), style_of(form.path)))
    assert not found or is_candidate(text.content.encode())


def _packed(content: str, times: int) -> str:
    for _ in range(times):
        content = base64.b64encode(content.encode()).decode()
    return content


HURTFUL = {
    "one-letter": "a",
    "password-password": "password",
    "assignments": "password: ",
    "equals": "password=",
    "quotes": 'password="',
    "backslashes": "password=\\",
    "templates": "{{",
    "closed-templates": "{{ x }}",
    "keys": "-----BEGIN RSA PRIVATE KEY-----\n",
    "logins": "docker login -p ",
    "continued": "docker login \\\n",
    "addresses": "https://a:",
    "hashes": "#",
    "comments": "# password: x\n",
    "kinds": "kind: Secret\n",
    "commented-kinds": "# kind: Secret\n",
    "dashes": "- ",
    "escapes": "\\u0070",
    "tokens": "eyJaaaaaaaaaaaaa.eyJ",
    "base64": "YWJj",
    "blanks": " ",
    "lines": "\n",
    "robots": "robot$a ",
    "words": "a.b/c-",
}


@pytest.mark.parametrize("what", HURTFUL)
@pytest.mark.parametrize(
    ("path", "start"), [("a.yaml", ""), ("a.yaml", "stringData: "), ("a.txt", "password: ")]
)
def test_work_grows_with_the_length_alone(what: str, path: str, start: str) -> None:
    def calls(size: int) -> int:
        content = (start + HURTFUL[what] * (size // len(HURTFUL[what]))).encode()
        return calls_of(lambda: check(path, content))

    calls(1000)  # what is compiled once
    short, long = calls(5_000), calls(40_000)
    # Eight times the length: 8 times the work where it is linear, 64 times where it is quadratic.
    # Between them is room for what only a longer text makes worth parsing.
    assert long < 24 * short + 2000


def calls_of(work: Callable[[], object]) -> int:
    """How many calls, of Python and of C, some work takes: the same on every machine."""
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("times", [1, 3, 12])
def test_nested_base64_ends(times: int) -> None:
    check("a.yaml", f"data: {_packed('password: x' * 100, times)}\n".encode())


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12), st.sampled_from(Net)), max_size=30)
)
def test_no_two_leaks_are_for_one_place(spans: list[tuple[int, int, Net]]) -> None:
    leaks = [Leak(start, start + width, net, "") for start, width, net in spans]
    kept = distinct(leaks)
    assert all(one.end <= other.start for one, other in pairwise(kept))
    assert all(
        any(one.start < kept_one.end and kept_one.start < one.end for kept_one in kept)
        for one in leaks
    )


@given(st.text(max_size=80), st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90))))
def test_a_masked_line_keeps_its_length(line: str, spans: list[tuple[int, int]]) -> None:
    assert len(masked(line, spans)) == len(line)


def test_a_masked_line_keeps_nothing_but_names_of_fields() -> None:
    line = "password: hunter2  # was: s3cret, user robot"
    assert masked(line, [(10, 17)]) == "password: •••••••  # •••: ••••••, user •••••"
