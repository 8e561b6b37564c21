"""What Git stores at a path, read from what its plumbing prints with NUL between names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final, NamedTuple

# Modes of entries in a tree; of the others, regular files, only the bit for execution differs.
LINK: Final = "120000"
SUBMODULE: Final = "160000"

Stored = tuple[str, str]


class Entry(NamedTuple):
    """A path with what Git stores for it.

    `path` is relative to the root; bytes in it that are no UTF-8 are surrogate
    escapes, as in file names everywhere in Python. `commit` is one that brought
    it in, where a range was asked for.
    """

    path: str
    mode: str
    name: str
    commit: str = ""

    @property
    def stored(self) -> Stored:
        """Its path with the name of its content; whether a file can be run makes no other one."""
        return self.path, self.name

    @property
    def is_file(self) -> bool:
        """Whether it has content of its own; what a submodule holds is another repository's."""
        return self.mode != SUBMODULE


def is_stored_as(content: bytes, entry: Entry) -> bool:
    """Whether Git would store `content` under the name of an entry (gitformat-object)."""
    import hashlib

    algorithm = hashlib.sha1 if len(entry.name) == 40 else hashlib.sha256
    named = algorithm(b"blob %d\0" % len(content) + content, usedforsecurity=False)
    return named.hexdigest() == entry.name


def staged(output: bytes) -> Iterator[Entry]:
    """Those that `ls-files --stage -z` has printed."""
    for line in output.split(b"\0")[:-1]:
        yield _entry(line, place=1)


def in_tree(output: bytes) -> Iterator[Entry]:
    """Those that `ls-tree -r -z` has printed."""
    for line in output.split(b"\0")[:-1]:
        yield _entry(line, place=2)


def _entry(line: bytes, place: int) -> Entry:
    """An entry of `mode … name …<tab>path` with the name at a place among the words."""
    said, _, path = line.partition(b"\t")
    words = said.decode().split()
    return Entry(os.fsdecode(path), words[0], words[place])


def raw(output: bytes) -> Iterator[Entry]:
    """The new sides of changes in Git's raw format; deletions left out.

    `:<mode>… <name>… <status>` and the path follow each other; a merge has one
    colon, mode and name more for each parent (git-diff, "Raw output format").
    The name of a commit stands before its changes, where several were asked for.
    """
    commit = ""
    parts = iter(output.split(b"\0")[:-1])
    for change in parts:
        if not change.startswith(b":"):
            commit = change.decode()
            continue
        path = next(parts)
        sides = len(change) - len(change.lstrip(b":"))
        words = change.decode().lstrip(":").split()
        mode, name = words[sides], words[2 * sides + 1]
        if mode != "000000":
            yield Entry(os.fsdecode(path), mode, name, commit)
