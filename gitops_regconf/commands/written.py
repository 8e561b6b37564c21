"""Files that a command writes where its user says."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from gitops_regconf.errors import InvalidInput
from gitops_regconf.render.header import is_generated


def write_files(directory: Path, files: Mapping[str, str], *, secret: bool) -> None:
    """Write each text below `directory`.

    Raises InvalidInput where a path would lead out of it, or a file is there
    that is not the same or an older one of ours, and for secret files also
    inside a work tree; those are for their owner alone, and none of them is
    left behind where one cannot be written.
    """
    for path in files:
        if not all(part.isprintable() and part not in ("", ".", "..") for part in path.split("/")):
            raise InvalidInput(
                f"{path!r} is no path for a file",
                mend="A registry in the values of this cluster is no host: correct it there.",
            )
    # Resolved: a link elsewhere may lead into a work tree.
    targets = [Path(os.path.realpath(directory / path)) for path in files]
    places = [place for target in targets for place in target.parents]
    inside = next(filter(_is_tree, places), None)
    if secret and inside:
        raise InvalidInput(
            f"{directory} is inside the work tree {inside}, where no credentials must be in clear",
            mend="Name a directory outside, or leave --reveal out.",
        )
    texts = {directory / path: text for path, text in files.items()}
    for target, text in texts.items():
        _refuse_overwriting(target, text, secret=secret)
    written: list[Path] = []
    try:
        for target, text in texts.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            written.append(target)
            mode = 0o600 if secret else 0o644
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        for target in written if secret else ():
            with contextlib.suppress(OSError):
                target.unlink()
        raise InvalidInput(f"{error.filename} cannot be written: {error.strerror}") from None


def _is_tree(place: Path) -> bool:
    return (place / ".git").exists()


def _refuse_overwriting(target: Path, text: str, *, secret: bool) -> None:
    if not (target.exists() or target.is_symlink()):
        return
    try:
        before = "" if target.is_symlink() else target.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        before = ""
    ours = is_generated(before) and before.partition("\n")[0] == text.partition("\n")[0]
    if secret or not (before == text or ours):
        raise InvalidInput(
            f"{target} is there already, and is not overwritten", mend="Name another directory."
        )
