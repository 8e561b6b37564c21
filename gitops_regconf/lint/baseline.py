"""Old findings that a repository has taken note of, so that new ones stand out.

An entry names a rule, a file, and a place in it (`baseline_places`). It holds
neither the secret nor anything made from it: a hash of a short password is as good
as the password. So it cannot tell another value at the same place, and counts for
that as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gitops_regconf.errors import InvalidInput
from gitops_regconf.findings import Finding
from gitops_regconf.lint.file import BASELINE
from gitops_regconf.source.position import Position

if TYPE_CHECKING:
    from gitops_regconf.source.files import Files

# 2: keys that may be secret are counted, and other text has places as well.
_FORMAT: Final = 2


class Key(NamedTuple):
    """What tells one finding from all others while lines move.

    `place` is the path to the value in its YAML or JSON document, beginning
    with the number of the document; in any other text, what stands before it
    on its line. `number` counts the findings of the same rule at the same
    place, from 1.
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


def of(files: Files) -> Baseline:
    """The baseline of a repository; an empty one where it has none. Raises RegconfError."""
    text = files.text(BASELINE)
    return Baseline() if text is None else read(text)


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
    from gitops_regconf.lint.baseline_places import places

    found = sorted(findings, key=lambda finding: (finding.at, finding.rule))
    seen: Counter[tuple[str, str]] = Counter()
    result = []
    for finding, place in zip(found, places(text, [one.at for one in found]), strict=True):
        seen[finding.rule, place] += 1
        key = Key(finding.rule, finding.at.path, place, seen[finding.rule, place])
        result.append((finding, key))
    return result


def _key(data: Any) -> Key:
    rule, path, place, number = data["rule"], data["path"], data["place"], data["number"]
    if not all(isinstance(one, str) for one in (rule, path, place)) or type(number) is not int:
        raise TypeError
    return Key(rule, path, place, number)
