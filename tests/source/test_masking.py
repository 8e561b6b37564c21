"""Input as messages may repeat it: names and hosts, and nothing that may be a credential."""

from __future__ import annotations

import secrets

import pytest

from gitops_regconf.source.masking import MASKED, host, key


@pytest.mark.parametrize(
    "text",
    [
        "docker.io",
        "Docker.io",
        "localhost:5000",
        "https://mirror.example.com/v2",
        "[fd00::1]:5000",
        "zot.${region}.example.com",
        "123456789012.dkr.ecr.eu-central-1.amazonaws.com",
    ],
)
def test_a_host_is_shown(text: str) -> None:
    assert host(text) == text


def test_user_info_before_a_host_is_masked() -> None:
    assert host("https://robot:a/b@quay.io") == f"https://{MASKED}@quay.io"
    assert host("robot:x@y@quay.io") == f"{MASKED}@quay.io"


@pytest.mark.parametrize("number", range(20))
def test_a_token_is_neither_a_host_nor_a_key(number: int) -> None:
    for token in (secrets.token_hex(12), f"{secrets.token_urlsafe(18)}7", f"eyJ{'h' * 40}.e30.x"):
        assert host(token) == MASKED
        assert host(f"quay.io/{token}") == MASKED
        assert key(token) == "this key"


@pytest.mark.parametrize("text", ["endpoint", "overridepath", "identity_token", "docker.io"])
def test_a_key_that_is_a_word_or_a_host_is_shown(text: str) -> None:
    assert key(text) == repr(text)


@pytest.mark.parametrize("text", ["", "hunter2", "a b", "me@quay.io", "x" * 33])
def test_any_other_key_is_not(text: str) -> None:
    assert key(text) == "this key"
