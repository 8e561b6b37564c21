"""Credentials by the name in front of them: `password: x`, `TOKEN=x`, `"auth": "x"`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING, Final

from gitops_regconf.lint.plaintext import looks, names
from gitops_regconf.lint.plaintext.actions import IN_ACTION, literals
from gitops_regconf.lint.plaintext.engine import compiled, span_of
from gitops_regconf.lint.plaintext.leak import Leak, Net
from gitops_regconf.lint.plaintext.names import Strength

if TYPE_CHECKING:
    from gitops_regconf.lint.plaintext.text import Text


class Style(Enum):
    """How a text is written."""

    PLAIN = "configuration and prose: a bare value may be a literal"
    CODE = "a programming language: a bare value is a name in it"


_SUFFIXES: Final = """\
.c .cc .cpp .cs .cue .ex .go .h .hpp .java .js .jsx .kt .libsonnet .jsonnet .lua .mjs .php
.pl .pm .proto .ps1 .py .pyi .rb .rego .rs .scala .sql .star .swift .tf .ts .tsx .vue .bzl"""
_CODE_SUFFIXES: Final = tuple(_SUFFIXES.split())

_NAME: Final = rf"(?i:[A-Za-z0-9_.\-/]*?(?:{names.ENDINGS}))"
_QUOTES: Final = r"(?:\\*[\"'`])?"
# The value: in three quotes, in escaped ones, in quotes, or bare.
_VALUE: Final = (
    r"(?:(?:'''|\"\"\")[ \t]*(?:\r?\n[ \t]*)?([^\s\"'][^\"'\n]*)"
    r"|\\+[\"']([^\"'\\\n]+)\\+[\"']|\"((?:[^\"\\\n]|\\.)+)\"|'([^'\n]+)'|`([^`\n]+)`"
    r"|([^\s\"'`][^\s\"'`]*))"
)
_ASSIGNMENT: Final = rf"({_NAME}){_QUOTES}\]?[ \t]*(:=|=>|=|:)[ \t]*{_VALUE}"
_ELEMENT: Final = rf"<({_NAME})(>)([^<>\s]+)</"
_INSTRUCTION: Final = rf"(?m:^[ \t]*)(?:ENV|ARG)[ \t]+({_NAME})([ \t]+){_VALUE}"
_NETRC: Final = r"\b(?:machine\s+\S+|default)\s+login\s+\S+\s+(password)(\s+)(\S+)"
_ACTION: Final = rf"({_NAME}){_QUOTES}\]?[ \t]*[:=][ \t]*[\"']?(\{{\{{[^\n]*)"
_FORMS: Final = (_ASSIGNMENT, _ELEMENT, _INSTRUCTION, _NETRC)
_NEXT_SETTING: Final = re.compile(r"[;&,][A-Za-z_ ]+=")
_HAS_NO_DIGIT: Final = re.compile(r"[^0-9]*\Z")
_WORD: Final = re.compile(r"[^\W\d_]+[.,;:!?)]*\Z")

# Bytes that may begin a literal: nothing that is filled in, encrypted, or a mapping.
_BEGINS: Final = (
    r"(?:[^\s#\"'`\\{<$E]|E(?:[^N]|N[^C]|NC[^\[]|NC\[[^A])|\$[^{(]"
    r"|\{\s*[\"']?(?:value|default)\b|<[^<>\n]*(?:[<\n]|>[^\s\"'`<,;)])"
    r"|(?:\$\{[^}\n]*\}|\{\{[^}\n]*\}\})[^\s\"'`,;}])"
)
_SIGN: Final = r"(?:\\*[\"'`])?\]?[ \t]*[=:][ \t]*[\"'`\\]*"
CANDIDATE: Final = (
    rf"(?i:{names.STRONG_ENDINGS}){_SIGN}{_BEGINS}"
    rf"|(?i:{names.STRONG_ENDINGS})[ \t]*=[ \t]*\{{[^{{]"
    rf"|(?i:{names.WEAK_ENDINGS}){_SIGN}(?:[^\s\"'`\\{{}}$<#|>&(][^\s\"'`\\]*)?(?:{looks.NO_NAME})"
    rf"|(?i:{names.WEAK_ENDINGS}){_SIGN}[|>&!]"
    rf"|(?i:{names.ENDINGS})(?:{_SIGN}{IN_ACTION}|[\"'\]]*[ \t]*[=:][ \t]*(?:'''|\"\"\"))"
    rf"|(?i:{names.ENDINGS})>[^<>\s]|(?:ENV|ARG)[ \t]+{_NAME}[ \t]|{_NETRC}"
)


def style_of(path: str) -> Style:
    """How a file with this name is written."""
    return Style.CODE if path.lower().endswith(_CODE_SUFFIXES) else Style.PLAIN


def leaks(text: Text, style: Style) -> Iterator[Leak]:
    """The literals that are assigned to names of credentials."""
    yield from _of_actions(text)
    for form in _FORMS:
        for found in compiled(form).finditer(text.content):
            name, sign = found.group(1), found.group(2)
            span = span_of(found, first=3)
            before = text.content[span[0] - 1]
            quoted = before in "\"'`>"
            if not quoted:
                span = _bare(text.content, span)
            value = text.content[slice(*span)]
            if len(value) < 2 or not looks.is_credential(name, value):
                continue
            # A colon without a blank also sets the parts of one name apart: arn:aws:…:secret:…
            if before == ":" and names.strength(name) is Strength.WEAK:
                continue
            # What is assigned to a variable of a template without quotes is code.
            of_template = sign == ":=" and text.content.endswith("$", 0, found.start(1))
            kind = Style.CODE if of_template and not quoted else style
            if _is_literal(value, sign, kind) if not quoted else _is_sure(name, value, kind):
                what = f"the value of {names.shown(_last(name))}"
                yield text.leak(span, Net.TEXT, what)


def _of_actions(text: Text) -> Iterator[Leak]:
    """The literals that a template prints behind the name of a credential."""
    if "{{" not in text.content:
        return
    for found in compiled(_ACTION).finditer(text.content):
        name = found.group(1)
        for literal in literals(text.part(found.start(2), found.group(2))):
            value = literal.text.content
            if looks.is_credential(name, value):
                what = f"the value of {names.shown(_last(name))}"
                yield literal.text.leak((0, len(value)), Net.TEXT, what)


def _bare(content: str, span: tuple[int, int]) -> tuple[int, int]:
    """A bare value without what only closes it, and without the settings after it."""
    start, end = span
    value = content[start:end]
    following = _NEXT_SETTING.search(value)
    value = (value[: following.start()] if following else value).rstrip(",;)}]>|\\")
    return start, start + len(value)


def _is_literal(value: str, sign: str, style: Style) -> bool:
    """Whether a bare value is one, and no expression and no word of a sentence."""
    if looks.is_code(value) or value[0] in "$&*@%!<({[|>":
        return False
    if style is Style.CODE:
        return looks.is_generated(value) and not _HAS_NO_DIGIT.match(value)
    # After a colon, prose goes on with a word.
    return sign != ":" or not _WORD.match(value) or looks.is_generated(value)


def _is_sure(name: str, value: str, style: Style) -> bool:
    """Whether a value in quotes is one: in code it may be a message, a flag, or a field's name."""
    if style is Style.PLAIN:
        return True
    if names.strength(name) is Strength.STRONG:
        return not looks.is_name(value)
    return looks.is_generated(value)


def _last(name: str) -> str:
    return re.split(r"[./]", name.strip("./-"))[-1]
