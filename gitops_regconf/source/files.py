"""A repository's files as one state of them: the work tree, the index, or a commit."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from gitops_regconf.errors import InvalidInput
from gitops_regconf.source.limits import MAX_BYTES
from gitops_regconf.source.position import Position

if TYPE_CHECKING:
    from gitops_regconf.source.documents import Document


class Files(ABC):
    """Files by their path relative to the root (with `/`).

    Every text is read at most once, so that one command sees one state. A
    symbolic link is refused wherever something is read: it may lead out of the
    repository, and Git stores its target only.
    """

    def __init__(self, planned: Mapping[str, str] | None = None):
        """`planned` are texts by path that are taken for written already."""
        self._planned = dict(planned or {})
        self._texts: dict[str, str | None] = {**self._planned}
        self._documents: dict[str, Document] = {}
        # For each directory its sorted names, and whether each is itself a directory.
        self._directories: dict[str, dict[str, bool]] = {}

    @property
    def has_planned(self) -> bool:
        """Whether some texts are taken for written that are not."""
        return bool(self._planned)

    @abstractmethod
    def __str__(self) -> str:
        """What a message calls it."""

    @abstractmethod
    def content(self, path: str) -> bytes | None:
        """The bytes of a file, or None where there is none. Raises InvalidInput."""

    @abstractmethod
    def _has_directory(self, path: str) -> bool:
        """Whether there is a directory at `path`, or a link to one."""

    @abstractmethod
    def _listed(self, directory: str) -> dict[str, bool]:
        """The names in a directory, and whether each is a directory. Raises InvalidInput."""

    def raw(self, path: str) -> bytes | None:
        """The bytes of a file, those that are planned included. Raises InvalidInput."""
        planned = self._planned.get(path)
        return self.content(path) if planned is None else planned.encode()

    def text(self, path: str) -> str | None:
        """The text of a file, or None where there is none. Raises InvalidInput."""
        if path not in self._texts:
            content = self.content(path)
            self._texts[path] = None if content is None else _text(content, path)
        return self._texts[path]

    def document(self, path: str) -> Document:
        """The only YAML document of a file that must be there. Raises InvalidInput."""
        from gitops_regconf.source.documents import document

        if path not in self._documents:
            text = self.text(path)
            if text is None:
                raise InvalidInput("this file is missing", at=Position(path))
            self._documents[path] = document(text, path)
        return self._documents[path]

    def is_directory(self, path: str) -> bool:
        """Whether there is a directory at `path`, or a link to one."""
        if self._has_directory(path):
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

    def _planned_names(self, directory: str) -> Iterator[tuple[str, bool]]:
        prefix = f"{directory}/" if directory else ""
        for path in self._planned:
            if path.startswith(prefix):
                name, below, _ = path[len(prefix) :].partition("/")
                yield name, bool(below)


def refuse_link(path: str) -> InvalidInput:
    """The error for a path that is a symbolic link, or passes through one."""
    return InvalidInput(
        "this path is or passes through a symbolic link, and links are not followed",
        at=Position(path),
        mend="Replace the link by the file or directory itself.",
    )


def too_large(path: str) -> InvalidInput:
    """The error for a file that is too large to be read."""
    return InvalidInput(f"the file is larger than {MAX_BYTES} bytes", at=Position(path))


def _text(content: bytes, path: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        at = Position(path, before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise InvalidInput("this file is not UTF-8 text", at=at) from None
