"""Credentials in memory: what is accepted, and that nothing shows them."""

from __future__ import annotations

import io
import traceback

import pytest

from gitops_regconf.credentials.credentials import Credentials, checked
from gitops_regconf.credentials.sources import from_environment, from_stdin
from gitops_regconf.errors import InvalidInput


@pytest.mark.parametrize(
    "given",
    [
        {"username": "u", "password": "p"},
        {"username": "org+robot", "password": "p:w"},
        {"auth": "dTpw"},
        {"identitytoken": "eyJ"},
    ],
)
def test_what_a_registry_accepts_is_kept_as_it_is(given: dict[str, str]) -> None:
    assert checked(Credentials(**given)).fields() == given


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"username": "u"},
        {"password": "p"},
        {"username": "u", "password": ""},
        {"username": "u", "password": "p", "auth": "dTpw"},
        {"auth": "dTpw", "identitytoken": "t"},
        {"auth": "dXA="},
        {"auth": "not base64"},
        {"username": "u\tv", "password": "p"},
        {"identitytoken": "a\x7fb"},
    ],
)
def test_what_no_registry_accepts_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        checked(Credentials(**given))


def test_no_message_and_no_repr_holds_a_value() -> None:
    credentials = Credentials(username="canary-user", password="canary\npassword")
    assert "canary" not in repr(credentials)
    with pytest.raises(InvalidInput) as caught:
        checked(credentials)
    assert "canary" not in "".join(traceback.format_exception(caught.value)).replace(
        "credentials", ""
    )


@pytest.mark.parametrize(
    ("content", "password"),
    [(b"pw\n", "pw"), (b"pw", "pw"), (b"pw\r\n", "pw"), (b"pw\n\n", "pw\n"), (b" pw \n", " pw ")],
)
def test_one_final_newline_is_dropped(content: bytes, password: str) -> None:
    assert from_stdin(io.BytesIO(content), "password", "u").password == password


def test_a_file_piped_in_by_mistake_is_refused() -> None:
    with pytest.raises(InvalidInput, match="too long"):
        from_stdin(io.BytesIO(b"x" * 100_000), "password", "u")


def test_the_environment_is_read_by_prefix() -> None:
    environ = {"HUB_USERNAME": "u", "HUB_PASSWORD": "p", "HUBX_AUTH": "no", "PASSWORD": "no"}
    assert from_environment(environ, "HUB", None).fields() == {"username": "u", "password": "p"}
    assert from_environment(environ, "HUB", "other").username == "other"
    assert from_environment({"X_IDENTITYTOKEN": "t"}, "X", None).fields() == {"identitytoken": "t"}
