"""Findings that somebody has looked at and lets stand, said where they are.

    password: example  # regconf: ignore[plaintext-credentials] the manual of the vendor

An ignore counts for the line that it stands on, or, on a line of its own, for the
one below, and where that is the header of a block scalar, for the first line of the
block as well; for the rules that it names; and only with a reason.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from gitops_regconf.findings import Finding
from gitops_regconf.lint.ignore_marks import marks
from gitops_regconf.source import masking
from gitops_regconf.source.position import Position

WITHOUT_REASON: Final = "ignore-without-reason"
WITHOUT_EFFECT: Final = "ignore-without-effect"


@dataclass
class Ignore:
    """One comment. `rules` are those that it names; `lines`, those that it is for."""

    at: Position
    rules: tuple[str, ...]
    reason: str
    lines: tuple[int, ...]
    used: set[str] = field(default_factory=set)

    def covers(self, finding: Finding) -> bool:
        """Whether it is for a finding of its file."""
        return finding.at.line in self.lines and finding.rule in self.rules and bool(self.reason)


def ignores(text: str, path: str) -> list[Ignore]:
    """The ignores in a text, in the order of their lines."""
    return [
        Ignore(Position(path, mark.line, mark.column), mark.rules, mark.reason, mark.covers)
        for mark in marks(text, path)
    ]


def without_ignored(findings: Iterable[Finding], found: Iterable[Ignore]) -> list[Finding]:
    """The findings of one file that no ignore covers; those that do note what for."""
    left = []
    by_line: dict[int, list[Ignore]] = {}
    for ignore in found:
        for line in ignore.lines:
            by_line.setdefault(line, []).append(ignore)
    for finding in findings:
        covering = [one for one in by_line.get(finding.at.line, ()) if one.covers(finding)]
        for ignore in covering:
            ignore.used.add(finding.rule)
        if not covering:
            left.append(finding)
    return left


def without_reason(found: Iterable[Ignore]) -> Iterator[Finding]:
    """A finding for each ignore that is not followed."""
    for ignore in found:
        if not ignore.reason or not ignore.rules:
            what = "gives no reason" if ignore.rules else "names no rule"
            yield Finding(
                WITHOUT_REASON,
                ignore.at,
                f"this ignore {what}, and is not followed",
                "Write `regconf: ignore[RULE] REASON`.",
            )


def without_effect(
    found: Iterable[Ignore], known: Collection[str], chosen: Collection[str]
) -> Iterator[Finding]:
    """A finding for each rule of an ignore that found nothing, after the ignores were used.

    `known` are all rules; only of those that were run, `chosen`, can it be told.
    """
    for ignore in found:
        for rule in ignore.rules if ignore.reason else ():
            if rule not in known:
                import difflib

                close = difflib.get_close_matches(rule, known, n=1)
                yield Finding(
                    WITHOUT_EFFECT,
                    ignore.at,
                    f"there is no rule {masking.key(rule, 'of this name')}",
                    f"Did you mean {close[0]!r}?" if close else "See `regconf lint --list-rules`.",
                )
            elif rule in chosen and rule not in ignore.used:
                yield _without_effect(ignore, f"{rule}, which finds nothing here")


def _without_effect(ignore: Ignore, what: str) -> Finding:
    return Finding(
        WITHOUT_EFFECT,
        ignore.at,
        f"this ignore is for {what}",
        "Remove it: what it was for would pass unseen when it comes back.",
    )
