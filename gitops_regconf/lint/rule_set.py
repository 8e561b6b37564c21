"""The rules by their ids, imported when they are asked for."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from types import ModuleType

from gitops_regconf.lint import rules


@cache
def all_rules() -> dict[str, ModuleType]:
    """Every rule by its id, which is its module's name with dashes."""
    return named(sorted(names()))


def names() -> frozenset[str]:
    """The ids of all rules, none of which is imported for it."""
    found = pkgutil.iter_modules(rules.__path__)
    return frozenset(module.name.replace("_", "-") for module in found)


def named(ids: Iterable[str]) -> dict[str, ModuleType]:
    """Some of the rules, without importing any other."""
    return {one: module(one) for one in ids}


def module(rule: str) -> ModuleType:
    """The module of a rule."""
    return importlib.import_module(f"{rules.__name__}.{rule.replace('-', '_')}")
