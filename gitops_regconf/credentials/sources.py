"""Credentials from standard input and from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO

from gitops_regconf.credentials.credentials import Credentials
from gitops_regconf.errors import InvalidInput
from gitops_regconf.registries.model import CREDENTIAL_KEYS

# Tokens of several kilobytes exist; a file piped in by mistake is larger.
_MAX_BYTES = 64 * 1024


def from_stdin(stream: BinaryIO, field: str, username: str | None) -> Credentials:
    """`field` from a stream, whose one final newline is dropped; the user name from an argument."""
    content = stream.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise InvalidInput("standard input is too long to be a credential")
    try:
        value = content.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidInput("standard input is not UTF-8 text") from None
    value = value.removesuffix("\n").removesuffix("\r") if value.endswith("\n") else value
    return Credentials(username=username, **{field: value})


def from_environment(environ: Mapping[str, str], prefix: str, username: str | None) -> Credentials:
    """Credentials from `<prefix>_USERNAME`, `_PASSWORD`, `_AUTH` and `_IDENTITYTOKEN`."""
    found = {
        field: environ[f"{prefix}_{field.upper()}"]
        for field in CREDENTIAL_KEYS
        if f"{prefix}_{field.upper()}" in environ
    }
    if not found:
        names = ", ".join(f"{prefix}_{field.upper()}" for field in CREDENTIAL_KEYS)
        raise InvalidInput(f"none of {names} is set")
    if username is not None:
        found["username"] = username
    return Credentials(**found)
