"""The real tools, as pinned in peers.toml and built by `make peers`.

One that is not there fails every test that needs it, by name. Only
REGCONF_SKIP_INTEROP=1 leaves these tests out, and pytest counts them as skipped.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools import peers

_, KNOWN = peers.load()
#: Only where it is named, as `make interop-hooks` does: it installs from the package index.
collect_ignore = ["hooks"]
SKIP = os.environ.get("REGCONF_SKIP_INTEROP") == "1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if SKIP and here in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="REGCONF_SKIP_INTEROP=1"))


def versions(name: str) -> list[str]:
    """The versions of a peer that are pinned; one empty one where it has none."""
    return [known.version for known in KNOWN if known.name == name]


def peer(name: str, version: str | None = None) -> str:
    """The path of a real tool; fails the test by the tool's name where it was not built."""
    version = versions(name)[-1] if version is None else version
    found = next(known for known in KNOWN if (known.name, known.version) == (name, version))
    if not found.is_built:
        pytest.fail(f"{found} is not built: run `make peers`")
    return str(found.path)


@pytest.fixture(scope="session")
def sops() -> str:
    """The path of the sops binary."""
    return peer("sops")


@pytest.fixture(scope="session", params=versions("kustomize"))
def kustomize(request: pytest.FixtureRequest) -> str:
    """The path of the kustomize binary, in each pinned version."""
    return peer("kustomize", request.param)


@pytest.fixture(scope="session")
def age_keygen() -> str:
    """The path of the age-keygen binary."""
    return peer("age-keygen")


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a real tool in an environment of its own."""
    home = tmp_path_factory.mktemp("home-of-tool")

    def run_tool(
        *command: str | Path,
        cwd: Path | None = None,
        environ: Mapping[str, str] | None = None,
        stdin: str = "",
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env={"PATH": os.environ["PATH"], "HOME": str(home), **(environ or {})},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run_tool


KEY_OF_PGP = """\
%no-protection
Key-Type: eddsa
Key-Curve: ed25519
Subkey-Type: ecdh
Subkey-Curve: cv25519
Name-Email: test@example.com
Expire-Date: 0
%commit
"""
GPG_IS_MISSING = (
    "gpg is missing: run `make peers`, or install GnuPG (on Debian: apt-get install gnupg)"
)


@dataclass(frozen=True)
class Gpg:
    """A GnuPG home with one key, and one that knows only the public half of it."""

    home: Path
    public: Path
    fingerprint: str

    @property
    def recipient(self) -> str:
        return f"pgp:{self.fingerprint}"


def gpg_run(home: Path, *arguments: str, stdin: str = "") -> str:
    command = ["gpg", "--homedir", str(home), "--batch", *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def gpg() -> Iterator[Gpg]:
    if not shutil.which("gpg"):
        pytest.fail(GPG_IS_MISSING)
    # The path of an agent's socket must be short; that of pytest's folders may be too long.
    with tempfile.TemporaryDirectory(prefix="gpg-", dir="/tmp") as folder:
        home, public = Path(folder, "h"), Path(folder, "p")
        for one in (home, public):
            one.mkdir(mode=0o700)
        try:
            gpg_run(home, "--generate-key", stdin=KEY_OF_PGP)
            listed = gpg_run(home, "--with-colons", "--list-keys")
            found = re.search("^fpr:+([0-9A-F]{40}):", listed, re.MULTILINE)
            assert found
            gpg_run(public, "--import", stdin=gpg_run(home, "--armor", "--export"))
            yield Gpg(home, public, found[1])
        finally:
            for one in (home, public):
                kill = ["gpgconf", "--homedir", str(one), "--kill", "gpg-agent"]
                subprocess.run(kill, capture_output=True, check=False)
