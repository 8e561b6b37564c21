"""How the gate reads what it judges: paths of the work tree, and what Git has stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from gitops_regconf.lint.file import File, stored_files
from gitops_regconf.source.disk import read_file
from gitops_regconf.source.git import Repository
from gitops_regconf.source.git_entries import Entry, Stored

#: From what stands for files, paths or entries, to the files that can be had.
Read = Callable[[Sequence[Any]], Iterator[File]]


def stored(root: str, last: frozenset[Stored] | None = None) -> Read:
    """How to read entries of the repository at `root`; `last` are those at the end of a range."""

    def read(some: Sequence[Entry]) -> Iterator[File]:
        with Repository(root) as repository:
            yield from stored_files(repository, some, last)

    return read


def work_tree(root: str) -> Read:
    """How to read paths below `root`, without those that are gone, and entries not on disk."""

    def read(some: Sequence[str | Entry]) -> Iterator[File]:
        for path in some:
            content = read_file(f"{root}/{path}", path) if isinstance(path, str) else None
            if isinstance(path, str) and content is not None:
                yield File(path, content)
        entries = [one for one in some if isinstance(one, Entry)]
        if entries:
            yield from stored(root)(entries)

    return read
