"""The creation rules of `.sops.yaml`: which recipients and selector a path gets.

Source: sops `config/config.go`: the first rule that matches wins, a rule
without `path_regex` matches all, and the search is unanchored, on the path
relative to the folder of `.sops.yaml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops import selector as selectors
from gitops_regconf.sops.recipients import KeyGroups
from gitops_regconf.sops.rule_keys import of_rule
from gitops_regconf.sops.selector import Selector, pattern
from gitops_regconf.source import documents
from gitops_regconf.source.documents import last_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitops_regconf.source.documents import Document
    from gitops_regconf.source.position import Position

RULES_KEY: Final = "creation_rules"


@dataclass(frozen=True, slots=True)
class Rule:
    """One creation rule. `first` and `last` are its lines, counted from 1, without comments.

    `path_regex` is empty where the rule matches every path.
    """

    path_regex: str
    groups: KeyGroups
    selector: Selector
    mac_only_encrypted: bool
    position: Position
    first: int
    last: int

    @property
    def recipients(self) -> tuple[str, ...]:
        """The recipients of all key groups."""
        return tuple(name for group in self.groups.groups for name in group)

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
        groups=_groups(item, at),
        selector=_selector(item, at),
        mac_only_encrypted=item.get("mac_only_encrypted") is True,
        position=at,
        first=node.start_mark.line + 1,
        last=last,
    )


def _selector(item: dict[str, Any], at: Position) -> Selector:
    found = [kind for kind in selectors.KINDS if item.get(kind)]
    if len(found) > 1:
        raise InvalidInput(f"a rule can have only one of {' and '.join(found)}", at=at)
    if not found:
        return selectors.DEFAULT
    return Selector(found[0], _text(item, found[0], at))


def _groups(item: dict[str, Any], at: Position) -> KeyGroups:
    try:
        return of_rule(item)
    except InvalidInput as error:
        raise InvalidInput(error.message, at=at, mend=error.mend) from None


def _text(item: dict[str, Any], key: str, at: Position) -> str:
    value = item.get(key)
    if value is None:
        return ""
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        raise InvalidInput(f"'{key}' in a rule must be text", at=at)
    return str(value)
