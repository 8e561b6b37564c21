"""Literals inside the actions of a template: `{{ "x" | b64enc }}`, `{{ .y | default "x" }}`.

What an action prints is not known before it runs, but a literal in it stands there in clear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from gitops_regconf.lint.plaintext.engine import compiled, span_of

if TYPE_CHECKING:
    from gitops_regconf.lint.plaintext.text import Text

_ACTION: Final = r"\{\{(?:[^{}\\\"`\n]|\\.|\"(?:[^\"\\\n]|\\.)*\"|`[^`\n]*`)*\}\}"
# In escaped quotes, as in a scalar in quotes, in quotes, or raw.
_LITERAL: Final = r"(?:\\\"([^\"\\\n]+)\\\"|\"((?:[^\"\\\n]|\\.)+)\"|`([^`\n]+)`)"
# Functions of Helm that print what they are given: https://helm.sh/docs/chart_template_guide/function_list/
_PRINTING: Final = r"(?:b64enc|quote|squote|print|toString|toJson|trim|tpl|upper|lower)"
_CHOOSING: Final = r"(?:default|coalesce|ternary|or)"
_PRINTED: Final = rf"(?:\{{\{{-?\s*|\(\s*|\b{_PRINTING}\s+){_LITERAL}"
_CHOICE: Final = rf"\b{_CHOOSING}\s(?:[^\"'`|]|{_LITERAL})*"

_GROUP: Final = re.compile(r"\([^()]*\)")
_MOST_NESTED: Final = 3

IN_ACTION: Final = r"\{\{[^}\n]*[\"`][^\"`\n]"
"""How an action with a literal begins."""


class Literal(NamedTuple):
    """A literal in an action; `always` printed, or only where nothing else is given."""

    text: Text
    always: bool


def actions(text: Text) -> Iterator[Text]:
    """The actions of a template."""
    for found in compiled(_ACTION).finditer(text.content):
        yield text.part(found.start(), found.group())


def literals(text: Text) -> Iterator[Literal]:
    """Those that the actions in a text print, and those that they choose from."""
    for action in actions(text):
        for literal in _of(_PRINTED, action):
            yield Literal(literal, always=True)
        for choice in compiled(_CHOICE).finditer(_without_groups(action.content)):
            for literal in _of(_LITERAL, action.part(choice.start(), choice.group())):
                yield Literal(literal, always=False)


def _without_groups(content: str) -> str:
    """An action with blanks for what stands in parentheses, which is for another function."""
    for _ in range(_MOST_NESTED):
        content = _GROUP.sub(lambda group: " " * len(group.group()), content)
    return content


def _of(form: str, text: Text) -> Iterator[Text]:
    for found in compiled(form).finditer(text.content):
        start, end = span_of(found)
        yield text.part(start, text.content[start:end])
