"""JSON6902 operations as the object that they make a part of.

The value of an operation stays the node that it is, so whatever is found in it is
where it stands; the keys that lead to it come from the operation's `path`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yaml import Mark
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gitops_regconf.fleet.patches import pointer
from gitops_regconf.source import scalars

# Positions count lines from 1, so this one is that of the file as a whole.
_NOWHERE = Mark("", 0, -1, -1, None, 0)


def is_operation(data: Mapping[str, Any]) -> bool:
    """Whether a mapping is an operation, whichever."""
    path = data.get("path")
    return "op" in data and isinstance(path, str) and path.startswith("/")


def operated(operation: Node) -> Node | None:
    """The object around the value that an operation sets; None where it sets none.

    The last key of the path stands where the path does, those before it nowhere.
    """
    if not isinstance(operation, MappingNode):
        return None
    parts = {key.value: value for key, value in operation.value}
    op, path, node = (parts.get(name) for name in ("op", "path", "value"))
    if op is None or path is None or node is None or op.value not in ("add", "replace"):
        return None
    mark = path.start_mark
    for step in reversed(pointer(path.value)):
        start, end = node.start_mark, node.end_mark
        if step == "-" or step.isdigit():
            node = SequenceNode(scalars.TAG + "seq", [node], start, end)
        else:
            key = ScalarNode(scalars.STR, step, mark, mark)
            node = MappingNode(scalars.TAG + "map", [(key, node)], _NOWHERE, end)
        mark = _NOWHERE
    return node
