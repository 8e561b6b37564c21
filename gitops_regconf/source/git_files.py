"""The index or a commit, read as the work tree is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gitops_regconf.errors import CannotCheck, InvalidInput
from gitops_regconf.source.files import Files, refuse_link, too_large
from gitops_regconf.source.git import Repository
from gitops_regconf.source.git_entries import LINK, SUBMODULE, Entry
from gitops_regconf.source.limits import MAX_BYTES
from gitops_regconf.source.position import Position


class GitFiles(Files):
    """The files of a list of entries."""

    def __init__(
        self,
        repository: Repository,
        entries: Iterable[Entry],
        called: str,
        planned: Mapping[str, str] | None = None,
    ):
        """`called` is what messages call them."""
        super().__init__(planned)
        self._repository = repository
        self._called = called
        self._stored: dict[str, list[Entry]] = {}
        self._names: dict[str, dict[str, bool]] = {"": {}}
        for entry in entries:
            self._add(entry.path, entry)

    def __str__(self) -> str:
        return self._called

    def content(self, path: str) -> bytes | None:
        """The bytes of a file, or None where there is none. Raises InvalidInput, CannotCheck."""
        self._refuse_links(path)
        stored = self._stored.get(path)
        if stored is None:
            if path in self._names:
                problem = "there is a directory where a file is expected"
                raise InvalidInput(problem, at=Position(path))
            return None
        if len(stored) > 1:
            raise CannotCheck(
                "this file is in a merge conflict", at=Position(path), mend="Resolve it first."
            )
        content = self._repository.content(stored[0])
        if len(content) > MAX_BYTES:
            raise too_large(path)
        return content

    def _has_directory(self, path: str) -> bool:
        return path in self._names

    def _listed(self, directory: str) -> dict[str, bool]:
        if directory:
            self._refuse_links(directory)
        return self._names.get(directory, {})

    def _add(self, path: str, entry: Entry) -> None:
        directory, _, name = path.rpartition("/")
        if entry.mode == SUBMODULE:
            self._directory(path)
            return
        self._stored.setdefault(path, []).append(entry)
        self._directory(directory)[name] = False

    def _directory(self, path: str) -> dict[str, bool]:
        """The names in a directory, which is made known, with those above it."""
        if path not in self._names:
            self._names[path] = {}
            above, _, name = path.rpartition("/")
            self._directory(above)[name] = True
        return self._names[path]

    def _refuse_links(self, path: str) -> None:
        parts = path.split("/")
        for end in range(1, len(parts) + 1):
            stored = self._stored.get("/".join(parts[:end]))
            if stored and stored[0].mode == LINK:
                raise refuse_link(path)
