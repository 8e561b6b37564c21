"""Image references as read here and by the library that containerd reads them with."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gitops_regconf.errors import InvalidInput
from gitops_regconf.registries.image import Image, image
from tests.interop.conftest import peer
from tests.registries.test_image import ACCEPTED, REFUSED, SHA256

EXAMPLES = int(os.environ.get("REGCONF_REFERENCES", "3000"))
TOGETHER = 20  # in each example of hypothesis, which are slow


def theirs(references: Iterable[str]) -> Iterator[Image | None]:
    """What the library makes of each reference; None where it refuses it."""
    done = subprocess.run(
        [peer("reference")],
        input="\n".join(map(json.dumps, references)),
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=300,
    )
    for line in done.stdout.removesuffix("\n").split("\n"):  # splitlines() knows others
        parts = json.loads(line)
        if "error" in parts:
            yield None
        else:
            yield Image(parts["name"], parts["path"], parts.get("tag"), parts.get("digest"))


def ours(reference: str) -> Image | None:
    try:
        return image(reference)
    except InvalidInput:
        return None


def compare(references: Iterable[str]) -> Counter[str]:
    """How many were accepted and refused, by both alike."""
    asked = list(references)
    outcomes: Counter[str] = Counter()
    for reference, real in zip(asked, theirs(asked), strict=True):
        assert ours(reference) == real, repr(reference)
        outcomes["refused" if real is None else "accepted"] += 1
    return outcomes


def generated(strategy: st.SearchStrategy[str]) -> list[str]:
    """All that are to be compared, since a process for each would take hours."""
    found: list[str] = []

    @settings(
        max_examples=-(-EXAMPLES // TOGETHER),
        deadline=None,
        derandomize="REGCONF_REFERENCES" not in os.environ,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(strategy, min_size=TOGETHER, max_size=TOGETHER, unique=True))
    def collect(references: list[str]) -> None:
        found.extend(references)

    collect()
    return found


def joined(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map("".join)


def maybe(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.just("") | part


LABELS = st.sampled_from(["a", "B", "0", "com", "a-b", "xn--n3h", "A0---z"])
HOSTS = st.one_of(
    st.sampled_from(["docker.io", "index.docker.io", "localhost"]),
    st.lists(LABELS, min_size=1, max_size=4).map(".".join),
    st.text("09afAF::", min_size=1, max_size=12).map("[{}]".format),
)
PORTS = st.sampled_from([":0", ":443", ":5000", ":99999"])
PIECES = st.sampled_from(["a", "b0", "0c", "library", "a.", "b_", "c__", "d-", "e---", "f/", "0/"])
REPOSITORIES = joined(
    st.lists(PIECES, max_size=6).map("".join)
    | st.integers(235, 260).map("x".__mul__)
    | st.integers(115, 130).map("x/".__mul__),
    st.sampled_from("a0"),
)
TAGS = st.one_of(
    st.tuples(st.sampled_from("aZ0_"), st.text("aZ09_.-", max_size=8)).map(":{0[0]}{0[1]}".format),
    st.integers(120, 135).map(lambda length: f":{'t' * length}"),
)
SIZES = {"sha256": 64, "sha384": 96, "sha512": 128}
HEX = st.text("0123456789abcdef", min_size=8, max_size=8)
DIGESTS = st.builds(
    lambda name, digits: f"@{name}:{digits * (SIZES[name] // 8)}", st.sampled_from([*SIZES]), HEX
)
ALMOST_DIGESTS = st.builds(
    "@{}:{}".format,
    st.sampled_from([*SIZES, "md5", "SHA256", "sha1", "sha256+b64", "a-b_c.d", "sha256x", ""]),
    st.builds(str.__mul__, st.sampled_from("0aAg"), st.sampled_from([0, 31, 32, 63, 64, 65])),
)
NAMES = joined(maybe(joined(HOSTS, maybe(PORTS), st.just("/"))), REPOSITORIES, maybe(TAGS))
VALID = joined(NAMES, maybe(DIGESTS))
ALMOST_VALID = joined(NAMES, maybe(DIGESTS | ALMOST_DIGESTS))

SPECIAL = [
    "",
    "a_b.c/",
    "a",
    "A",
    "0",
    "f" * 64,
    "library",
    "é",
    "K",
    "\u0130",
    "\ud800",
    "\0",
    "\n",
    "\\",
]
SPECIAL += [*"./:@_-[]%+ ", "//", "://", "__", "..", "localhost", "docker.io", SHA256]


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A reference with a few places in which something is lost, added or given a capital."""
    text = draw(ALMOST_VALID)
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(start + 2, len(text))))
        put = draw(st.sampled_from([*SPECIAL, text[start:end].upper(), text[start:end] * 2]))
        text = text[:start] + put + text[end:]
    return text


WILD = st.lists(st.sampled_from(SPECIAL) | st.characters() | HOSTS, max_size=8).map("".join)


@pytest.mark.parametrize(
    ("strategy", "accepted", "refused"),
    [(VALID, 0.5, 0), (damaged(), 0.1, 0.4), (WILD, 0.01, 0.5)],
    ids=["valid", "almost-valid", "wild"],
)
def test_any_reference_means_the_same(
    strategy: st.SearchStrategy[str], accepted: float, refused: float
) -> None:
    outcomes = compare(generated(strategy))
    assert outcomes["accepted"] >= accepted * outcomes.total(), outcomes
    assert outcomes["refused"] >= refused * outcomes.total(), outcomes


def test_every_short_text_means_the_same() -> None:
    outcomes = compare(
        "".join(parts)
        for length in range(6)
        for parts in itertools.product("aA0./:_-", repeat=length)
    )
    assert outcomes["accepted"] > 1000


def test_all_parts_in_any_order_mean_the_same() -> None:
    parts = ["a", "Z", "docker.io", "localhost", "[::1]", "b_c", "f" * 64, *"./:@_-", SHA256]
    outcomes = compare("".join(chosen) for chosen in itertools.product(parts, repeat=4))
    assert outcomes["accepted"] > 1000


def test_the_examples_hold_for_the_library() -> None:
    assert compare(ACCEPTED) == {"accepted": len(ACCEPTED)}
    assert compare(REFUSED) == {"refused": len(REFUSED)}
    assert [str(found) for found in theirs(ACCEPTED)] == list(ACCEPTED.values())
