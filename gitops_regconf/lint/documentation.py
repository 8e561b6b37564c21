"""What a rule's docstring says, as data.

The form, with examples as indented blocks, in Markdown between backticks, or as words:

    An endpoint is a host.

    Why: charts put `https://` before it,
    on any number of lines.

    Bad:
        endpoint: https://registry.example.com
    Good: `endpoint: registry.example.com`
    Mend: write the host alone.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from gitops_regconf.lint.rule_set import all_rules

_PARTS = ("Why", "Bad", "Good", "Mend")
_LABEL = re.compile(rf"(?P<part>{'|'.join(_PARTS)}):(?:\s+(?P<text>\S.*))?\s*")
_ONE_SPAN = re.compile(r"`(?P<code>[^`]+)`")


class MalformedDocumentationError(Exception):
    """A rule's docstring has another form; a bug in the rule."""


@dataclass(frozen=True, slots=True)
class Example:
    """`text` is Markdown and says what is shown, `code` is shown; one of them may be empty."""

    text: str
    code: str


@dataclass(frozen=True, slots=True)
class Documentation:
    """`what` must hold, in one sentence; `why` and `mend` are Markdown.

    `stops_regenerate` says whether nothing is generated for a cluster with such a finding.
    """

    id: str
    what: str
    why: str
    bad: Example
    good: Example
    mend: str
    stops_regenerate: bool = False


@cache
def documented_rules() -> dict[str, Documentation]:
    """The documentation of every rule by its id. Raises MalformedDocumentationError."""
    return {
        name: parse(name, rule.docstring, stops_regenerate=rule.stops_regenerate)
        for name, rule in sorted(all_rules().items())
    }


def parse(rule: str, docstring: str, *, stops_regenerate: bool = False) -> Documentation:
    """What a docstring says about the rule. Raises MalformedDocumentationError."""
    what, *rest = inspect.cleandoc(docstring).splitlines() or [""]
    if not what.endswith("."):
        raise MalformedDocumentationError(f"{rule}: the first line is no sentence: {what!r}")
    parts = _parts(rule, rest)
    return Documentation(
        rule,
        what,
        _prose(rule, "Why", parts),
        _example(rule, "Bad", parts),
        _example(rule, "Good", parts),
        _prose(rule, "Mend", parts),
        stops_regenerate,
    )


def _parts(rule: str, lines: Sequence[str]) -> dict[str, list[str]]:
    """The lines of each part, the first of them what stands beside the label."""
    if lines and lines[0]:
        raise MalformedDocumentationError(f"{rule}: no blank line follows the first one")
    parts: dict[str, list[str]] = {}
    for line in lines:
        label = _LABEL.fullmatch(line)
        if label:
            if label["part"] in parts:
                raise MalformedDocumentationError(f"{rule}: {label['part']} stands there twice")
            parts[label["part"]] = [label["text"] or ""]
        elif parts:
            parts[next(reversed(parts))].append(line)
        elif line:
            raise MalformedDocumentationError(f"{rule}: {line!r} belongs to no part")
    if tuple(parts) != _PARTS:
        raise MalformedDocumentationError(
            f"{rule}: the parts are {', '.join(parts)}, not {', '.join(_PARTS)}"
        )
    return parts


def _prose(rule: str, part: str, parts: dict[str, list[str]]) -> str:
    text = "\n".join(parts[part]).strip()
    if not text:
        raise MalformedDocumentationError(f"{rule}: {part} says nothing")
    return text


def _example(rule: str, part: str, parts: dict[str, list[str]]) -> Example:
    lines = parts[part]
    first = next((index for index, line in enumerate(lines) if line.startswith(" ")), len(lines))
    text = " ".join(" ".join(lines[:first]).split())
    block = lines[first:]
    if any(line and not line.startswith(" ") for line in block):
        raise MalformedDocumentationError(f"{rule}: text follows the code of {part}")
    code = textwrap.dedent("\n".join(block)).strip("\n")
    if not text and not code:
        raise MalformedDocumentationError(f"{rule}: {part} shows nothing")
    span = _ONE_SPAN.fullmatch(text)
    return Example("", span["code"]) if span and not code else Example(text, code)
