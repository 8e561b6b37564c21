"""Fleets to try things on, and an environment in which no key or setting of this machine counts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.git_clone import Clone
from tests.support import ROOT, SCRUBBED, FleetRepo, clean_environment, regconf


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A key that was made at run time is no name for a test: each worker makes its own."""
    made = isinstance(val, str) and any(one in val.lower() for one in ("age1", "age-secret-key"))
    return argname if made else None


@pytest.fixture(autouse=True)
def _hermetic(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(SCRUBBED):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    """An empty repository, in which the test runs."""
    made = Clone(tmp_path / "clone")
    monkeypatch.chdir(made.root)
    return made


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory that `make demo` makes: fleet/ and keys/."""
    directory = tmp_path_factory.mktemp("demo") / "demo"
    home = tmp_path_factory.mktemp("home-of-demo")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [ROOT / "demo" / "demo.sh", directory],
        env={**clean_environment(home), "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (directory / "output.txt").write_text(done.stdout)
    return directory


@pytest.fixture
def fleet(demo: Path, tmp_path: Path) -> FleetRepo:
    """A copy of the demo fleet, to be changed at will.

    Which containerd it has is not said, and no finding is ignored.
    """
    shutil.copytree(demo / "fleet", tmp_path / "fleet", symlinks=True)
    copy = FleetRepo(tmp_path / "fleet", demo / "keys")
    for mc in ("alpha", "bravo", "charlie"):
        copy.edit(f"management-clusters/{mc}/regconf.yaml", 'containerd: "2.1"\n', "")
    copy.edit(
        "management-clusters/alpha/organizations/acme/workload-clusters/prod1/regconf.yaml",
        "    # regconf: ignore[credential-without-effect] tried on a node: it takes the header\n",
        "",
    )
    copy.commit()
    return copy


@pytest.fixture
def new_fleet(tmp_path: Path) -> FleetRepo:
    """A fleet as `init` lays it down, without any cluster."""
    keys = tmp_path / "keys"
    keys.mkdir()
    result = regconf(
        "init", tmp_path / "fleet", "--name", "acme", "--generate-key", keys / "team.agekey"
    )
    assert result.code == 0, result.text
    return FleetRepo(tmp_path / "fleet", keys)
