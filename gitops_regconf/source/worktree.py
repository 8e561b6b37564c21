"""The work tree of a fleet, read without leaving it."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from gitops_regconf.errors import InvalidInput
from gitops_regconf.source.files import Files, refuse_link, too_large
from gitops_regconf.source.limits import MAX_BYTES
from gitops_regconf.source.position import Position


class WorkTree(Files):
    """The files below a fleet's root as they are on disk."""

    def __init__(self, root: Path, planned: Mapping[str, str] | None = None):
        """`planned` are texts by path that are taken for written already."""
        super().__init__(planned)
        self.root = root
        self._without_links: set[str] = set()

    def __str__(self) -> str:
        return str(self.root)

    def content(self, path: str) -> bytes | None:
        """The bytes of a file, or None where there is none. Raises InvalidInput."""
        self._refuse_links(path)
        try:
            with open(self.root / path, "rb", opener=_without_waiting) as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    raise InvalidInput("this is not a regular file", at=Position(path))
                content = file.read() if status.st_size <= MAX_BYTES else None
        except (FileNotFoundError, NotADirectoryError):
            return None
        except IsADirectoryError:
            problem = "there is a directory where a file is expected"
            raise InvalidInput(problem, at=Position(path)) from None
        except OSError as error:
            raise _unreadable(path, error) from None
        if content is None:
            raise too_large(path)
        return content

    def _has_directory(self, path: str) -> bool:
        return os.path.isdir(self.root / path)  # noqa: PTH112  # Path.is_dir raises for long names

    def _listed(self, directory: str) -> dict[str, bool]:
        if directory:
            self._refuse_links(directory)
        try:
            with os.scandir(self.root / directory) as entries:
                return {entry.name: entry.is_dir(follow_symlinks=False) for entry in entries}
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            raise _unreadable(directory, error) from None

    def _refuse_links(self, path: str) -> None:
        """As `refuse_links`, but each directory is looked at once: most files share one."""
        directory = path.rpartition("/")[0]
        known = directory if directory in self._without_links else ""
        refuse_links(self.root, path, known)
        self._without_links.add(directory)


def _without_waiting(path: str, flags: int) -> int:
    """Opening a FIFO would wait for somebody who writes to it, perhaps for ever."""
    return os.open(path, flags | os.O_NONBLOCK)


def _unreadable(path: str, error: OSError) -> InvalidInput:
    return InvalidInput(f"this cannot be read: {error.strerror}", at=Position(path))


def refuse_links(root: Path, path: str, known: str = "") -> None:
    """Raise InvalidInput where a part of `path` below `root` is a symbolic link or leaves it.

    `known` is a directory at the beginning of `path` that has no such part.
    """
    if "\0" in path:
        raise InvalidInput(f"the path {path!r} names no file", at=Position(path))
    place = os.path.join(root, known) if known else os.fspath(root)  # noqa: PTH118  # hot
    for part in path[len(known) + 1 if known else 0 :].split("/"):
        if part in ("", ".", ".."):
            raise InvalidInput(f"the path {path!r} leaves the fleet", at=Position(path))
        place = f"{place}/{part}"
        if os.path.islink(place):  # noqa: PTH114  # Path.is_symlink raises for long names
            raise refuse_link(path)
