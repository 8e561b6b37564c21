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
        self._directories: dict[str, tuple[str, ...]] = {}

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
        """Whether there is a directory at `path`."""
        if (self.root / path).is_dir():
            return True
        return any(planned.startswith(f"{path}/") for planned in self._planned)

    def names(self, directory: str) -> tuple[str, ...]:
        """The sorted names in a directory; none where it does not exist."""
        if directory not in self._directories:
            try:
                names = tuple(sorted(os.listdir(self.root / directory)))  # noqa: PTH208  # names alone, no stat
            except (FileNotFoundError, NotADirectoryError):
                names = ()
            self._directories[directory] = tuple(sorted({*names, *self._planned_names(directory)}))
        return self._directories[directory]

    def subdirectories(self, directory: str) -> Iterator[str]:
        """The names of the directories in a directory, links left out."""
        for name in self.names(directory):
            path = f"{directory}/{name}"
            if self.is_directory(path) and not (self.root / path).is_symlink():
                yield name

    def files_below(self, directory: str) -> Iterator[str]:
        """The paths of all files below a directory, in order; links are named, not followed."""
        for name in self.names(directory):
            path = f"{directory}/{name}" if directory else name
            if self.is_directory(path) and not (self.root / path).is_symlink():
                yield from self.files_below(path)
            else:
                yield path

    def _planned_names(self, directory: str) -> Iterator[str]:
        for path in self._planned:
            if path.startswith(f"{directory}/"):
                yield path[len(directory) + 1 :].split("/", 1)[0]

    def _read(self, path: str) -> str | None:
        refuse_links(self.root, path)
        try:
            with (self.root / path).open("rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise InvalidInput("this is not a regular file", at=Position(path))
                content = file.read(MAX_BYTES + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except IsADirectoryError:
            raise InvalidInput(
                "there is a directory where a file is expected", at=Position(path)
            ) from None
        except OSError as error:
            raise InvalidInput(
                f"this file cannot be read: {error.strerror}", at=Position(path)
            ) from None
        if len(content) > MAX_BYTES:
            raise InvalidInput(f"the file is larger than {MAX_BYTES} bytes", at=Position(path))
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise InvalidInput("this file is not UTF-8 text", at=Position(path, line, 1)) from None


def refuse_links(root: Path, path: str) -> None:
    """Raise InvalidInput where a part of `path` below `root` is a symbolic link or leaves it."""
    place = root
    for part in path.split("/"):
        if part in ("", ".", ".."):
            raise InvalidInput(f"the path {path!r} leaves the fleet", at=Position(path))
        place = place / part
        if place.is_symlink():
            raise InvalidInput(
                "this path is or passes through a symbolic link, and links are not followed",
                at=Position(path),
                mend="Replace the link by the file or directory itself.",
            )
