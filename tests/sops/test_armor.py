from __future__ import annotations

import base64

import pyrage
import pytest

from gitops_regconf.sops import generate_key
from gitops_regconf.sops.age import wrap
from gitops_regconf.sops.armor import problem_of_armor

_, RECIPIENT = generate_key()
HEAD, TAIL = "-----BEGIN AGE ENCRYPTED FILE-----\n", "-----END AGE ENCRYPTED FILE-----\n"


def armored(body: bytes) -> str:
    return f"{HEAD}{base64.b64encode(body).decode()}\n{TAIL}"


def test_every_wrapped_key_is_accepted_whatever_age_adds() -> None:
    for _ in range(200):  # with random stanzas now and then
        assert problem_of_armor(wrap(b"k" * 32, RECIPIENT).enc, native=True) == ""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not an armored age file"),
        ("CANARY", "not an armored age file"),
        (f"{HEAD}YQ\n{TAIL}", "invalid base64"),
        (armored(b"CANARY"), "not an age file"),
        (armored(b"age-encryption.org/v1\nCANARY"), "not an age file"),
    ],
)
def test_what_is_none_is_said_without_repeating_it(text: str, problem: str) -> None:
    assert problem in problem_of_armor(text, native=True)


def test_a_file_of_another_size_or_for_several_is_none() -> None:
    keys = [pyrage.x25519.Recipient.from_str(generate_key()[1]) for _ in range(2)]
    short = pyrage.encrypt(b"k" * 31, keys[:1], armored=True).decode()
    both = pyrage.encrypt(b"k" * 32, keys, armored=True).decode()
    assert "length" in problem_of_armor(short, native=True)
    assert "not for one" in problem_of_armor(both, native=True)
    assert problem_of_armor(both, native=False) == ""
