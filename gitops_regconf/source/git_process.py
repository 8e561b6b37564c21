"""Running Git: its plumbing, in the user's environment, without what settings could change."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from typing import Final

from gitops_regconf.errors import CannotCheck, InvalidInput, RegconfError

_PLACES: Final = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_COMMON_DIR")
# No program that the repository's settings name is run, and replaced objects count as they are.
OPTIONS: Final = ("--no-replace-objects", "--literal-pathspecs", "-c", "core.fsmonitor=false")


def environment() -> dict[str, str]:
    """What Git is run in: what the user has, but in words that can be read here."""
    # In a hook these may be relative, to where the hook was started.
    places = {name: os.path.abspath(os.environ[name]) for name in _PLACES if name in os.environ}  # noqa: PTH100
    return {
        **os.environ,
        **places,
        "LC_ALL": "C",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_GRAFT_FILE": os.devnull,
    }


def run(
    directory: str, arguments: Sequence[str], given: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """One command of Git in a directory, to its end. Raises CannotCheck without Git."""
    try:
        return subprocess.run(  # noqa: S603  # fixed words, and names after `--`
            ["git", *OPTIONS, *arguments],  # noqa: S607  # the user's own Git
            cwd=directory,
            input=given,
            capture_output=True,
            env=environment(),
            check=False,
        )
    except OSError as error:
        problem = f"git cannot be run in {directory}: {error.strerror}"
    raise CannotCheck(problem)


def failed(arguments: Sequence[str], message: bytes) -> RegconfError:
    """The error to raise for what Git has said."""
    if b"not a git repository" in message:
        return InvalidInput("this is no Git repository")
    if b"outside repository" in message:
        return InvalidInput("a path leads out of the repository")
    text = message.decode("utf-8", "replace").strip()
    return CannotCheck(f"git {arguments[0]} failed: {text or 'without saying why'}")
