"""Credentials in the form in which they travel: addresses with user information, and headers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from gitops_regconf.lint.plaintext import looks
from gitops_regconf.lint.plaintext.engine import compiled
from gitops_regconf.lint.plaintext.leak import Leak, Net

if TYPE_CHECKING:
    from gitops_regconf.lint.plaintext.text import Text

_ADDRESS: Final = (
    r"\b[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@\"'<>`\\?#]*(?::|%3[Aa])([^\s/@\"'<>`\\?#]+)@[\w\[$%{.-]"
)
# Of a host, without a scheme; the tag of an image and its digest are written alike.
_USER_INFO: Final = (
    r"(?:^|[\s\"'`=,\[({])[A-Za-z0-9._$+%-]+:([^\s/@:\"'<>`\\?#{}]+)@"
    r"(?:(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}|[0-9]+(?:\.[0-9]+){3})"
)
_HEADER: Final = (
    r"(?i:authorization)[\"'\\\]]*\s*[:=,][\s\[\"'\\]*"
    r"(?i:(basic|bearer|token)) +([A-Za-z0-9+/=_.~-]{6,})"
)
# Robot accounts are told by their names: what stands beside such a name is its password.
_ROBOT: Final = (
    r"(?:robot\$[A-Za-z0-9+._-]+|\b_json_key(?:_base64)?|\boauth2accesstoken"
    r"|\b0{8}-0{4}-0{4}-0{4}-0{12})"
)
_ROBOT_AND_PASSWORD: Final = (
    rf"{_ROBOT}(?:[\"'\\]*[ \t]*[:,/| \t][ \t]*[\"'\\]*"
    r"|[\"']?,?[ \t]*\r?\n[ \t]*[\"']?[A-Za-z_.-]*[\"']?[ \t]*[:=]?[ \t]*[\"']?)"
    r"([^\s\"'\\,:|]{12,})"
)
_NAMED: Final = rf"(?:{_ROBOT}|AWS|[a-z0-9_]+\+[a-z0-9_]+)"
_PAIR: Final = r"(?:^|[\s\"'=])(?:AWS|[a-z0-9_]{2,}\+[a-z0-9_]{2,}):([A-Za-z0-9+/=_-]{20,})"

CANDIDATE: Final = rf"{_ADDRESS}|{_USER_INFO}|{_HEADER}|{_ROBOT_AND_PASSWORD}|{_PAIR}"


def leaks(text: Text) -> Iterator[Leak]:
    """The credentials in addresses and headers, and those beside the name of a robot account."""
    from urllib.parse import unquote

    for found in compiled(_ADDRESS).finditer(text.content):
        password = unquote(found.group(1))
        if not looks.is_placeholder(password) and not looks.is_code(password):
            yield text.leak(found.span(1), Net.TEXT, "a password in an address")
    for found in compiled(_USER_INFO).finditer(text.content):
        password = unquote(found.group(1))
        if not looks.is_placeholder(password) and looks.is_generated(password):
            yield text.leak(found.span(1), Net.TEXT, "a password in front of a host")
    for found in compiled(_HEADER).finditer(text.content):
        scheme, value = found.group(1).lower(), found.group(2)
        if looks.is_user_and_password(value) if scheme == "basic" else _is_token(value):
            yield text.leak(found.span(2), Net.TEXT, f"a {scheme} authorization")
    for form in (_ROBOT_AND_PASSWORD, _PAIR):
        for found in compiled(form).finditer(text.content):
            if looks.is_generated(found.group(1)):
                what = "the password of a robot account"
                yield text.leak(found.span(1), Net.TEXT, what)


def is_robot(name: str) -> bool:
    """Whether a user name is that of a robot account."""
    return compiled(_NAMED).fullmatch(name) is not None


def _is_token(value: str) -> bool:
    return not looks.is_placeholder(value) and not looks.is_name(value)
