"""The work tree of a fleet, read without leaving it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from gitops_regconf.errors import InvalidInput
from gitops_regconf.source.documents import MAX_BYTES, Document, document
from gitops_regconf.source.position import Position


class WorkTree:
    """Files below a fleet's root, by their path relative to it (with `/`).

    Every file is read at most once, so that one command sees one state. A
    symbolic link is refused wherever something is read: it may lead out of the
    repository, and Git stores its target only.
    """

    def __init__(self, root: Path, planned: Mapping[str, str] | None = None):
        """`planned` are texts by path that are taken for written already."""
        self.root = root
        self._planned = dict(planned or {})
        self._texts: dict[str, str | None] = {**self._planned}
        self._documents: dict[str, Document] = {}
        # For each directory its sorted names, and whether each is itself a directory.
        self._directories: dict[str, dict[str, bool]] = {}
        self._without_links: set[str] = set()

    def text(self, path: str) -> str | None:
        """The text of a file, or None where there is none. Raises InvalidInput."""
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def document(self, path: str) -> Document:
        """The only YAML document of a file that must be there. Raises InvalidInput."""
        if path not in self._documents:
            text = self.text(path)
            if text is None:
                raise InvalidInput("this file is missing", at=Position(path))
            self._documents[path] = document(text, path)
        return self._documents[path]

    def is_directory(self, path: str) -> bool:
        """Whether there is a directory at `path`, or a link to one."""
        if os.path.isdir(self.root / path):  # noqa: PTH112  # Path.is_dir raises for long names
            return True
        return any(planned.startswith(f"{path}/") for planned in self._planned)

    def names(self, directory: str) -> tuple[str, ...]:
        """The sorted names in a directory; none where it does not exist. Raises InvalidInput."""
        return tuple(self._entries(directory))

    def subdirectories(self, directory: str) -> Iterator[str]:
        """The names of the directories in a directory, links left out."""
        for name, is_directory in self._entries(directory).items():
            if is_directory:
                yield name

    def files_below(self, directory: str) -> Iterator[str]:
        """The paths of all files below a directory, in order; links are named, not followed."""
        for name, is_directory in self._entries(directory).items():
            path = f"{directory}/{name}" if directory else name
            if is_directory:
                yield from self.files_below(path)
            else:
                yield path

    def _entries(self, directory: str) -> dict[str, bool]:
        if directory not in self._directories:
            entries = {**self._listed(directory), **dict(self._planned_names(directory))}
            self._directories[directory] = dict(sorted(entries.items()))
        return self._directories[directory]

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

    def _planned_names(self, directory: str) -> Iterator[tuple[str, bool]]:
        prefix = f"{directory}/" if directory else ""
        for path in self._planned:
            if path.startswith(prefix):
                name, below, _ = path[len(prefix) :].partition("/")
                yield name, bool(below)

    def _refuse_links(self, path: str) -> None:
        """As `refuse_links`, but each directory is looked at once: most files share one."""
        directory = path.rpartition("/")[0]
        known = directory if directory in self._without_links else ""
        refuse_links(self.root, path, known)
        self._without_links.add(directory)

    def _read(self, path: str) -> str | None:
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
            raise InvalidInput(f"the file is larger than {MAX_BYTES} bytes", at=Position(path))
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            before = content[: error.start].decode("utf-8")
            at = Position(path, before.count("\n") + 1, len(before) - before.rfind("\n"))
            raise InvalidInput("this file is not UTF-8 text", at=at) from None


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
            raise InvalidInput(
                "this path is or passes through a symbolic link, and links are not followed",
                at=Position(path),
                mend="Replace the link by the file or directory itself.",
            )
