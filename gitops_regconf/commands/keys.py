"""The age key of a new fleet or MC: given, or generated into a file the user names."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from gitops_regconf import sops
from gitops_regconf.errors import InvalidInput


def add_key_arguments(parser: argparse.ArgumentParser) -> None:
    """--recipient and --generate-key, of which one must be given."""
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument(
        "--recipient",
        nargs="+",
        action="extend",
        metavar="AGE",
        help="age public keys (age1…) to encrypt for",
    )
    group.add_argument(
        "--generate-key",
        metavar="FILE",
        help="generate a key pair, and write the private key to FILE (mode 0600)",
    )


class NewKey:
    """The recipients that the arguments give; a generated key is written by `save`."""

    def __init__(self, options: argparse.Namespace, fleet: Path):
        self.path: Path | None = None
        self._secret = ""
        if options.generate_key:
            self.path = _checked_path(Path(options.generate_key), fleet)
            self._secret, recipient = sops.generate_key()
            self.recipients: tuple[str, ...] = (recipient,)
        else:
            for recipient in options.recipient:
                sops.check_recipient(recipient)
                if not recipient.startswith("age1"):
                    raise InvalidInput(
                        "this is no age recipient",
                        mend="Name it under `recipients` in regconf.yaml, then run "
                        "`regconf update-keys`.",
                    )
            self.recipients = tuple(sorted(set(options.recipient)))

    def save(self) -> None:
        """Write the private key, readable for its owner alone. Raises InvalidInput."""
        if self.path is None:
            return
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise InvalidInput(f"{self.path} cannot be written: {error.strerror}") from None
        with os.fdopen(descriptor, "w") as file:
            file.write(self._secret)

    def discard(self) -> None:
        """Remove the private key again, after what it is for has failed."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def _checked_path(path: Path, fleet: Path) -> Path:
    full = path.absolute()
    if full.exists() or full.is_symlink():
        raise InvalidInput(
            f"{path} is there already, and a private key is never overwritten",
            mend="Name another file.",
        )
    if not full.parent.is_dir():
        raise InvalidInput(f"{path.parent} is no directory")
    parents = full.parent.resolve()
    inside = next(
        (place for place in (parents, *parents.parents) if (place / ".git").exists()), None
    )
    if inside is None and fleet.resolve() in (parents, *parents.parents):
        inside = fleet
    if inside is not None:
        raise InvalidInput(
            f"{path} is inside the work tree {inside}, where a private key must never be",
            mend="Name a file outside, such as ~/.config/sops/age/NAME.agekey.",
        )
    return full
