"""Credentials by their place in an object: in a Secret, in a registry's credentials, under a name.

What a scalar holds is looked at as well: YAML in YAML, patches, base64. A leaf in
which there are credentials is no leak besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gitops_regconf.errors import InvalidInput
from gitops_regconf.lint.plaintext import arguments, looks, nodes, wire
from gitops_regconf.lint.plaintext.leak import Leak
from gitops_regconf.lint.plaintext.leaves import Leaves
from gitops_regconf.lint.plaintext.places import REGISTRY, SECRET, Place, place_at
from gitops_regconf.sops.selector import pattern

# Kinds are matched in any case, as whoever writes them by hand may.
_SECRETS: Final = ("secret",)
_LISTS: Final = ("secretlist",)
_OF_A_BODY: Final = frozenset(("data", "stringData", "type"))
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


@dataclass
class Structure:
    """The leaks in the documents of a text, whose scalars are `leaves`."""

    leaves: Leaves
    _seen: set[tuple[object, ...]] = field(default_factory=set)

    @cached_property
    def _has_aliases(self) -> bool:
        return "*" in self.leaves.text.content

    def leaks(self, root: Node, place: Place) -> Iterator[Leak]:
        """Those below `root`, which stands at `place`."""
        if isinstance(root, ScalarNode):
            yield from self.leaves.leaks(root, place)
        elif self.leaves.written.content.startswith("{{", root.start_mark.index):
            yield from self.leaves.in_actions(root, place)  # it also is a mapping, read as YAML
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
            yield self.leaves.whole(self.leaves.text.of_scalar(value), place)

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
                yield from self.leaves.leaks(value, below)

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
            text = self.leaves.text.of_scalar(literal)
            held = Place(("secretGenerator", name), name, SECRET)
            yield from self.leaves.held(text.part(start, bare), held)

    def _patches(self, node: Node, place: Place) -> Iterator[Leak]:
        """Patches of a kustomization, whose target may be a Secret."""
        for patch in nodes.items(node) if isinstance(node, SequenceNode) else [node]:
            kind = nodes.text(nodes.below(nodes.below(patch, "target"), "kind"))
            inner = Place(path=place.path, secret=_may_select_secrets(kind))
            if isinstance(patch, ScalarNode):
                yield from self.leaves.inside(self.leaves.text.of_scalar(patch), inner)
                continue
            for key, value in nodes.pairs(patch):
                is_text = key.value == "patch" and isinstance(value, ScalarNode)
                if is_text and isinstance(value, ScalarNode):
                    yield from self.leaves.inside(self.leaves.text.of_scalar(value), inner)
                else:
                    yield from self.leaks(value, place.below(key.value))

    def _operation(self, values: dict[str, Node], place: Place) -> Iterator[Leak]:
        """An operation of JSON 6902: its path stands for the keys around its value."""
        steps = nodes.text(values["path"]).strip("/").split("/")
        keys = (step.replace("~1", "/").replace("~0", "~") for step in steps)
        yield from self.leaks(values["value"], place_at(keys, secret=place.secret))

    def _replacements(self, node: Node, place: Place) -> Iterator[Leak]:
        """Replacements of a kustomization: a value of their own goes to the fields they name."""
        for replacement in nodes.items(node):
            for key, value in nodes.pairs(replacement):
                if key.value != "sourceValue" or not isinstance(value, ScalarNode):
                    yield from self.leaks(value, place.below(key.value))
                    continue
                places: dict[tuple[object, ...], Place] = {}
                for target in nodes.items(nodes.below(replacement, "targets")):
                    kind = nodes.text(nodes.below(nodes.below(target, "select"), "kind"))
                    for field_path in nodes.items(nodes.below(target, "fieldPaths")):
                        keys = _STEP.findall(nodes.text(field_path))
                        at = place_at(keys, secret=_may_select_secrets(kind))
                        places.setdefault(at[1:], at)
                for at in places.values():
                    yield from self.leaves.leaks(value, at)

    def _beside_robot(self, entries: list[nodes.Pair], here: Place) -> Iterator[Leak]:
        """What stands beside the user name of a robot account, whatever it is called."""
        for key, value in entries:
            if key.value == "username" or not isinstance(value, ScalarNode):
                continue
            if looks.is_generated(value.value):
                yield self.leaves.whole(self.leaves.text.of_scalar(value), here.below(key.value))


def _place_of(values: dict[str, Node], place: Place) -> Place:
    """What the keys of a mapping say about it."""
    if place.ciphertext:
        return place
    is_body = not _OF_A_BODY.isdisjoint(values) and isinstance(values.get("metadata"), MappingNode)
    if place.held == SECRET and is_body:
        # The body of a Secret that a policy generates, in a field `data` of its own.
        return Place(place.path, place.name, secret=True, sample=place.sample)
    kind = nodes.text(values.get("kind")).lower()
    secret = place.secret or kind in _SECRETS
    registry = place.registry or "endpoint" in values or kind in _ACCOUNTS
    is_object = bool(kind) or "apiVersion" in values
    if (secret, registry) == (place.secret, place.registry) and not (place.prose and is_object):
        return place
    return place._replace(secret=secret, registry=registry, prose=place.prose and not is_object)


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
