"""The text of `.sops.yaml`: taking whole rules out and putting others in, line by line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops import style
from gitops_regconf.sops.recipients import kind_and_name
from gitops_regconf.sops.rules import (
    RULES_KEY,
    parse_rules,
    rules_node,
    sole_document,
)
from gitops_regconf.source import documents
from gitops_regconf.source.documents import is_flow, last_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitops_regconf.sops.selector import Selector
    from gitops_regconf.source.documents import Document

MARK: Final = "# regconf: generated"
BLOCK_STYLE: Final = "Write each rule on lines of its own, as '- path_regex: …'."
_EMPTY: Final = ("", "[]", "[ ]", "null", "~")
# The whole line: a person may begin a comment of their own alike.
_MARK_LINE = re.compile(r"[ \t]*" + re.escape(MARK) + r".*, do not edit\s*\Z")


@dataclass(frozen=True, slots=True)
class GeneratedRule:
    """A rule that the generator writes; `source` names the input it comes from."""

    path_regex: str
    recipients: tuple[str, ...]
    selector: Selector
    source: str

    def data(self) -> dict[str, str | list[str]]:
        """The rule as sops reads it."""
        kinds: dict[str, list[str]] = {}
        for recipient in self.recipients:
            kind, name = kind_and_name(recipient)
            kinds.setdefault(kind, []).append(name)
        return {
            "path_regex": self.path_regex,
            self.selector.kind: self.selector.value,
            # One line of text: lists are only read by sops 3.11 and later, but for this one.
            **{
                kind: names if kind == "hckms" else ",".join(names) for kind, names in kinds.items()
            },
        }

    def lines(self, dash: str) -> list[str]:
        """The rule with its mark, without line ends; `dash` is what stands before the dash."""
        first, *others = (f"{key}: {_value(value)}" for key, value in self.data().items())
        return [
            f"{dash}{MARK} from {self.source}, do not edit",
            f"{dash}- {first}",
            *(f"{dash}  {line}" for line in others),
        ]


def _value(value: str | list[str]) -> str:
    if isinstance(value, str):
        return style.inline(value)
    return f"[{', '.join(map(style.double_quoted, value))}]"


def without_marked(text: str, path: str) -> str:
    """The user's part: every rule right below a `MARK` is taken out, with the mark.

    Raises InvalidInput for rules that do not stand on lines of their own.
    """
    if MARK not in text:
        return text
    lines = text.split("\n")
    gone: set[int] = set()
    for dash, last in _spans(sole_document(text, path)):
        if dash and _MARK_LINE.match(lines[dash - 1]):
            gone.update(range(dash - 1, last + 1))
    return "\n".join(line for number, line in enumerate(lines) if number not in gone)


def _spans(document: Document | None) -> list[tuple[int, int]]:
    """First and last line, counted from 0, of each rule. Raises InvalidInput for flow style."""
    listed = rules_node(document)
    if document is None or listed is None or not listed.value:
        return []
    if is_flow(listed):
        raise InvalidInput(
            f"'{RULES_KEY}' is written in brackets, which cannot be edited safely",
            at=document.at(RULES_KEY),
            mend=BLOCK_STYLE,
        )
    lines = document.text.split("\n")
    spans = [(node.start_mark.line, last_line(node, lines)) for node in listed.value]
    above = -1
    for (first, last), node in zip(spans, listed.value, strict=True):
        if first <= above or not lines[first].lstrip(" ").startswith("- "):
            raise InvalidInput(
                "this rule does not begin on a line of its own, or is an alias",
                at=documents.position(document.path, node),
                mend=BLOCK_STYLE,
            )
        above = last
    return spans


def inserted(user: str, ours: Sequence[GeneratedRule], paths: Sequence[str], path: str) -> str:
    """`user` with our rules in their place among the user's; `with_rules` says which that is."""
    document = sole_document(user, path)
    if not ours:
        return user
    if document is None or RULES_KEY not in document.data:
        return _append_key(user, ours, document)
    listed = rules_node(document)
    if listed is None or not listed.value:
        return _fill(user, ours, document)
    spans = _spans(document)
    lines = user.split("\n")
    at = spans[-1][1] + 1
    for rule, (first, _) in zip(parse_rules(user, path), spans, strict=True):
        if not rule.path_regex or any(map(rule.matches, paths)):
            at = first
            while lines[at - 1].lstrip().startswith("#"):
                at -= 1  # comments right above a rule stay with it
            break
    first_line = lines[spans[0][0]]
    return _splice(user, at, _lines(ours, first_line[: first_line.index("-")]))


def _append_key(user: str, ours: Sequence[GeneratedRule], document: Document | None) -> str:
    if document and (is_flow(document.node) or document.node.start_mark.column):
        raise InvalidInput(
            "the file is written in brackets or indented, which cannot be edited safely",
            at=document.at(),
            mend="Begin each key of the file on a line of its own, without indentation.",
        )
    lines = user.split("\n")
    return _splice(user, len(lines) - (not lines[-1]), [f"{RULES_KEY}:", *_lines(ours, "  ")])


def _fill(user: str, ours: Sequence[GeneratedRule], document: Document) -> str:
    """The rules below a key that has none yet: its `[]`, `null` or `~` goes."""
    key, value = next(pair for pair in document.node.value if pair[0].value == RULES_KEY)
    number, start, end = key.end_mark.line, value.start_mark, value.end_mark
    lines = user.split("\n")
    before = lines[number][key.end_mark.column : start.column]
    on_one_line = start.line == end.line == number and not is_flow(document.node)
    written = lines[number][start.column : end.column]
    if not on_one_line or before.strip() != ":" or written not in _EMPTY:
        raise InvalidInput(
            f"'{RULES_KEY}' is empty in a way that cannot be edited safely",
            at=document.key_at(RULES_KEY),
            mend=f"Write only '{RULES_KEY}:'.",
        )
    lines[number] = lines[number][: key.end_mark.column] + ":" + lines[number][end.column :]
    return _splice("\n".join(lines), number + 1, _lines(ours, "  "))


def _lines(ours: Sequence[GeneratedRule], dash: str) -> list[str]:
    return [line for rule in ours for line in rule.lines(dash)]


def _splice(user: str, at: int, new: list[str]) -> str:
    """`new` lines before line `at`, counted from 0, ended as the file's first line is."""
    lines = user.split("\n")
    end = "\r" if lines[0].endswith("\r") else ""
    if at == len(lines):  # the last line has no end
        lines[-1] += end
        lines.append("")
    lines[at:at] = [line + end for line in new]
    return "\n".join(lines)
