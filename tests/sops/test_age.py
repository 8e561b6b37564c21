from __future__ import annotations

import traceback
from datetime import UTC, datetime, timedelta, timezone

import pytest

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops import Identities, generate_key
from gitops_regconf.sops.age import check_native, wrap
from gitops_regconf.source.position import Position

SECRET, RECIPIENT = generate_key()


def test_a_key_file_is_that_of_age_keygen() -> None:
    text, recipient = generate_key(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).astimezone(UTC))
    created, public, secret, rest = text.split("\n")
    assert created.startswith("# created: 2026-01-0")
    assert public == f"# public key: {recipient}"
    assert secret.startswith("AGE-SECRET-KEY-1")
    assert rest == ""
    assert Identities.of(text).recipients == (recipient,)
    east = datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert generate_key(east)[0] != generate_key(east)[0]


def test_a_wrapped_key_is_opened_by_its_recipient() -> None:
    stanza = wrap(b"k" * 32, RECIPIENT)
    assert stanza.enc.startswith("-----BEGIN AGE ENCRYPTED FILE-----\n")
    assert stanza.enc.endswith("-----END AGE ENCRYPTED FILE-----\n")
    assert Identities.of(SECRET).unwrap([stanza], Position("f")) == b"k" * 32


def test_a_recipient_is_accepted() -> None:
    check_native(RECIPIENT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "age1",
        f" {RECIPIENT}",
        f"{RECIPIENT}\n",
        RECIPIENT[:-1],
        RECIPIENT.upper(),
        RECIPIENT[:-1] + ("q" if RECIPIENT[-1] != "q" else "p"),
        "0123456789ABCDEF",
        "age1ä",
    ],
)
def test_what_is_no_recipient_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="62 characters"):
        check_native(text)


@pytest.mark.parametrize("change", [str.strip, str.lower, lambda text: f"age1 {text}"])
def test_a_secret_key_is_never_repeated(change: object) -> None:
    secret = change(SECRET.split("\n")[2])  # type: ignore[operator]
    with pytest.raises(InvalidInput, match="secret key") as caught:
        check_native(secret)
    shown = "".join(traceback.format_exception(caught.value)).upper()
    assert SECRET.split("\n")[2][16:].upper() not in shown
    assert "AGE-SECRET-KEY-1" not in str(caught.value)


def test_what_may_be_a_secret_is_not_repeated() -> None:
    password = "hunter" + "2"
    with pytest.raises(InvalidInput) as caught:
        check_native(password)
    assert password not in "".join(traceback.format_exception(caught.value))
