"""The real `kustomize build`, kept to the repository: no network, no plugins, bounded.

What it prints stays in memory: an unencrypted Secret may be among it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final

from gitops_regconf.errors import CannotCheck, InvalidInput, RegconfError
from gitops_regconf.source.documents import documents
from gitops_regconf.source.position import Position

TIMEOUT_SECONDS: Final = 60
MAX_OUTPUT: Final = 64 * 1024 * 1024
_RESTRICTED: Final = b"is not in or below"
# A build that reaches past the repository is not even started. Should one get there in a way that
# is not known here: Go's HTTP client honours these, and without a PATH there is no git.
_NOWHERE: Final = "http://127.0.0.1:9"
_ENVIRONMENT: Final = {"PATH": "", "HTTP_PROXY": _NOWHERE, "HTTPS_PROXY": _NOWHERE}


class Restricted(Exception):
    """kustomize refuses a file beside its directory; Flux only minds the repository's root."""


def find_kustomize(root: Path) -> str | None:
    """The kustomize on the PATH; never one in the repository, which decides nothing that runs."""
    found = shutil.which("kustomize")
    if found is None or not Path(found).is_absolute():
        return None
    inside = Path(found).resolve().is_relative_to(root.resolve())
    return None if inside else found


def build(
    kustomize: str, root: Path, directory: str, concerns: Callable[[str], bool]
) -> list[dict[str, Any]]:
    """The objects that a directory yields, of those whose text `concerns` anybody.

    Raises InvalidInput where the build fails, CannotCheck where it takes too long or
    gives too much, and Restricted. What kustomize says is not passed on: it quotes
    patches, and there may be a credential in one.
    """
    at = Position(directory)
    code, out, said = _run([kustomize, "build", os.fspath(root / directory)], at)
    if len(out) > MAX_OUTPUT:
        raise CannotCheck(f"this builds more than {MAX_OUTPUT >> 20} MiB", at=at)
    if code and _RESTRICTED in said:
        raise Restricted
    if code:
        raise InvalidInput(
            "kustomize cannot build this directory",
            at=at,
            mend=f"`kustomize build {directory or '.'}` says why.",
        )
    try:
        # A `---` inside of an object is always indented, so that this is where objects end.
        texts = [text for text in out.decode().split("\n---\n") if concerns(text)]
        found = [one.data for text in texts for one in documents(text, directory)]
    except (UnicodeDecodeError, RegconfError):
        raise CannotCheck("what kustomize builds here cannot be read", at=at) from None
    return [data for data in found if isinstance(data, dict)]


def _run(command: list[str], at: Position) -> tuple[int, bytes, bytes]:
    """Exit code and the two outputs; of more than may be, just enough to tell."""
    with tempfile.TemporaryDirectory() as home:
        try:
            process = subprocess.Popen(  # noqa: S603  # the user's own tool, and no shell
                command,
                cwd=home,
                env={**_ENVIRONMENT, "HOME": home, "TMPDIR": home},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise CannotCheck(f"kustomize cannot be run: {error.strerror}", at=at) from None
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(TIMEOUT_SECONDS, stop)
        timer.start()
        try:
            with process:
                said: list[bytes] = []
                reader = threading.Thread(target=_drain, args=(process.stderr, said))
                reader.start()
                out = _pipe(process.stdout).read(MAX_OUTPUT + 1)
                if len(out) > MAX_OUTPUT:
                    process.kill()
                reader.join()
        finally:
            timer.cancel()
    if late.is_set():
        raise CannotCheck(f"kustomize does not finish in {TIMEOUT_SECONDS} seconds", at=at)
    return process.returncode, out, b"".join(said)


def _drain(pipe: IO[bytes] | None, into: list[bytes]) -> None:
    """Read to the end, so that nobody waits; keep the beginning."""
    for line in _pipe(pipe):
        if len(into) < 100:
            into.append(line)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101  # both are pipes, asked for above
    return pipe
