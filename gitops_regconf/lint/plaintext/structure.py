"""Credentials by their place in an object: in a Secret, in a registry's credentials, under a name.

What a scalar holds is looked at as well: YAML in YAML, patches, base64. A leaf in
which there are credentials is no leak besides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gitops_regconf.errors import InvalidInput
from gitops_regconf.lint.plaintext import arguments, looks, names, nodes, packed, wire
from gitops_regconf.lint.plaintext.actions import literals
from gitops_regconf.lint.plaintext.leak import Leak, Net
from gitops_regconf.lint.plaintext.places import CREDENTIAL_KEYS, REGISTRY, SECRET, Place
from gitops_regconf.lint.plaintext.templates import ACTION
from gitops_regconf.lint.plaintext.text import Text
from gitops_regconf.sops.selector import pattern
from gitops_regconf.source import scalars

_BINARY: Final = scalars.TAG + "binary"
_LITERALS: Final = (scalars.STR, scalars.TIMESTAMP, _BINARY, "!")
# Kinds are matched in any case, as whoever writes them by hand may.
_SECRETS: Final = ("secret",)
_LISTS: Final = ("secretlist",)
_ACCOUNTS: Final = ("registryaccount",)
_OPERATIONS: Final = ("add", "replace", "test")
_OPERATION: Final = frozenset(("op", "path", "value", "from"))
# The metadata that sops adds, and by which its block is known.
_SOPS_KEY: Final = "sops"
_SOPS_FIELDS: Final = frozenset(("mac", "lastmodified"))
_SOPS_SCALARS: Final = frozenset(
    (*_SOPS_FIELDS, *("enc", "recipient", "fp", "created_at", "arn", "version", "vault_address"))
)

# The keys of a field path of kustomize: dots between them, brackets around one with dots.
_STEP: Final = re.compile(r"(?:\\.|[^.\[\]])+")

# A shorter number says how often or how long.
_DIGITS: Final = 5
# What sets a value apart from its name, in a scalar on one line.
_SETS: Final = re.compile(r"[=:\n]")

Look = Callable[[Text, Place], Iterator[Leak]]


@dataclass
class Structure:
    """The leaks in the documents of `text`; `inside` looks into a text that a scalar holds.

    `written` is the text with what `text` has marks for.
    """

    text: Text
    written: Text
    inside: Look
    _seen: set[tuple[object, ...]] = field(default_factory=set)

    @cached_property
    def _has_aliases(self) -> bool:
        return "*" in self.text.content

    def leaks(self, root: Node, place: Place) -> Iterator[Leak]:
        """Those below `root`, which stands at `place`."""
        if isinstance(root, ScalarNode):
            yield from self._leaf(root, place)
        elif self.written.content.startswith("{{", root.start_mark.index):
            yield from self._in_actions(root, place)  # it also is a mapping, read as YAML
        elif self._is_new(root, place):
            if isinstance(root, MappingNode):
                yield from self._mapping(root, place)
            else:
                yield from self._list(nodes.items(root), place)

    def _list(self, items: Sequence[Node], place: Place) -> Iterator[Leak]:
        # A credential of a registry is one value.
        each = place._replace(held="") if place.held == REGISTRY else place
        for item in items:
            yield from self.leaks(item, each)
        for value in arguments.credentials(items):
            yield self._whole(self.text.of_scalar(value), place)

    def _is_new(self, node: Node, place: Place) -> bool:
        """An alias leads here again, and through nested ones endlessly often."""
        if not self._has_aliases:
            return True
        key = (id(node), *place[1:])
        known = key in self._seen
        self._seen.add(key)
        return not known

    def _mapping(self, node: MappingNode, place: Place) -> Iterator[Leak]:
        entries = nodes.pairs(node)
        values = {key.value: value for key, value in entries}
        here = _place_of(values, place)
        if _is_operation(values):
            yield from self._operation(values, place)
            entries = [(key, value) for key, value in entries if key.value not in _OPERATION]
        for key, value in entries:
            if key.value == _SOPS_KEY and _is_sops_block(value, place):
                yield from self._in_sops_block(value, here.below(key.value))
            else:
                yield from self._entry(key.value, value, values, here)
        user = nodes.text(values.get("username"))
        if user and wire.is_robot(user):
            yield from self._beside_robot(entries, here)

    def _entry(self, key: str, value: Node, values: dict[str, Node], here: Place) -> Iterator[Leak]:
        below = here.below(key)
        if key in ("value", "default") and not here.held:
            # {name: REGISTRY_PASSWORD, value: …}, or the name one level up
            name = nodes.text(values.get("name")) or nodes.text(values.get("key")) or here.name
            below = below._replace(name=name)
        if key == "secretKey" and "remoteRef" in values:
            return
        if key == "secretGenerator":
            yield from self._generators(value, below)
        elif key == "secretTemplates" or (
            key == "items" and nodes.text(values.get("kind")).lower() in _LISTS
        ):
            for item in nodes.items(value):
                yield from self.leaks(item, below._replace(secret=True))
        elif key in ("patches", "patchesJson6902", "patchesStrategicMerge"):
            yield from self._patches(value, below)
        elif key == "replacements":
            yield from self._replacements(value, below)
        else:
            yield from self.leaks(value, below)

    def _in_sops_block(self, node: Node, place: Place) -> Iterator[Leak]:
        """What stands in the metadata of sops and is none of it."""
        for item in nodes.items(node):
            yield from self._in_sops_block(item, place)
        for key, value in nodes.pairs(node):
            below = place.below(key.value)
            if not isinstance(value, ScalarNode):
                yield from self._in_sops_block(value, below)
            elif key.value not in _SOPS_SCALARS:
                yield from self._leaf(value, below)

    def _generators(self, node: Node, place: Place) -> Iterator[Leak]:
        """The literals of `secretGenerator`: names and values of a Secret."""
        for generator in nodes.items(node):
            for key, value in nodes.pairs(generator):
                if key.value != "literals":
                    yield from self.leaks(value, place.below(key.value))
                    continue
                for literal in nodes.items(value):
                    if isinstance(literal, ScalarNode):
                        yield from self._literal(literal)

    def _literal(self, literal: ScalarNode) -> Iterator[Leak]:
        name, equals, value = literal.value.partition("=")
        bare = value.strip("\"'")
        if equals and not looks.stands_in(bare):
            start = len(name) + 1 + value.index(bare)
            text = self.text.of_scalar(literal)
            held = Place(("secretGenerator", name), name, SECRET)
            yield from self._held(text.part(start, bare), held)

    def _patches(self, node: Node, place: Place) -> Iterator[Leak]:
        """Patches of a kustomization, whose target may be a Secret."""
        for patch in nodes.items(node) if isinstance(node, SequenceNode) else [node]:
            kind = nodes.text(nodes.below(nodes.below(patch, "target"), "kind"))
            inner = Place(path=place.path, secret=_may_select_secrets(kind))
            if isinstance(patch, ScalarNode):
                yield from self.inside(self.text.of_scalar(patch), inner)
                continue
            for key, value in nodes.pairs(patch):
                is_text = key.value == "patch" and isinstance(value, ScalarNode)
                if is_text and isinstance(value, ScalarNode):
                    yield from self.inside(self.text.of_scalar(value), inner)
                else:
                    yield from self.leaks(value, place.below(key.value))

    def _operation(self, values: dict[str, Node], place: Place) -> Iterator[Leak]:
        """An operation of JSON 6902: its path stands for the keys around its value."""
        steps = nodes.text(values["path"]).strip("/").split("/")
        keys = (step.replace("~1", "/").replace("~0", "~") for step in steps)
        yield from self.leaks(values["value"], _place_at(keys, secret=place.secret))

    def _replacements(self, node: Node, place: Place) -> Iterator[Leak]:
        """Replacements of a kustomization: a value of their own goes to the fields they name."""
        for replacement in nodes.items(node):
            for key, value in nodes.pairs(replacement):
                if key.value != "sourceValue" or not isinstance(value, ScalarNode):
                    yield from self.leaks(value, place.below(key.value))
                    continue
                for target in nodes.items(nodes.below(replacement, "targets")):
                    kind = nodes.text(nodes.below(nodes.below(target, "select"), "kind"))
                    for field_path in nodes.items(nodes.below(target, "fieldPaths")):
                        keys = _STEP.findall(nodes.text(field_path))
                        at = _place_at(keys, secret=_may_select_secrets(kind))
                        yield from self._leaf(value, at)

    def _beside_robot(self, entries: list[nodes.Pair], here: Place) -> Iterator[Leak]:
        """What stands beside the user name of a robot account, whatever it is called."""
        for key, value in entries:
            if key.value == "username" or not isinstance(value, ScalarNode):
                continue
            if looks.is_generated(value.value):
                yield self._whole(self.text.of_scalar(value), here.below(key.value))

    def _leaf(self, node: ScalarNode, place: Place) -> Iterator[Leak]:
        if not node.value and not node.style:
            yield from self._in_properties(node, place)
            return
        if nodes.is_null(node) or (place.ciphertext and looks.is_sealed(node.value)):
            return
        if ACTION in node.value or "{{" in node.value:
            yield from self._in_actions(node, place)
        if looks.stands_in(node.value):
            return
        if place.held == REGISTRY and node.tag == scalars.BOOL:
            return  # a switch of the same name
        if nodes.is_reference(node):
            return
        if place.held or place.ciphertext:
            yield from self._held(self.text.of_scalar(node), place)
        elif node.tag in _LITERALS or node.style or _is_number_as_password(node, place):
            yield from self._named(node, place)

    def _in_properties(self, node: ScalarNode, place: Place) -> Iterator[Leak]:
        """A password that begins with `!` or `&` and lacks its quotes: no value, to YAML."""
        start, end = node.start_mark.index, node.end_mark.index
        written = self.text.part(start, self.text.content[start:end])
        is_other = written.content.startswith("!!") or nodes.is_reference(node)
        is_password = place.held or names.strength(place.name) is names.Strength.STRONG
        if len(written.content) >= _DIGITS and is_password and not is_other:
            yield self._whole(written, place)

    def _in_actions(self, node: Node, place: Place) -> Iterator[Leak]:
        """The literals that a template prints into a leaf; one to fall back on, by its look."""
        start, end = node.start_mark.index, node.end_mark.index
        for literal in literals(self.written.part(start, self.written.content[start:end])):
            value = literal.text.content
            sure = literal.always or not (looks.is_name(value) or looks.is_placeholder(value))
            if looks.is_credential(place.name, value) or (place.held and sure):
                yield self._whole(literal.text, place)

    def _held(self, text: Text, place: Place) -> Iterator[Leak]:
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
        whole = self._whole(text, place)
        found = list(self.inside(text, Place()))
        if ACTION in text.content or (found and not _covers(found, whole)):
            yield from found
        else:
            yield whole

    def _whole(self, text: Text, place: Place) -> Leak:
        content = text.content.strip()
        start = text.content.find(content)
        return text.leak((start, start + len(content)), Net.STRUCTURE, _what(place))


def _place_of(values: dict[str, Node], place: Place) -> Place:
    """What the keys of a mapping say about it."""
    if place.ciphertext:
        return place
    if place.held == SECRET and isinstance(values.get("metadata"), MappingNode):
        # The body of a Secret that a policy generates, in a field `data` of its own.
        return Place(place.path, place.name, secret=True, sample=place.sample)
    kind = nodes.text(values.get("kind")).lower()
    secret = place.secret or kind in _SECRETS
    registry = place.registry or "endpoint" in values or kind in _ACCOUNTS
    is_object = bool(kind) or "apiVersion" in values
    if (secret, registry) == (place.secret, place.registry) and not (place.prose and is_object):
        return place
    return place._replace(secret=secret, registry=registry, prose=place.prose and not is_object)


def _place_at(keys: Iterable[str], *, secret: bool) -> Place:
    """Where a path leads to in an object, which may be a Secret."""
    here = Place(secret=secret)
    for key in keys:
        here = here.below(key)
        if "credentials" in here.path[:-1]:
            here = here._replace(registry=True)
    if "credentials" in here.path[:-1] and here.name in CREDENTIAL_KEYS:
        here = here._replace(held=REGISTRY)
    return here


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


def _is_operation(values: dict[str, Node]) -> bool:
    return nodes.text(values.get("op")) in _OPERATIONS and "path" in values and "value" in values


def _may_select_secrets(kind: str) -> bool:
    """Whether the target of a patch, whose kind is a regular expression, selects Secrets."""
    try:
        return bool(kind) and bool(pattern(f"(?i:{kind})").fullmatch("secret"))
    except InvalidInput:
        return False  # kustomize refuses it


def _is_sops_block(value: Node, place: Place) -> bool:
    fields = {name.value for name, _ in nodes.pairs(value)}
    return not place.path and bool(fields & _SOPS_FIELDS)


def _what(place: Place) -> str:
    keys = place.path[:-1]
    if keys[-1:] == (place.name,):  # as in {password: {value: x}}
        keys = keys[:-1]
    around = ".".join(map(names.shown, keys))
    where = f" in {around}" if around else ""
    of = f", part of {place.held}," if place.held else ""
    return f"the value of {names.shown(place.name)}{where}{of}"
