"""Reading nodes of YAML as they stand, without making data of them.

Duplicate keys, unknown tags and aliases are no reason here to leave a value unread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gitops_regconf.source import scalars

Pair = tuple[ScalarNode, Node]
# Of CloudFormation, GitLab, Home Assistant, recyclarr, and Ansible, whose `!vault` is ciphertext.
_NAME = re.compile(r"[\w./ ${}-]*")
_LOOKED_UP = frozenset(
    ("!Ref", "!Sub", "!GetAtt", "!reference", "!secret", "!include", "!env", "!env_var", "!vault")
)


def pairs(node: Node) -> list[Pair]:
    """The entries of a mapping with a scalar as key; those that it merges come last."""
    return list(_pairs(node, set()))


def _pairs(node: Node, seen: set[int]) -> Iterator[Pair]:
    # A mapping is merged once, however often it is named.
    if not isinstance(node, MappingNode) or id(node) in seen:
        return
    seen.add(id(node))
    merged: list[Node] = []
    for key, value in node.value:
        if not isinstance(key, ScalarNode):
            continue
        if key.tag == scalars.MERGE:
            merged += value.value if isinstance(value, SequenceNode) else [value]
        else:
            yield key, value
    for one in merged:
        yield from _pairs(one, seen)


def items(node: Node | None) -> list[Node]:
    """The items of a list; none for anything else."""
    return list(node.value) if isinstance(node, SequenceNode) else []


def text(node: Node | None) -> str:
    """The text of a scalar; none for anything else."""
    return str(node.value) if isinstance(node, ScalarNode) else ""


def below(node: Node | None, key: str) -> Node | None:
    """The value of a key of a mapping."""
    return next((value for name, value in pairs(node) if name.value == key), None) if node else None


def is_reference(node: Node) -> bool:
    """Whether the tag of a scalar says that another program looks the value up elsewhere."""
    if not isinstance(node, ScalarNode) or node.tag not in _LOOKED_UP:
        return False
    if node.tag == "!vault":
        return bool(node.value.startswith("$ANSIBLE"))
    return _NAME.fullmatch(node.value) is not None


def is_null(node: ScalarNode) -> bool:
    """Whether a scalar is nothing, whatever its tag says it is."""
    return node.tag == scalars.NULL and scalars.resolve(node.value)[0] == scalars.NULL


def scalars_in(root: Node) -> Iterator[ScalarNode]:
    """Every scalar below a node, keys included, each once."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, ScalarNode):
            yield node
        elif isinstance(node, MappingNode):
            waiting += [one for pair in node.value for one in pair]
        elif isinstance(node, SequenceNode):
            waiting += node.value
