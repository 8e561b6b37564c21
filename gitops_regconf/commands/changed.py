"""What a commit or a push changes, as hook managers and Git tell it."""

from __future__ import annotations

import os
from collections.abc import Sequence

from gitops_regconf.errors import RegconfError
from gitops_regconf.source.git import Repository


def changed(names: Sequence[str]) -> list[str] | None:
    """The paths of changed files; None where it is not known what has changed.

    Hook managers name files that are there, `names`; those that are deleted come from
    Git, and without any names all of them: of what is staged, or of what is pushed.
    """
    try:
        changes = _changes()
    except RegconfError:  # whoever reads the files then says what is wrong
        return None
    if changes is None:
        return list(names) or None
    deleted = [path for path, is_deleted in changes.items() if is_deleted]
    return [*names, *deleted] if names else list(changes) or None


def _changes() -> dict[str, bool] | None:
    """The paths that change, and whether each is deleted; None outside of any repository."""
    repository = Repository.around(".")
    if repository is None:
        return None
    with repository:
        last = os.environ.get("PRE_COMMIT_TO_REF", "")
        if last:
            return repository.changes(os.environ.get("PRE_COMMIT_FROM_REF", ""), last)
        return repository.changes()
