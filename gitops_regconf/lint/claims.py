"""Which rule of which `.sops.yaml` a file falls under.

sops looks for its rules from where it is run; the nearest `.sops.yaml` above a
file is what it finds there, and what a reader takes for meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from gitops_regconf.errors import CannotCheck, RegconfError
from gitops_regconf.fleet.layout import SOPS_FILE

if TYPE_CHECKING:
    from gitops_regconf.sops.rules import Rule
    from gitops_regconf.source.files import Files

# An expression that stands on one line, bare or in quotes without escapes.
_EXPRESSION: Final = re.compile(
    r"^[ \t-]*path_regex:[ \t]+"
    r"(?:([^\s\"'|>&*!\[{#%@`][^\r\n\"'#]*?)|'([^\r\n']*)'|\"([^\r\n\"\\]*)\")"
    r"[ \t]*\r?$",
    re.MULTILINE,
)
# Thousands of rules are matched at once; the default would not hold their automaton.
_MEMORY: Final = 256 * 1024 * 1024


class Claims:
    """The rules of a repository. Each `.sops.yaml` is read once, when it is first needed."""

    def __init__(self, files: Files):
        self.errors: list[RegconfError] = []
        """What is wrong with the rules themselves: files under such rules are not checked."""
        self._files = files
        self._nearest: dict[str, _RulesFile | None] = {}

    def of(self, path: str) -> Rule | None:
        """The rule for a file."""
        found = self._above(path.rpartition("/")[0])
        if found is None or path.rpartition("/")[2] == SOPS_FILE:
            return None
        try:
            return found.rules.first_match(path.removeprefix(found.prefix))
        except RegconfError as error:
            found.broken = True
            self._note(error)
            return None

    def may_be_for(self, path: str) -> bool:
        """Whether a rule may be for this file in particular: a glance, and never wrongly False."""
        found = self._above(path.rpartition("/")[0])
        return found is not None and found.may_match(path.removeprefix(found.prefix))

    def _above(self, directory: str) -> _RulesFile | None:
        if directory not in self._nearest:
            found = self._read(directory)
            if found is None and directory:
                found = self._above(directory.rpartition("/")[0])
            self._nearest[directory] = found
        found = self._nearest[directory]
        return None if found and found.broken else found

    def _read(self, directory: str) -> _RulesFile | None:
        path = f"{directory}/{SOPS_FILE}" if directory else SOPS_FILE
        try:
            text = self._files.text(path)
        except RegconfError as error:
            self._note(error)
            return None
        return _RulesFile(text, path) if text is not None else None

    def _note(self, error: RegconfError) -> None:
        self.errors.append(
            CannotCheck(f"these rules cannot be read: {error.message}", at=error.at or None)
        )


class _RulesFile:
    """One `.sops.yaml`, parsed when a glance at it does not suffice."""

    def __init__(self, text: str, path: str):
        self.prefix = path.removesuffix(SOPS_FILE)
        self.broken = False
        self._text = text
        self._path = path

    @cached_property
    def rules(self) -> _Rules:
        """Its rules. Raises RegconfError."""
        return _Rules(self._text, self._path)

    def may_match(self, path: str) -> bool:
        """Whether one of its expressions may match; True where they cannot be told from a line."""
        return self._expressions is None or bool(self._expressions.Match(path))

    @cached_property
    def _expressions(self) -> Any:
        found = _EXPRESSION.findall(self._text)
        if not found or len(found) != self._text.count("path_regex"):
            return None
        return _together("".join(one) for one in found)


class _Rules:
    """The rules of one file, matched together."""

    def __init__(self, text: str, path: str):
        from gitops_regconf.sops.rules import parse_rules

        self._rules = parse_rules(text, path)
        self._set = _together(rule.path_regex for rule in self._rules)
        for rule in self._rules if self._set is None else ():
            rule.matches("")  # raises where its expression is not valid

    def first_match(self, path: str) -> Rule | None:
        found = self._set.Match(path) if self._rules else []
        return self._rules[min(found)] if found else None


def _together(expressions: Iterable[str]) -> Any:
    """Expressions of Go matched at once; None where one of them is not valid."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    together = re2.Set.SearchSet(options)
    try:
        for expression in expressions:
            together.Add(expression)
    except re2.error:
        return None
    together.Compile()
    return together
