"""What commands say, on which stream, and in which form."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from gitops_regconf.errors import CannotCheck, RegconfError, singly

if TYPE_CHECKING:
    from gitops_regconf.findings import Finding
    from gitops_regconf.registries.model import Note

_COLORS = {"red": "31", "green": "32", "cyan": "36"}


def silence(stream: TextIO) -> None:
    """Let what is still written to a stream, as when the process ends, go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@dataclass(frozen=True, slots=True)
class Output:
    """Results go to standard output, everything else to standard error."""

    stdout: TextIO
    stderr: TextIO
    color: bool
    quiet: bool
    verbose: bool
    json: bool

    @classmethod
    def of_process(cls, *, color: bool, quiet: bool, verbose: bool, json: bool) -> Output:
        """For this process: coloured only on a terminal that wants it."""
        # A stream that was closed is None.
        stdout, stderr = (stream or io.StringIO() for stream in (sys.stdout, sys.stderr))
        wants = color and stdout.isatty() and "NO_COLOR" not in os.environ
        return cls(stdout, stderr, wants, quiet, verbose, json)

    @classmethod
    def of_hook(cls) -> Output:
        """For a hook, which has no flags for it."""
        return cls.of_process(color=True, quiet=False, verbose=False, json=False)

    def result(self, text: str) -> None:
        """A line of the result; nothing where JSON was asked for."""
        if not self.json:
            self._write(text)

    def data(self, data: Mapping[str, Any]) -> None:
        """The result as JSON, where that was asked for."""
        if self.json:
            self._write(json.dumps(data, indent=2, ensure_ascii=False))

    def document(self, text: str) -> None:
        """A whole document that was asked for, in whichever form."""
        self._write(text.removesuffix("\n"))
        self.flush()

    def flush(self) -> None:
        """Hand the result over, while somebody can still tell that it did not arrive.

        Raises CannotCheck where nobody can take it, as on a full disk, and BrokenPipeError
        where the reader has gone.
        """
        self._write("", end="")

    def _write(self, text: str, end: str = "\n") -> None:
        problem = ""
        try:
            print(text, file=self.stdout, end=end, flush=not end)
        except BrokenPipeError:
            raise
        except OSError as error:
            problem = error.strerror or "unknown"
        if problem:
            # What is left in its buffer would fail once more when the process ends.
            with contextlib.suppress(OSError):
                silence(self.stdout)
            raise CannotCheck(f"the result cannot be written: {problem}")

    def say(self, text: str) -> None:
        """A remark for a person; not with --quiet."""
        if not self.quiet and not self.json:
            self._tell(text)

    def note(self, note: Note) -> None:
        """A note with the place that it is about; not with --quiet."""
        self.say(f"note: {note.at}: {note.message}")

    def finding(self, finding: Finding) -> None:
        """A finding with its position, its rule and its mend."""
        if not self.json:
            self._tell(str(finding))

    def detail(self, text: str) -> None:
        """A remark for a person who asked for more, with --verbose."""
        if self.verbose:
            self._tell(text)

    @contextmanager
    def progress(self, what: str) -> Iterator[Callable[[int, int], None]]:
        """A callback for "done of total", shown as a bar on a terminal where it takes a while."""
        if self.quiet or self.json or not self.stderr.isatty():
            yield lambda _done, _of: None
            return
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(file=self.stderr), transient=True) as bar:
            task = bar.add_task(what, total=None)
            yield lambda done, of: bar.update(task, completed=done, total=of)

    def error(self, error: RegconfError) -> None:
        """An error with its position and its mend."""
        for one in singly([error]):
            self._tell(self.painted("error: ", "red") + str(one))

    def _tell(self, text: str) -> None:
        self.stdout.flush()  # in a pipe, what was said first would otherwise come last
        print(text, file=self.stderr)

    def painted(self, text: str, color: str) -> str:
        """`text` in a colour, where colours are wanted."""
        return f"\x1b[{_COLORS[color]}m{text}\x1b[0m" if self.color else text

    def diff_line(self, line: str) -> None:
        """A line of a diff, coloured by its sign."""
        color = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
        self.result(self.painted(line, color) if color else line)
