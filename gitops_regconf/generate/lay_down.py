"""The files that `init`, `add-mc` and `add-wc` lay down, from templates with placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from gitops_regconf.errors import InvalidInput
from gitops_regconf.generate.changes import Change, Step
from gitops_regconf.source.files import Files
from gitops_regconf.source.position import Position

# `{{ name }}` alone: GitHub's `${{ … }}` and Flux's `${…}` stand in the same files.
_PLACEHOLDER = re.compile(r"(?<!\$)\{\{ ([a-z_]+) \}\}")
_NOT_LAID_DOWN: Final = ("__pycache__", "__init__.py")


def template(name: str) -> Traversable:
    """The folder of a template: `fleet`, or one of the skeletons for clusters."""
    if name == "fleet":
        return files("gitops_regconf.fleet_template")
    return files("gitops_regconf.generate") / "skeletons" / name


def laid_down(folder: Traversable, directory: str, values: Mapping[str, str]) -> dict[str, str]:
    """The texts of a template's files by their path below `directory`, with `values` filled in.

    A placeholder without a value stays; a line whose only placeholder has an
    empty value is left out.
    """
    prefix = f"{directory}/" if directory else ""
    return {
        prefix + _filled_name(path, values): filled_text(file.read_text("utf-8"), values)
        for path, file in _files(folder, "")
    }


def filled_text(text: str, values: Mapping[str, str]) -> str:
    """`text` with every placeholder that has a value replaced by it."""
    lines = []
    for line in text.splitlines(keepends=True):
        alone = _PLACEHOLDER.fullmatch(line.strip())
        if alone and values.get(alone[1]) == "":
            continue
        lines.append(_PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), line))
    return "".join(lines)


def creations(source: Files, texts: Mapping[str, str]) -> list[Change]:
    """The changes that create these files. Raises InvalidInput where one is there already."""
    for path in texts:
        if source.text(path) is not None:
            raise InvalidInput("this file is there already", at=Position(path))
    return [Change(Step.INPUT, path, "create", "new", None, text) for path, text in texts.items()]


def flow_list(items: tuple[str, ...]) -> str:
    """Names as a YAML flow list."""
    return f"[{', '.join(items)}]"


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for child in sorted(folder.iterdir(), key=lambda child: child.name):
        if child.name in _NOT_LAID_DOWN:
            continue
        path = prefix + child.name
        if child.is_dir():
            yield from _files(child, f"{path}/")
        else:
            yield path, child


def _filled_name(path: str, values: Mapping[str, str]) -> str:
    for name in ("mc", "wc", "org"):
        path = path.replace(f"__{name}__", values.get(name, ""))
    return path
