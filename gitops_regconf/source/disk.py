"""Single files on disk, as Git would store them, and the repository that they are in."""

from __future__ import annotations

import os
import stat

from gitops_regconf.errors import CannotCheck
from gitops_regconf.source.position import Position


def read_file(place: str, path: str) -> bytes | None:
    """The content of a file; None where there is none, or a directory. Raises CannotCheck."""
    try:
        mode = os.lstat(place).st_mode
        if stat.S_ISLNK(mode):
            return os.fsencode(os.readlink(place))  # noqa: PTH115  # a path of any bytes
        if not stat.S_ISREG(mode):
            return None
        with open(place, "rb") as file:  # noqa: PTH123  # hot
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        problem = f"this file cannot be read: {error.strerror}"
    raise CannotCheck(problem, at=Position(path))


def root_around(directory: str) -> str:
    """The nearest directory with a `.git`, from an absolute path upwards; else the path itself.

    In a linked work tree and in a submodule `.git` is a file. Git itself would be asked in a
    process of its own, which is most of what a hook costs.
    """
    here = directory
    while not os.path.exists(f"{here}/.git"):  # noqa: PTH110  # hot
        above = os.path.dirname(here)  # noqa: PTH120
        if above == here:
            return directory
        here = above
    return here
