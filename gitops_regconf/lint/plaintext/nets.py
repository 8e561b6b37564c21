"""All nets over one text: by structure where it is YAML, by look and by words everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from yaml.nodes import Node, ScalarNode

from gitops_regconf.errors import InvalidInput
from gitops_regconf.lint.plaintext import (
    assignments,
    commands,
    fragments,
    packed,
    tokens,
    wire,
)
from gitops_regconf.lint.plaintext.actions import actions
from gitops_regconf.lint.plaintext.assignments import Style
from gitops_regconf.lint.plaintext.candidate import is_candidate_text
from gitops_regconf.lint.plaintext.comments import comments
from gitops_regconf.lint.plaintext.leak import Leak
from gitops_regconf.lint.plaintext.leaves import Leaves
from gitops_regconf.lint.plaintext.places import Place
from gitops_regconf.lint.plaintext.structure import Structure
from gitops_regconf.lint.plaintext.templates import is_template, neutral
from gitops_regconf.lint.plaintext.text import MAX_DEPTH, Text, unescaped
from gitops_regconf.source.documents import documents

# How a text in a scalar begins that is YAML or JSON with a structure.
_STRUCTURED: Final = re.compile(r"\s*(?:[{\[]|---|- |[\w.\"'/-]+[ \t]*:(?:\s|$)|#|\?)")


@dataclass(frozen=True, slots=True)
class Parsed:
    """The documents of a text; `text` is it as it was parsed, every character in its place."""

    text: Text
    trees: Sequence[Node] = ()


def inside(text: Text, place: Place = Place()) -> Iterator[Leak]:  # noqa: B008  # it is frozen
    """The leaks in a text that was found in another one."""
    # Where it stands in a Secret, or a patch of one, any word may be a credential.
    if text.depth <= MAX_DEPTH and (place.secret or is_candidate_text(text.content)):
        yield from of_text(text, parsed(text), Style.PLAIN, place)


def of_text(
    text: Text,
    yaml: Parsed,
    style: Style,
    place: Place = Place(),  # noqa: B008
) -> Iterator[Leak]:
    """The leaks in a text, and in its structure where it is YAML."""
    structure = Structure(Leaves(yaml.text, text, inside))
    for tree in yaml.trees:
        yield from structure.leaks(tree, place)
    yield from tokens.leaks(text)
    yield from wire.leaks(text)
    yield from commands.leaks(text)
    for unpacked in packed.runs(text):
        yield from inside(unpacked)
    if yaml.trees and is_template(text.content):
        for action in actions(text):
            yield from assignments.leaks(action, style)
    for loose in comments(yaml.text, yaml.trees) if yaml.trees else (text,):
        yield from _loose(loose, style, place)


def _loose(text: Text, style: Style, place: Place) -> Iterator[Leak]:
    """What is no YAML as a whole, and may hold some: prose, code, settings."""
    if not place.prose:
        yield from assignments.leaks(text, style)
    for fragment in fragments.manifests(text, code=style is Style.CODE):
        yaml = parsed(fragment)
        structure = Structure(Leaves(yaml.text, fragment, inside))
        for tree in yaml.trees:
            yield from structure.leaks(tree, Place(sample=True))
    plain = unescaped(text)
    if plain and plain.depth <= MAX_DEPTH:
        yield from of_text(plain, Parsed(plain), style, place)


def parsed(text: Text) -> Parsed:
    """The documents of a text with a structure; none of any other text."""
    if not _STRUCTURED.match(text.content):
        return Parsed(text)
    try:
        return Parsed(text, trees_of(text.content))
    except InvalidInput:
        return of_template(text)


def of_template(text: Text) -> Parsed:
    """The documents of a template, with marks in place of its actions."""
    if not is_template(text.content):
        return Parsed(text)
    plain = text.part(0, neutral(text.content))
    try:
        return Parsed(plain, trees_of(plain.content))
    except InvalidInput:
        return Parsed(text)


def trees_of(content: str, path: str = "") -> list[Node]:
    """The documents of a text, if any has a structure. Raises InvalidInput."""
    trees = [document.node for document in documents(content, path)]
    return [] if all(isinstance(tree, ScalarNode) for tree in trees) else trees
