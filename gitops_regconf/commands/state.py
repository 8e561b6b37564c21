"""Which state of the files a hook judges: what is committed or pushed, not what lies about."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gitops_regconf.source.files import Files
from gitops_regconf.source.git import Repository
from gitops_regconf.source.git_files import GitFiles
from gitops_regconf.source.worktree import WorkTree


@contextmanager
def judged(directory: str = ".") -> Iterator[Files]:
    """The index; on push, the commit that is pushed; outside of any repository, the files on disk.

    pre-commit and prek name that commit in the environment. Where the files on disk
    are the same, they are given: other programs can read those. Raises RegconfError.
    """
    repository = Repository.around(directory)
    if repository is None:
        yield WorkTree(Path(directory).resolve())
        return
    with repository:
        pushed = os.environ.get("PRE_COMMIT_TO_REF", "")
        if repository.is_on_disk(repository.commit(pushed) if pushed else ""):
            yield WorkTree(Path(directory).resolve())
        elif pushed:
            yield GitFiles(repository, repository.tree(pushed), f"commit {pushed}")
        else:
            yield GitFiles(repository, repository.index(), "what is staged")
