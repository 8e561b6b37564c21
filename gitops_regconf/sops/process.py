"""Running the sops command line: without input, for a limited time, and with nothing shown."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from gitops_regconf.errors import CannotCheck

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gitops_regconf.source.position import Position

_VERSION_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended, and what it said, which may hold secrets."""

    code: int
    stdout: str = field(repr=False)
    stderr: str = field(repr=False)


def run(
    command: Sequence[str],
    environ: Mapping[str, str],
    seconds: float,
    at: Position | None = None,
) -> Ended:
    """Run `command` with `environ` to its end, whatever its exit code.

    Raises CannotCheck where it cannot be started, or takes longer than `seconds`.
    """
    try:
        done = subprocess.run(  # noqa: S603  # the sops on the user's PATH
            command,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)
    except subprocess.TimeoutExpired:
        problem = f"did not end within {seconds:g} seconds"
        mend = "It may wait for a PIN, a passphrase or a network. Try the file with 'sops' itself."
    except OSError as error:
        problem = f"could not be started: {error.strerror}"
        mend = "Look whether the 'sops' on the PATH is one for this machine."
    # Outside of the handlers: their exceptions hold what the process said.
    raise CannotCheck(f"sops {problem}", at=at, mend=mend)


def version(program: str, environ: Mapping[str, str]) -> str:
    """`sops` and its version, where it tells."""
    words: list[str] = []
    try:
        command = [program, "--disable-version-check", "--version"]
        words = run(command, environ, _VERSION_SECONDS).stdout.split()
    except CannotCheck:
        pass
    number = next((word for word in words if _is_version(word)), "")
    return f"sops {number}".strip()


def _is_version(word: str) -> bool:
    return len(word) <= 20 and all(part.isdigit() for part in word.partition("-")[0].split("."))
