"""The real tools, as pinned in peers.toml and built by `make peers`.

One that is not there fails every test that needs it, by name. Only
REGCONF_SKIP_INTEROP=1 leaves these tests out, and pytest counts them as skipped.
"""

from __future__ import annotations

import os
import subprocess
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SKIP = os.environ.get("REGCONF_SKIP_INTEROP") == "1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if SKIP and here in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="REGCONF_SKIP_INTEROP=1"))


def versions(name: str) -> list[str]:
    """The versions of a peer that are pinned."""
    pinned: dict[str, Any] = tomllib.loads((Path(__file__).parent / "peers.toml").read_text())
    found: list[str] = next(peer["versions"] for peer in pinned["peer"] if peer["name"] == name)
    return found


def peer(name: str, version: str | None = None) -> str:
    """The path of a real tool; fails the test by the tool's name where it was not built."""
    version = version or versions(name)[-1]
    path = ROOT / ".peers" / f"{name}-{version}" / name
    if not path.is_file():
        pytest.fail(f"{name} {version} is not built: run `make peers`")
    return str(path)


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
