"""Where private keys are found: everywhere that sops looks, all sources combined.

`SOPS_AGE_KEY`, `SOPS_AGE_KEY_FILE`, the default `keys.txt`, and
`SOPS_AGE_KEY_CMD`, which is only run when none of the others opens a file. A
source that cannot be read is no error as long as another one has the key.
Source: sops 3.13 `age/keysource.go`.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gitops_regconf.sops.identities import Identities

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECONDS: Final = 120  # a password manager may ask a person
_PROTECTED: Final = ("age-encryption.org/", "-----BEGIN AGE")


def find_identities(environ: Mapping[str, str]) -> Identities:
    """The private keys that `environ` leads to; never raises, see `Identities.problems`."""
    found = Identities()
    found.environ = environ
    # Several keys may share one line here, unlike in a file.
    lines = environ.get("SOPS_AGE_KEY", "").split("\n")
    found.add(
        [word for line in lines if not line.startswith("#") for word in line.split()],
        "SOPS_AGE_KEY",
    )
    named = environ.get("SOPS_AGE_KEY_FILE")
    if named:
        _read(found, Path(named), "the file of SOPS_AGE_KEY_FILE")
    default = default_key_file(environ)
    if default and default.exists():
        _read(found, default, str(default))
    if environ.get("SOPS_AGE_KEY_CMD"):
        found.command = Command(environ["SOPS_AGE_KEY_CMD"], environ)
    return found


def default_key_file(environ: Mapping[str, str], platform: str = sys.platform) -> Path | None:
    """Where sops looks for `keys.txt` by itself, as Go's `os.UserConfigDir` has it."""
    home = environ.get("HOME", "")
    if platform == "win32":
        folder = environ.get("AppData") or environ.get("APPDATA", "")
    elif platform == "darwin":
        folder = environ.get("XDG_CONFIG_HOME") or (home and f"{home}/Library/Application Support")
    else:
        folder = environ.get("XDG_CONFIG_HOME") or (home and f"{home}/.config")
    return Path(folder, "sops", "age", "keys.txt") if folder else None


def _read(found: Identities, path: Path, source: str) -> None:
    text = ""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        found.problems.append(f"{source} cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        found.problems.append(f"{source} is not text")
    if text.startswith(_PROTECTED):
        found.problems.append(f"{source} is protected by a passphrase, which only sops asks for")
    else:
        found.add(text.split("\n"), source)


@dataclass(frozen=True)
class Command:
    """The user's command that prints a private key, run as sops runs it: without a shell."""

    line: str = field(repr=False)
    environ: Mapping[str, str] = field(repr=False)

    def output(self, recipient: str) -> tuple[str, str]:
        """What the command prints for `recipient`, and the problem; one of them is empty."""
        environ = {name: value for name, value in self.environ.items() if name != "SOPS_AGE_KEY"}
        problem = ""
        try:
            done = subprocess.run(  # noqa: S603  # the user's own setting
                shlex.split(self.line),
                env={**environ, "SOPS_AGE_RECIPIENT": recipient},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            problem = f"did not end within {_SECONDS} seconds"
        except (OSError, ValueError):
            problem = "could not be started"
        else:
            if done.returncode == 0:
                return done.stdout.decode("utf-8", "replace"), ""
            problem = f"ended with {done.returncode}"
        return "", f"the command in SOPS_AGE_KEY_CMD {problem}"
