"""Old findings that a repository has taken note of, so that new ones stand out.

An entry names a rule, a file, and a place in its document. It holds neither the
secret nor anything made from it: a hash of a short password is as good as the
password. So it cannot tell another value at the same place, and counts for that
as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from gitops_regconf.errors import InvalidInput
from gitops_regconf.findings import Finding
from gitops_regconf.lint.file import BASELINE
from gitops_regconf.source.position import Position

_FORMAT: Final = 1


class Key(NamedTuple):
    """What tells one finding from all others while lines move.

    `place` is the path to the value in its YAML or JSON document, beginning
    with the number of the document; empty in any other text. `number` counts
    the findings of the same rule at the same place, from 1.
    """

    rule: str
    path: str
    place: str
    number: int


@dataclass(frozen=True, slots=True)
class Baseline:
    """The findings that are known."""

    known: frozenset[Key] = frozenset()

    def without_known(
        self, text: str, findings: Iterable[Finding]
    ) -> tuple[list[Finding], set[Key]]:
        """The findings of one file that are new, and the keys of those that are not."""
        new, used = [], set()
        for finding, key in keyed(text, findings):
            if key in self.known:
                used.add(key)
            else:
                new.append(finding)
        return new, used


def read(text: str, path: str = BASELINE) -> Baseline:
    """A baseline from its file. Raises InvalidInput."""
    import json

    try:
        data = json.loads(text)
        if data["format"] != _FORMAT:
            problem = f"this baseline has the format {data['format']!r}, which is not known here"
        else:
            return Baseline(frozenset(map(_key, data["findings"])))
    except (ValueError, TypeError, KeyError):
        problem = "this is no baseline"
    raise InvalidInput(
        problem, at=Position(path), mend="Write it anew: `regconf lint --write-baseline`."
    )


def written(keys: Iterable[Key]) -> str:
    """The text of a baseline file, the same for the same findings."""
    import json

    findings = [key._asdict() for key in sorted(set(keys))]
    return json.dumps({"format": _FORMAT, "findings": findings}, indent=2) + "\n"


def keyed(text: str, findings: Iterable[Finding]) -> list[tuple[Finding, Key]]:
    """The findings of one file, whose text this is, each with its key."""
    found = sorted(findings, key=lambda finding: (finding.at, finding.rule))
    nodes = _nodes(text, found[0].at.path) if found else []
    seen: Counter[tuple[str, str]] = Counter()
    result = []
    for finding in found:
        place = _place(nodes, finding.at)
        seen[finding.rule, place] += 1
        key = Key(finding.rule, finding.at.path, place, seen[finding.rule, place])
        result.append((finding, key))
    return result


def _key(data: Any) -> Key:
    rule, path, place, number = data["rule"], data["path"], data["place"], data["number"]
    if not all(isinstance(one, str) for one in (rule, path, place)) or type(number) is not int:
        raise TypeError
    return Key(rule, path, place, number)


class _Place(NamedTuple):
    """Where a value begins (line and column from 1), where the next may, and how it is called."""

    start: tuple[int, int]
    end: tuple[int, int]
    name: str


def _nodes(text: str, path: str) -> list[_Place]:
    """The places of all values of a text, outer ones first; none where it is not YAML."""
    from gitops_regconf.source.documents import documents

    try:
        found = documents(text, path)
    except InvalidInput:
        return []
    places: list[_Place] = []
    for number, document in enumerate(found):
        _collect(document.node, str(number), places, set())
    return places


def _collect(node: Any, name: str, places: list[_Place], seen: set[int]) -> None:
    if id(node) in seen:  # an alias: it is where its anchor is
        return
    seen.add(id(node))
    places.append(_of_node(node, name))
    if node.id == "mapping":
        for key, value in node.value:
            below = f"{name}/{_escaped(str(key.value))}"
            places.append(_of_node(key, below))
            _collect(value, below, places, seen)
    elif node.id == "sequence":
        for index, item in enumerate(node.value):
            _collect(item, f"{name}/{index}", places, seen)


def _of_node(node: Any, name: str) -> _Place:
    start, end = node.start_mark, node.end_mark
    return _Place((start.line + 1, start.column + 1), (end.line + 1, end.column + 1), name)


def _escaped(key: str) -> str:
    """As in a JSON Pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def _place(places: Iterable[_Place], at: Position) -> str:
    """The innermost value at a position."""
    where = (at.line, at.column)
    holding = [place for place in places if place.start <= where < place.end]
    return holding[-1].name if holding else ""
