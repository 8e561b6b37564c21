"""What Git stores under the names of entries, from one process that is asked again and again."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import IO, Final, TypeVar

from gitops_regconf.errors import CannotCheck
from gitops_regconf.source.git_entries import Entry
from gitops_regconf.source.git_process import OPTIONS, environment
from gitops_regconf.source.position import Position

# As many names as fit well into the buffer of a pipe, so that writing them never waits for reading.
_AT_ONCE: Final = 128

Thing = TypeVar("Thing")


class Contents:
    """The contents in the repository around a directory; to be closed."""

    def __init__(self, root: str):
        self._root = root
        self._open = ExitStack()
        # By the process that asks.
        self._asked: dict[int, tuple[IO[bytes], IO[bytes]]] = {}

    def close(self) -> None:
        """End the process that answers."""
        self._asked.clear()
        self._open.close()

    def of(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, bytes]]:
        """Each entry with its whole content. Raises CannotCheck where one is not here."""
        asked, answers = self._process
        for some in in_groups(entries):
            asked.write(b"".join(f"{one.name}\n".encode() for one in some))
            asked.flush()
            # All that was asked for is read, or it would be taken for the next one's answer.
            for entry, content in [(one, _answer(answers)) for one in some]:
                if content is None:
                    raise CannotCheck(
                        "the content of this file is not in this clone",
                        at=Position(entry.path),
                        mend="Fetch it: this looks like a partial or a damaged clone.",
                    )
                yield entry, content

    @property
    def _process(self) -> tuple[IO[bytes], IO[bytes]]:
        """Where to ask for contents by name, and where they are answered: one process for all.

        A forked process gets one of its own, or it would read another's answers.
        """
        if os.getpid() not in self._asked:
            process = self._open.enter_context(
                subprocess.Popen(  # noqa: S603  # fixed words
                    ["git", *OPTIONS, "cat-file", "--batch"],  # noqa: S607  # the user's own Git
                    cwd=self._root,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=environment(),
                )
            )
            assert process.stdin is not None  # noqa: S101  # asked for above
            assert process.stdout is not None  # noqa: S101
            self._asked[os.getpid()] = process.stdin, process.stdout
        return self._asked[os.getpid()]


def in_groups(things: Iterable[Thing]) -> Iterator[list[Thing]]:
    """Things in lists that are short enough for one command, or for one buffer."""
    group: list[Thing] = []
    for thing in things:
        group.append(thing)
        if len(group) == _AT_ONCE:
            yield group
            group = []
    if group:
        yield group


def _answer(answers: IO[bytes]) -> bytes | None:
    """The next content; None where Git answers that it has none by that name."""
    header = answers.readline().split()
    if len(header) != 3:
        return None
    content = answers.read(int(header[2]))
    answers.read(1)  # the line break after it
    return content
