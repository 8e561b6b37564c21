"""Credentials in memory."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

from gitops_regconf.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a registry accepts: `username`+`password`, `auth`, or `identitytoken`.

    No field appears in the repr, so that no traceback or log shows one.
    """

    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    auth: str | None = field(default=None, repr=False)
    identitytoken: str | None = field(default=None, repr=False)

    def fields(self) -> dict[str, str]:
        """The fields that are set, in the order of the account file."""
        every = {
            "username": self.username,
            "password": self.password,
            "auth": self.auth,
            "identitytoken": self.identitytoken,
        }
        return {name: value for name, value in every.items() if value is not None}


def checked(credentials: Credentials) -> Credentials:
    """The credentials themselves; raises InvalidInput where no registry could accept them.

    No message repeats a value.
    """
    given = credentials.fields()
    for name, value in given.items():
        if not value:
            raise InvalidInput(f"the {name} is empty")
        if any(ord(character) < 32 or ord(character) == 127 for character in value):
            raise InvalidInput(
                f"the {name} holds a control character, perhaps a line break",
                mend="One final newline is dropped; everything else is taken as it is.",
            )
    kinds = {"username": "password", "password": "password"}
    if len({kinds.get(name, name) for name in given}) > 1:
        raise InvalidInput(
            f"{' and '.join(given)} contradict each other",
            mend="Give a user name with a password, or auth, or an identity token.",
        )
    if credentials.password is not None and credentials.username is None:
        raise InvalidInput("the user name is missing", mend="Add --username USER.")
    if credentials.username is not None and credentials.password is None:
        raise InvalidInput("the password is missing", mend="Give it with --password-stdin.")
    if ":" in (credentials.username or ""):
        raise InvalidInput("the user name holds a colon, which Basic authentication cannot carry")
    if credentials.auth is not None:
        _check_auth(credentials.auth)
    if not given:
        raise InvalidInput("there are no credentials")
    return credentials


def _check_auth(auth: str) -> None:
    try:
        decoded = base64.b64decode(auth, validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if b":" not in decoded:
        raise InvalidInput("auth is not the base64 of user:password")
