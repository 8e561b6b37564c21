"""Putting the generator's rules into a `.sops.yaml` that belongs to its user.

Only whole lines of our own are taken out and put in; every other byte stays.
What comes out depends on the user's part alone, so that a second run, or our
rules standing elsewhere before, changes nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops import style
from gitops_regconf.sops.rules import RULES_KEY, sole_document
from gitops_regconf.sops.rules_text import BLOCK_STYLE, GeneratedRule, inserted, without_marked
from gitops_regconf.source.position import Position

if TYPE_CHECKING:
    from collections.abc import Sequence

_ODD_BREAK = re.compile("\r(?!\n)|[\x85\u2028\u2029]")


def with_rules(
    text: str, ours: Sequence[GeneratedRule], paths: Sequence[str], path: str = ".sops.yaml"
) -> str:
    """`text` with exactly `ours` as generated rules, before the first user rule for one of `paths`.

    `paths` are the files that our rules are for; a user rule without
    `path_regex` counts as one for them. Without such a rule ours come last.
    An empty `text` gives a new file. Raises InvalidInput with position and
    mend where the file cannot be edited without touching the user's part.
    """
    _check(ours, text, path)
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    user = without_marked(text.removeprefix("\ufeff"), path)
    result = inserted(user, ours, paths, path)
    _verify(result, user, ours, path)
    return mark + result


def _check(ours: Sequence[GeneratedRule], text: str, path: str) -> None:
    for rule in ours:
        if not rule.path_regex or not rule.recipients:
            raise InvalidInput(f"the rule for {rule.source!r} has no path or no recipient")
        if any(map(style.is_multiline, rule.lines(""))):
            raise InvalidInput(f"the rule for {rule.source!r} holds a line break")
    odd = _ODD_BREAK.search(text)
    if odd:
        at = Position(path, text.count("\n", 0, odd.start()) + 1, 1)
        raise InvalidInput("this line has a line break that only some programs see", at=at)


def _verify(result: str, user: str, ours: Sequence[GeneratedRule], path: str) -> None:
    """The last line of defence: the user's data is as before, and ours stands in one piece."""
    problem: InvalidInput | None = None
    try:
        then, now = _data(user, path), _data(result, path)
    except InvalidInput as error:
        problem = error
    else:
        rules, kept = now.pop(RULES_KEY, None) or [], then.pop(RULES_KEY, None) or []
        added = [rule.data() for rule in ours]
        at = next((n for n, rule in enumerate(kept) if rule != rules[n]), len(kept))
        if then == now and rules == kept[:at] + added + kept[at:]:
            return
    raise InvalidInput(
        "the generator's rules cannot be put into this file safely",
        at=problem.at if problem else Position(path),
        mend=BLOCK_STYLE,
    )


def _data(text: str, path: str) -> dict[str, Any]:
    document = sole_document(text, path)
    return dict(document.data) if document else {}
