"""Which files a build reads, and whether they concern cluster Apps or their Secrets."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gitops_regconf.errors import CannotCheck
from gitops_regconf.fleet.kustomize import MAX_LEVELS, MAX_STEPS, Kustomize, is_remote
from gitops_regconf.source.documents import Document
from gitops_regconf.source.files import Files
from gitops_regconf.source.position import Position

# No file system has longer names or deeper paths; other texts are no paths.
_LONGEST_NAME: Final = 255
_MOST_NAMES: Final = 100


@dataclass
class Reach:
    """The files that a build reads, as far as it is made of files of this repository.

    `outside` says that it would also read something else, from the network or past
    the repository's root; `incomplete`, that something it names is not there.
    """

    files: set[str] = field(default_factory=set)
    outside: bool = False
    incomplete: bool = False

    def may_mention(self, repository: Files, words: tuple[str, ...]) -> bool:
        """Whether a word stands in one of the files, or could. Raises RegconfError."""
        if self.incomplete:
            return True
        wanted = [word.encode() for word in words]
        for path in sorted(self.files):
            content = repository.raw(path) or b""
            if any(word in content for word in wanted):
                return True
        return False


def reach(repository: Files, kustomize: Kustomize, top: Document) -> Reach:
    """What the build of a kustomization reads.

    Raises RegconfError where that cannot be told: something is a link, or is no
    kustomization, or leads too deep.
    """
    found = Reach()
    waiting = [(top, 0)]
    done = {posixpath.dirname(top.path)}
    while waiting:
        file, level = waiting.pop()
        here = posixpath.dirname(file.path)
        if level > MAX_LEVELS or len(done) > MAX_STEPS:
            problem = "the kustomizations are nested too deeply, or too often, to be followed"
            raise CannotCheck(problem, at=Position(here))
        found.files.add(file.path)
        for text in _texts(file.data):
            if is_remote(text):
                found.outside = True
                continue
            path = posixpath.normpath(posixpath.join(here, text))
            path = "" if path == "." else path
            if path.startswith(("/", "..")):
                found.outside |= text.startswith(("/", ".."))
            elif _is_base(file.data, text) and repository.is_directory(path):
                if path not in done:
                    done.add(path)
                    waiting.append((kustomize.kustomization(path), level + 1))
            elif _is_file(repository, path):
                found.files.add(path)
            elif _is_base(file.data, text):
                found.incomplete = True
    return found


def _is_base(data: Mapping[str, Any], text: str) -> bool:
    fields = ("resources", "components", "bases", "generators", "transformers", "validators")
    return any(text in listed for key in fields if isinstance(listed := data.get(key), list))


def _is_file(repository: Files, path: str) -> bool:
    """Whether a text names a file. Raises InvalidInput where a link is on the way."""
    parts = path.split("/")
    if "\0" in path or max(map(len, parts)) > _LONGEST_NAME or len(parts) > _MOST_NAMES:
        return False
    directory, name = posixpath.split(path)
    if not repository.is_directory(directory) or name not in repository.names(directory):
        return False
    return not repository.is_directory(path) and repository.raw(path) is not None


def _texts(data: Any) -> Iterator[str]:
    """Every text in a kustomization that could be a path; `key=path` gives both."""
    if isinstance(data, str):
        if data and "\n" not in data:
            yield data
            if "=" in data:
                yield data.partition("=")[2]
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, list):
        for item in data:
            yield from _texts(item)
