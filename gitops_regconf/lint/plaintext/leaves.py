"""Credentials in one scalar, by its place, its name, or what it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from yaml.nodes import Node, ScalarNode

from gitops_regconf.lint.plaintext import looks, names, nodes, packed
from gitops_regconf.lint.plaintext.actions import literals
from gitops_regconf.lint.plaintext.leak import Leak, Net
from gitops_regconf.lint.plaintext.places import REGISTRY, Place
from gitops_regconf.lint.plaintext.templates import ACTION
from gitops_regconf.lint.plaintext.text import Text
from gitops_regconf.source import scalars

_LITERALS: Final = (scalars.STR, scalars.TIMESTAMP, scalars.TAG + "binary", "!")
# A shorter number says how often or how long.
_DIGITS: Final = 5
# What sets a value apart from its name, in a scalar on one line.
_SETS: Final = re.compile(r"[=:\n]")

_LETTERS: Final = re.compile(r"[A-Za-z0-9]")
_MAIL: Final = re.compile(r"[\w.+-]+@[\w.-]+")

Look = Callable[[Text, Place], Iterator[Leak]]


@dataclass(frozen=True)
class Leaves:
    """The scalars of `text`; `inside` looks into a text that a scalar holds.

    `written` is the text with what `text` has marks for.
    """

    text: Text
    written: Text
    inside: Look

    def leaks(self, node: ScalarNode, place: Place) -> Iterator[Leak]:
        """Those in one scalar, which stands at `place`."""
        if not node.value and not node.style:
            yield from self._in_properties(node, place)
            return
        if nodes.is_null(node) or (place.ciphertext and looks.is_sealed(node.value)):
            return
        if ACTION in node.value or "{{" in node.value:
            yield from self.in_actions(node, place)
        if looks.stands_in(node.value):
            return
        if place.held == REGISTRY and node.tag == scalars.BOOL:
            return  # a switch of the same name
        if nodes.is_reference(node):
            return
        if place.held or place.ciphertext:
            yield from self.held(self.text.of_scalar(node), place)
        elif node.tag in _LITERALS or node.style or _is_number_as_password(node, place):
            yield from self._named(node, place)

    def _in_properties(self, node: ScalarNode, place: Place) -> Iterator[Leak]:
        """A password that begins with `!` or `&` and lacks its quotes: no value, to YAML."""
        start, end = node.start_mark.index, node.end_mark.index
        written = self.text.part(start, self.text.content[start:end])
        is_other = written.content.startswith("!!") or nodes.is_reference(node)
        is_password = place.held or names.strength(place.name) is names.Strength.STRONG
        if len(written.content) >= _DIGITS and is_password and not is_other:
            yield self.whole(written, place)

    def in_actions(self, node: Node, place: Place) -> Iterator[Leak]:
        """The literals that a template prints into a leaf; one to fall back on, by its look."""
        start, end = node.start_mark.index, node.end_mark.index
        for literal in literals(self.written.part(start, self.written.content[start:end])):
            value = literal.text.content
            if not _LETTERS.search(value) or (not literal.always and _MAIL.fullmatch(value)):
                continue
            sure = literal.always or not (looks.is_name(value) or looks.is_placeholder(value))
            if looks.is_credential(place.name, value) or (place.held and sure):
                yield self.whole(literal.text, place)

    def held(self, text: Text, place: Place) -> Iterator[Leak]:
        """A leaf in a place of credentials: what is in it, else the leaf."""
        unpacked = packed.whole(text)
        if unpacked and looks.stands_in(unpacked.content):
            return
        if place.sample and _is_sample(unpacked or text):
            return
        yield from self._innermost(text, place)

    def _named(self, node: ScalarNode, place: Place) -> Iterator[Leak]:
        """A leaf anywhere: a credential by its name, or what is in it."""
        if looks.is_credential(place.name, node.value):
            yield from self._innermost(self.text.of_scalar(node), place)
        elif _may_hold(node):
            yield from self.inside(self.text.of_scalar(node), Place(prose=place.prose))

    def _innermost(self, text: Text, place: Place) -> Iterator[Leak]:
        whole = self.whole(text, place)
        found = list(self.inside(text, Place()))
        if ACTION in text.content or (found and not _covers(found, whole)):
            yield from found
        else:
            yield whole

    def whole(self, text: Text, place: Place) -> Leak:
        """A text without the blanks around it."""
        content = text.content.strip()
        start = text.content.find(content)
        return text.leak((start, start + len(content)), Net.STRUCTURE, _what(place))


def _may_hold(node: ScalarNode) -> bool:
    """Whether there may be more in a scalar than a search through the file's text has seen."""
    if len(node.value) < 8:
        return False
    written = node.end_mark.index - node.start_mark.index - 2 * (node.style is not None)
    return written != len(node.value) or _SETS.search(node.value) is not None


def _is_number_as_password(node: ScalarNode, place: Place) -> bool:
    is_long = node.tag in (scalars.INT, scalars.FLOAT) and len(node.value) >= _DIGITS
    return is_long and names.strength(place.name) is names.Strength.STRONG


def _is_sample(text: Text) -> bool:
    """Whether documentation shows the place of a value, and not a value."""
    bare = text.content.strip()
    return (
        looks.is_placeholder(bare)
        or looks.is_prose(bare)
        or bare.startswith("ENC[")
        or ("$" in bare and "\n" in bare)
    )


def _covers(found: list[Leak], whole: Leak) -> bool:
    """Whether all that was found in a leaf is the leaf."""
    return len(found) == 1 and found[0].end - found[0].start >= whole.end - whole.start


def _what(place: Place) -> str:
    keys = place.path[:-1]
    if keys[-1:] == (place.name,):  # as in {password: {value: x}}
        keys = keys[:-1]
    around = ".".join(map(names.shown, keys))
    where = f" in {around}" if around else ""
    of = f", part of {place.held}," if place.held else ""
    return f"the value of {names.shown(place.name)}{where}{of}"
