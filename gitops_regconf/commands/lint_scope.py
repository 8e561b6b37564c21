"""What `regconf lint` looks at: the tree or some of it, the index, or what a range brings in."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gitops_regconf.errors import InvalidInput
from gitops_regconf.fleet import layout
from gitops_regconf.lint import reading
from gitops_regconf.source.files import Files
from gitops_regconf.source.git import Repository
from gitops_regconf.source.git_entries import Entry
from gitops_regconf.source.git_files import GitFiles
from gitops_regconf.source.sparse import SparseWorkTree
from gitops_regconf.source.worktree import WorkTree


@dataclass(frozen=True, slots=True)
class Scope:
    """What to lint: files as they stand for themselves, and the state they belong to."""

    files: Files
    things: Sequence[Any]
    read: reading.Read
    with_fleet: bool
    is_all: bool = False


def scope(options: argparse.Namespace, root: Path, open_things: ExitStack) -> Scope:
    """What the flags ask for, below `root`. Raises RegconfError."""
    repository = Repository.around(str(root))
    if repository is None and (options.staged or options.from_ref):
        raise InvalidInput(f"{root} is in no Git repository")
    if repository is None:
        files = WorkTree(root)
        return _on_disk(options, root, list(files.files_below("")))
    open_things.enter_context(repository)
    if options.staged:
        files_of_index = GitFiles(repository, repository.index(), "the index")
        return _in_git(files_of_index, repository.staged(), reading.stored(str(root)))
    if options.from_ref:
        last = options.to_ref or "HEAD"
        tree = repository.tree(last)
        entries = repository.brought_in(options.from_ref, last)
        read = reading.stored(str(root), frozenset(entry.stored for entry in tree))
        return _in_git(GitFiles(repository, tree, last), entries, read)
    left_out = {entry.path: entry for entry in repository.not_checked_out()}
    paths = repository.work_tree()
    if not left_out:
        return _on_disk(options, root, paths)
    stored = GitFiles(repository, left_out.values(), "what is not checked out")
    return _on_disk(options, root, paths, SparseWorkTree(root, stored), left_out)


def _in_git(files: Files, entries: Sequence[Entry], read: reading.Read) -> Scope:
    # What a fleet lacks since a file was deleted, no entry shows: its rules are always run.
    return Scope(files, entries, read, _has_fleet(files))


def _on_disk(
    options: argparse.Namespace,
    root: Path,
    paths: list[str],
    files: Files | None = None,
    left_out: Mapping[str, Entry] | None = None,
) -> Scope:
    """The work tree. `left_out` are those of its files that are staged and not on disk."""
    files = files or WorkTree(root)
    chosen = below(paths, options.path, root) if options.path else paths
    things = [(left_out or {}).get(path, path) for path in chosen]
    with_fleet = not options.path and _has_fleet(files)
    return Scope(files, things, reading.work_tree(str(root)), with_fleet, is_all=not options.path)


def _has_fleet(files: Files) -> bool:
    return layout.FLEET_FILE in files.names("")


def below(paths: Sequence[str], wanted: Sequence[str], root: Path) -> list[str]:
    """Those of `paths` that are at or below what is wanted, and files wanted that Git ignores.

    Raises InvalidInput where something wanted does not exist, or is not below `root`.
    """
    places = {_within(root, name): name for name in wanted}
    chosen: list[str] = []
    met: set[str] = set()
    for path in paths:
        above = {place for place in _and_above(path) if place in places}
        if above:
            chosen.append(path)
            met |= above
    for place, name in places.items():
        if place in met or (root / place).is_dir():
            continue
        if not os.path.lexists(root / place):
            raise InvalidInput(f"{name} does not exist")
        chosen.append(place)
    return chosen


def _within(root: Path, name: str) -> str:
    """What a file or directory is called from the root; the root itself is empty."""
    place = os.path.abspath(name)  # noqa: PTH100  # a link stays what it is
    if not Path(place).is_relative_to(root):
        raise InvalidInput(f"{name} is not in {root}")
    path = Path(place).relative_to(root).as_posix()
    return "" if path == "." else path


def _and_above(path: str) -> Iterator[str]:
    """A path, and every directory that it is in, up to the root."""
    while path:
        yield path
        path = path.rpartition("/")[0]
    yield ""
