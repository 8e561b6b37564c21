"""The built-in profiles: one data file each, with the reasons in its comments."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from gitops_regconf.registries.model import Contribution
from gitops_regconf.registries.read import contribution
from gitops_regconf.source.documents import document

#: What the paths of positions in them begin with: they are no files of a fleet.
BUILT_IN = "built-in profile"


@cache
def built_in() -> dict[str, Contribution]:
    """The built-in profiles by name."""
    folder = files("gitops_regconf.registries") / "data" / "profiles"
    profiles: dict[str, Contribution] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        name = file.name.removesuffix(".yaml")
        text = document(file.read_text("utf-8"), f"{BUILT_IN} {name}")
        profiles[name] = contribution(text, (), f"profile {name}")
    return profiles
