"""Adding and removing one line in a list of a file that a person owns.

Everything else in the file stays as it is, to the byte: the text is spliced at
the positions that the parser reports, and parsed again before it is accepted.
"""

from __future__ import annotations

import re
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gitops_regconf.errors import InvalidInput
from gitops_regconf.source.documents import Document, document, find, position


def with_item(file: Document, field: str, item: str) -> str:
    """The file's text with `item` at the end of the list `field`, which is made where it is absent.

    The text itself where the item is there already. Raises InvalidInput where
    the list cannot be edited safely.
    """
    current = _items(file, field)
    if item in current:
        return file.text
    node = find(file.node, (field,), merged=False)
    newline = "\r\n" if "\r\n" in file.text else "\n"
    if node is None:
        text = _with_field(file, f"{field}:{newline}  - {item}{newline}", newline)
    elif isinstance(node, SequenceNode) and not node.flow_style and node.value:
        text = _after_last(file, node, item, newline)
    elif isinstance(node, SequenceNode) and node.value:
        end = node.value[-1].end_mark.index
        text = f"{file.text[:end]}, {item}{file.text[end:]}"
    else:
        text = _below_empty(file.text, node, f"{newline}  - {item}")
    return _verified(file, text, field, [*current, item], item)


def without_item(file: Document, field: str, item: str) -> str:
    """The file's text without `item` in the list `field`; without the field where it was the last.

    Raises InvalidInput where the list cannot be edited safely.
    """
    current = _items(file, field)
    if item not in current:
        return file.text
    node = find(file.node, (field,), merged=False)
    rest = [other for other in current if other != item]
    if not isinstance(node, SequenceNode):
        raise _by_hand(file, node or file.node, field, f"remove {item!r} from")
    if node.flow_style and rest:
        return _verified(file, _without_flow_item(file.text, node, item), field, rest, item)
    lines = file.text.splitlines(keepends=True)
    if rest:
        gone = {child.start_mark.line for child in node.value if child.value == item}
    else:
        last = (node if node.flow_style else node.value[-1]).end_mark.line
        span = range(_key_line(file, field), last + 1)
        gone = {number for number in span if not lines[number].lstrip().startswith("#")}
    text = "".join(line for number, line in enumerate(lines) if number not in gone)
    return _verified(file, text, field, rest or None, item)


def replaced_item(file: Document, field: str, old: str, new: str) -> str:
    """The file's text with one item of the list `field` replaced in its place.

    Raises InvalidInput where the list cannot be edited safely.
    """
    current = _items(file, field)
    node = find(file.node, (field, current.index(old)), merged=False) if old in current else None
    if not isinstance(node, ScalarNode):
        raise _by_hand(file, file.node, field, f"replace {old!r} by {new!r} in")
    text = file.text[: node.start_mark.index] + new + file.text[node.end_mark.index :]
    return _verified(file, text, field, [new if item == old else item for item in current], new)


def _items(file: Document, field: str) -> list[Any]:
    """The list as it is; empty where it is absent or null."""
    current = file.data.get(field) if isinstance(file.data, dict) else ...
    if current is not None and not isinstance(current, list):
        raise _by_hand(file, find(file.node, (field,), merged=False) or file.node, field, "change")
    return current or []


def _with_field(file: Document, lines: str, newline: str) -> str:
    """The text with a new field at the end of its mapping, before an end marker if there is one."""
    end = file.node.end_mark.index
    before, after = file.text[:end], file.text[end:]
    gap = "" if before.endswith("\n") else newline
    return f"{before}{gap}{lines}{after}"


def _after_last(file: Document, node: SequenceNode, item: str, newline: str) -> str:
    """A new line below the last item, with the same indentation as its dash."""
    last = node.value[-1]
    lines = file.text.splitlines(keepends=True)
    if not isinstance(last, ScalarNode) or last.start_mark.line != last.end_mark.line:
        raise _by_hand(file, last, "the list", f"add {item!r} to")
    line = last.start_mark.line
    indent, dash, _ = lines[line].partition("-")
    if not dash or indent.strip():
        raise _by_hand(file, last, "the list", f"add {item!r} to")
    if not lines[line].endswith("\n"):
        lines[line] += newline
    lines.insert(line + 1, f"{indent}- {item}{newline}")
    return "".join(lines)


def _without_flow_item(text: str, node: SequenceNode, item: str) -> str:
    """A flow list without an item and the comma on its one side."""
    index = [child.value for child in node.value].index(item)
    gone = node.value[index]
    if index:
        return text[: node.value[index - 1].end_mark.index] + text[gone.end_mark.index :]
    return text[: gone.start_mark.index] + text[node.value[1].start_mark.index :]


def _below_empty(text: str, node: Node, line: str) -> str:
    """The text with `line` below the empty value (`[]`, `null`, nothing), which goes.

    A comment beside it stays beside the key; one inside it fails the verification.
    """
    start, end = node.start_mark.index, node.end_mark.index
    if not text[start:end].strip():
        end = start
    rest = re.match(r"[^\r\n]*", text[end:])
    beside = rest[0] if rest else ""
    inside = text[start:end] if "#" in text[start:end] else ""
    head = text[:start].rstrip(" ") if start != end else text[:start]
    return f"{head}{inside}{beside}{line}{text[end + len(beside) :]}"


def _key_line(file: Document, field: str) -> int:
    if not isinstance(file.node, MappingNode):
        raise _by_hand(file, file.node, field, "change")
    return next(int(key.start_mark.line) for key, _ in file.node.value if key.value == field)


def _verified(file: Document, text: str, field: str, expected: list[str] | None, item: str) -> str:
    """`text`, if it says what the file said but for the one list."""
    wanted = {key: value for key, value in file.data.items() if key != field}
    if expected is not None:
        wanted[field] = expected
    try:
        right = document(text, file.path).data == wanted
    except InvalidInput:
        right = False
    if not right:
        raise _by_hand(file, file.node, field, f"add or remove {item!r} in")
    return text


def _by_hand(file: Document, node: Node, field: str, what: str) -> InvalidInput:
    return InvalidInput(
        f"{field} is written in a way that cannot be edited safely",
        at=position(file.path, node),
        mend=f"Please {what} it by hand, one item to a line.",
    )
