"""The rules by their ids, imported when they are asked for."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from gitops_regconf.findings import Finding
from gitops_regconf.lint import rules

Check = Callable[[Any], Iterable[Finding]]
Test = Callable[[bytes], bool]

#: What rules look at, and how their generators of findings are called (`lint.subjects`).
OF_FILES: Final = ("of_file",)
OF_INTERFACES: Final = ("of_block", "of_object", "of_objects")
OF_FLEETS: Final = ("of_cluster", "of_accounts", "of_reference", "of_secret", "of_error")
#: A rule that gives way to whichever other one has something to say.
ANY: Final = "any other rule"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a module of `lint.rules` says of itself; its names are explained in `lint.subjects`.

    `checks` are its generators by subject; `of_generated` is what is asked in place of
    them before something is generated.
    """

    id: str
    docstring: str
    checks: Mapping[str, Check]
    of_generated: Check | None = None
    is_candidate: Test | None = None
    yields_to: str = ""
    shows_line: bool = False
    in_history: bool = False
    stops_regenerate: bool = False

    def looks_at(self, subjects: Collection[str]) -> bool:
        """Whether one of some subjects is its own."""
        return not self.checks.keys().isdisjoint(subjects)


Rules = dict[str, Rule]


@cache
def all_rules() -> Rules:
    """Every rule by its id, which is its module's name with dashes."""
    return named(sorted(names()))


def names() -> frozenset[str]:
    """The ids of all rules, none of which is imported for it."""
    found = pkgutil.iter_modules(rules.__path__)
    return frozenset(module.name.replace("_", "-") for module in found)


def named(ids: Iterable[str]) -> Rules:
    """Some of the rules, without importing any other."""
    return {one: rule(one) for one in ids}


@cache
def rule(name: str) -> Rule:
    """The rule with an id."""
    module = importlib.import_module(f"{rules.__name__}.{name.replace('-', '_')}")
    said = vars(module)
    return Rule(
        id=said["ID"],
        docstring=module.__doc__ or "",
        checks={one: said[one] for one in (*OF_FILES, *OF_INTERFACES, *OF_FLEETS) if one in said},
        of_generated=said.get("of_generated"),
        is_candidate=said.get("is_candidate"),
        yields_to=said.get("YIELDS_TO", ""),
        shows_line=said.get("SHOWS_LINE", False),
        in_history=said.get("IN_HISTORY", False),
        stops_regenerate=said.get("STOPS_REGENERATE", False),
    )
