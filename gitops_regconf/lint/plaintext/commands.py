"""Credentials in command lines: `docker login -p x`, `curl -u user:x`, `--password x`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from gitops_regconf.lint.plaintext import looks
from gitops_regconf.lint.plaintext.engine import compiled, span_of
from gitops_regconf.lint.plaintext.leak import Leak, Net

if TYPE_CHECKING:
    from gitops_regconf.lint.plaintext.text import Text

_TOOLS: Final = (
    r"docker|podman|nerdctl|buildah|skopeo|helm|helmfile|crane|gcrane|oras|ctr|crictl|regctl|cosign"
    r"|notation|curl|wget|httpie|kubectl|az|aws|gcloud|flux|argocd|vault|k0s|kind|regconf"
)
# A command goes on after a backslash at the end of its line.
_COMMAND: Final = rf"\b(?:{_TOOLS})[ \t](?:[^\n\\]|\\\r?\n|\\.)*"
_BLANK: Final = r"(?:[ \t]|\\\r?\n)+"
_GAP: Final = r"(?:^|\s|\\\r?\n)"
_VALUE: Final = r"(?:\"([^\"\n]+)\"|'([^'\n]+)'|([^\s\"'|&;<>()`\\,]+))"
_FLAG: Final = (
    rf"{_GAP}--?[A-Za-z-]*(password|passwd|secret|token|passphrase)(?:=|{_BLANK}){_VALUE}"
)
_SHORT: Final = rf"{_GAP}-p(?:=|{_BLANK})?{_VALUE}"
_LOGIN: Final = r"\blogin\b"
_UP_TO: Final = r"(?:[^\n\\|;&]|\\\r?\n|\\[^\n])*?"
# Whose option takes what is attached to it, or is one of their own.
_OF_OTHERS: Final = (
    r"(?:(?m:^)|[\s;&|(\"'`])"
    rf"(?:(?:mysql(?:dump|admin)?|mariadb(?:-dump)?)[ \t]+(?:-{_UP_TO}[ \t])?-p{_VALUE}"
    rf"|redis-cli[ \t]{_UP_TO}[ \t]-a{_BLANK}{_VALUE}|redis-cli[ \t]+-a{_BLANK}{_VALUE}"
    rf"|sshpass{_BLANK}-p(?:{_BLANK})?{_VALUE})"
)
_PORTS: Final = re.compile(r"[0-9:.]+")
_PAIR: Final = (
    rf"{_GAP}(?:-u|--user|--(?:src-|dest-)?creds|--proxy-user|--auth)(?:=|{_BLANK})?"
    r"(?:\"([^\s\":]+:[^\"\n]+)\"|'([^\s':]+:[^'\n]+)'|([^\s\"':]+:[^\s\"'|&;<>()`\\]+))"
)
_LITERAL: Final = (
    rf"--from-literal(?:=|{_BLANK})"
    r"(?:\"([^\"\n]+)\"|'([^'\n]+)'|([^\s\"'|&;<>()`\\]+))"
)
_HERE: Final = rf"<<<(?:{_BLANK})?{_VALUE}"
_PIPED: Final = (
    r"\b(?:echo|printf)[ \t]+(?:-[a-z]+[ \t]+)?(?:['\"]?%s(?:\\n)?['\"]?[ \t]+)?"
    rf"{_VALUE}[ \t]*(?:\\\r?\n[ \t]*)?\|[^\n|]*\blogin\b"
)

CANDIDATE: Final = "|".join(
    (
        _FLAG,
        _OF_OTHERS,
        rf"{_LOGIN}(?:[^\n\\]|\\\r?\n|\\.)*(?:{_SHORT}|<<<)",
        _PAIR,
        "--from-literal",
        _PIPED,
    )
)


def leaks(text: Text) -> Iterator[Leak]:
    """The credentials that command lines give to tools."""
    for found in compiled(_COMMAND).finditer(text.content):
        yield from _of_command(text.part(found.start(), found.group()))
    for found in compiled(_OF_OTHERS).finditer(text.content):
        start, end = span_of(found)
        # Of a container whose name is that of a tool, -p is for ports.
        if not _PORTS.fullmatch(text.content, start, end):
            yield from _leak(text, (start, end), "a password in a command line")
    for found in compiled(_PIPED).finditer(text.content):
        yield from _leak(text, span_of(found), "a password piped into a login")


def _of_command(command: Text) -> Iterator[Leak]:
    """The credentials in one command, from the tool's name to its last line's end."""
    content = command.content
    for found in compiled(_FLAG).finditer(content):
        span = span_of(found, first=2)
        value = content[slice(*span)]
        # --secret and --token also take the names of what holds them.
        if looks.is_credential(found.group(1), value):
            yield from _leak(command, span, "a password in a command line")
    for form in (_SHORT, _HERE) if compiled(_LOGIN).search(content) else ():
        for found in compiled(form).finditer(content):
            yield from _leak(command, span_of(found), "a password in a command line")
    for found in compiled(_PAIR).finditer(content):
        yield from _of_pair(command, span_of(found))
    if "secret" in content:
        for found in compiled(_LITERAL).finditer(content):
            start, end = span_of(found)
            equals = content.find("=", start, end)
            if equals > 0:
                yield from _leak(command, (equals + 1, end), "a literal of a Secret")


def _of_pair(command: Text, span: tuple[int, int]) -> Iterator[Leak]:
    """`user:password`; a container's user and group are written in the same way."""
    start, end = span
    colon = command.content.find(":", start, end)
    user, password = command.content[start:colon], command.content[colon + 1 : end]
    if (password.isdigit() and user.isdigit()) or password == user:
        return
    yield from _leak(command, (colon + 1, end), "a password in a command line")


def _leak(text: Text, span: tuple[int, int], what: str) -> Iterator[Leak]:
    value = text.content[slice(*span)]
    is_flag = value.startswith(("-", "$", "<", "[", "{", "@", "%", "/", "."))
    if len(value) > 1 and not is_flag and not looks.is_placeholder(value):
        yield text.leak(span, Net.TEXT, what)
