"""The creation rules of `.sops.yaml`: which recipients and selector a path gets.

Source: sops `config/config.go`: the first rule that matches wins, a rule
without `path_regex` matches all, and the search is unanchored, on the path
relative to the folder of `.sops.yaml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops import selector as selectors
from gitops_regconf.sops.selector import Selector, pattern
from gitops_regconf.source import documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gitops_regconf.source.documents import Document
    from gitops_regconf.source.position import Position

RULES_KEY: Final = "creation_rules"
OTHER_KINDS: Final = (
    "pgp",
    "kms",
    "gcp_kms",
    "hckms",
    "azure_keyvault",
    "hc_vault_transit_uri",
    "key_groups",
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One creation rule. `first` and `last` are its lines, counted from 1, without comments.

    `path_regex` is empty where the rule matches every path; `recipients` are
    the age ones; `other_kinds` names further kinds of keys, which only the
    sops command line can use (`key_groups` among them, whatever they hold).
    """

    path_regex: str
    recipients: tuple[str, ...]
    selector: Selector
    other_kinds: tuple[str, ...]
    position: Position
    first: int
    last: int

    def matches(self, path: str) -> bool:
        """Whether the rule is for the file at `path`. Raises InvalidInput for a bad expression."""
        if not self.path_regex:
            return True
        problem: InvalidInput | None = None
        try:
            return pattern(self.path_regex).search(path) is not None
        except InvalidInput as error:
            problem = error
        raise InvalidInput(problem.message, at=self.position, mend=problem.mend)


def parse_rules(text: str, path: str = ".sops.yaml") -> tuple[Rule, ...]:
    """The creation rules in `text`, in order; none for an empty file.

    Raises InvalidInput with the position where sops could not read them.
    """
    document = sole_document(text, path)
    listed = rules_node(document)
    if document is None or listed is None:
        return ()
    lines = text.split("\n")
    return tuple(
        _rule(node, item, document.path, last_line(node, lines) + 1)
        for node, item in zip(listed.value, document.data[RULES_KEY], strict=True)
    )


def first_match(rules: Iterable[Rule], path: str) -> Rule | None:
    """The rule that sops uses for the file at `path`, relative to the folder of `.sops.yaml`."""
    return next((rule for rule in rules if rule.matches(path)), None)


def sole_document(text: str, path: str) -> Document | None:
    """The one document of `.sops.yaml`, a mapping; None without one. Raises InvalidInput."""
    found = documents.documents(text, path)
    if not found:
        return None
    if len(found) > 1:
        at = documents.position(path, found[1].node)
        raise InvalidInput("'.sops.yaml' must be a single document", at=at)
    if not isinstance(found[0].node, MappingNode):
        raise InvalidInput("'.sops.yaml' must be a mapping", at=found[0].at())
    return found[0]


def rules_node(document: Document | None) -> SequenceNode | None:
    """The node of `creation_rules`; None where it is absent or null. Raises InvalidInput."""
    node = documents.find(document.node, (RULES_KEY,)) if document else None
    if document is None or node is None:
        return None
    if isinstance(node, SequenceNode):
        return node
    if isinstance(node, ScalarNode) and document.data[RULES_KEY] is None:
        return None
    raise InvalidInput(f"'{RULES_KEY}' must be a list", at=document.at(RULES_KEY))


def _rule(node: Node, item: Any, path: str, last: int) -> Rule:
    at = documents.position(path, node)
    if not isinstance(item, dict):
        raise InvalidInput("a creation rule must be a mapping", at=at)
    return Rule(
        path_regex=_text(item, "path_regex", at),
        recipients=_recipients(item.get("age"), at),
        selector=_selector(item, at),
        other_kinds=tuple(kind for kind in OTHER_KINDS if item.get(kind)),
        position=at,
        first=node.start_mark.line + 1,
        last=last,
    )


def is_flow(node: Node) -> bool:
    """Whether a collection is written in brackets."""
    return isinstance(node, CollectionNode) and bool(node.flow_style)


def last_line(node: Node, lines: Sequence[str]) -> int:
    """The line, counted from 0, on which the text of `node` ends: without what only follows it.

    `lines` are those of the file: a block scalar reaches to the next text in it.
    """
    while not is_flow(node) and not isinstance(node, ScalarNode) and node.value:
        below = node.value[-1]
        node = below[1] if isinstance(below, tuple) else below
    mark = node.end_mark
    last = mark.line - (mark.column == 0 and mark.line > node.start_mark.line)
    while last > node.start_mark.line and not lines[last].strip():
        last -= 1
    return int(last)


def _selector(item: dict[str, Any], at: Position) -> Selector:
    found = [kind for kind in selectors.KINDS if item.get(kind)]
    if len(found) > 1:
        raise InvalidInput(f"a rule can have only one of {' and '.join(found)}", at=at)
    if not found:
        return selectors.DEFAULT
    return Selector(found[0], _text(item, found[0], at))


def _recipients(value: Any, at: Position) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(part.strip() for item in value for part in item.split(",") if part.strip())
    raise InvalidInput("'age' in a rule must be text or a list of texts", at=at)


def _text(item: dict[str, Any], key: str, at: Position) -> str:
    value = item.get(key)
    if value is None:
        return ""
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        raise InvalidInput(f"'{key}' in a rule must be text", at=at)
    return str(value)
