"""Changes to the work tree: all of them or, as far as a file system allows, none."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from gitops_regconf.errors import RegconfError
from gitops_regconf.generate.changes import Change
from gitops_regconf.source.worktree import refuse_links

# Fixed, so that a run after a kill overwrites what the killed one left behind.
_STAGED = ".{}.regconf-tmp"
_held: list[int] = []


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the fleet for one writer. Raises RegconfError where another one holds it.

    The lock is the kernel's (flock on the directory itself), so it leaves no
    file and ends with the process, however that ends.
    """
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    _held.append(descriptor)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RegconfError(
                f"another regconf is writing to {root}", mend="Wait for it to finish."
            ) from None
        yield
    finally:
        _held.remove(descriptor)
        os.close(descriptor)


def _forget_lock() -> None:
    """In a forked process: let go of the parent's lock, which must not outlive the parent."""
    while _held:
        os.close(_held.pop())


os.register_at_fork(after_in_child=_forget_lock)


def apply(root: Path, changes: Sequence[Change]) -> None:
    """Write the changes below `root`.

    Every new content is written beside its target first and synced once; only
    then are they renamed, in the order of their steps. Raises RegconfError
    where a file cannot be written, with nothing renamed yet.
    """
    ordered = sorted(changes, key=lambda change: change.order)
    for change in ordered:
        refuse_links(root, change.path)
    made: list[Path] = []
    staged: list[Path] = []
    try:
        _make_directories(root, ordered, made)
        for change in ordered:
            if change.after is not None:
                staged.append(_staged_path(root / change.path))
                _stage(root / change.path, change.after)
        os.sync()
    except OSError as error:
        for path in staged:
            with suppress(OSError):
                path.unlink()
        for directory in reversed(made):
            with suppress(OSError):
                directory.rmdir()
        raise RegconfError(
            f"{error.filename or root}: cannot be written: {error.strerror}",
            mend="Nothing was changed.",
        ) from None
    for change in ordered:
        target = root / change.path
        if change.after is None:
            target.unlink(missing_ok=True)
            _remove_if_empty(target.parent, root)
        else:
            _staged_path(target).replace(target)


def _make_directories(root: Path, changes: Sequence[Change], made: list[Path]) -> None:
    """Make the directories that are missing, noting each in `made`, outermost first."""
    for change in changes:
        if change.after is None:
            continue
        parent = (root / change.path).parent
        missing = [path for path in (parent, *parent.parents) if not path.exists()]
        for directory in reversed(missing):
            directory.mkdir()
            made.append(directory)


def _stage(target: Path, text: str) -> None:
    path = _staged_path(target)
    path.unlink(missing_ok=True)
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current


def _staged_path(target: Path) -> Path:
    return target.with_name(_STAGED.format(target.name))


def is_staged(name: str) -> bool:
    """Whether a file is what a killed run left beside a target."""
    return name.startswith(".") and name.endswith(".regconf-tmp")


def _remove_if_empty(directory: Path, root: Path) -> None:
    if directory != root and not any(directory.iterdir()):
        directory.rmdir()
