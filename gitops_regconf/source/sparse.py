"""The work tree of a sparse checkout, read as if it were whole."""

from __future__ import annotations

from pathlib import Path

from gitops_regconf.source.files import Files
from gitops_regconf.source.worktree import WorkTree


class SparseWorkTree(WorkTree):
    """The files below a root as they are on disk; those not checked out, as they are staged."""

    def __init__(self, root: Path, left_out: Files):
        """`left_out` are the files that are not checked out."""
        super().__init__(root)
        self._left_out = left_out

    @property
    def has_planned(self) -> bool:
        """Always: other programs do not find all of it on disk."""
        return True

    def content(self, path: str) -> bytes | None:
        """The bytes of a file, or None where there is none. Raises InvalidInput, CannotCheck."""
        found = super().content(path)
        return self._left_out.content(path) if found is None else found

    def _has_directory(self, path: str) -> bool:
        return super()._has_directory(path) or self._left_out.is_directory(path)

    def _listed(self, directory: str) -> dict[str, bool]:
        below = set(self._left_out.subdirectories(directory))
        left_out = {name: name in below for name in self._left_out.names(directory)}
        return {**left_out, **super()._listed(directory)}
