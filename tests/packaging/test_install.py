"""hooks/, schemas/ and fleet-template/ work however the package was installed."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.support import ROOT, clean_environment

MC = ("--provider", "aws", "--region", "eu-central-1", "--base-domain", "x.example.io")


def call(*command: str | Path, cwd: Path, home: Path, **environ: str) -> str:
    """Run a command that must succeed; what it printed."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**clean_environment(home), **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def sources(target: Path) -> Path:
    """A clone of what Git tracks, with the changes that are not committed yet."""
    home = target.parent
    call("git", "clone", "--quiet", ROOT, target, cwd=home, home=home)
    names = call(
        "git", "ls-files", "-z", "--modified", "--others", "--exclude-standard", cwd=ROOT, home=home
    )
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes((ROOT / name).read_bytes())
    call("git", "add", "--all", cwd=target, home=home)
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.invalid")
    call("git", *identity, "commit", "--quiet", "--allow-empty", "-m", "t", cwd=target, home=home)
    return target


def use(scripts: Path, tmp_path: Path) -> Path:
    """Lay a fleet down with an installed regconf, generate it, and run the hook on it."""
    home, fleet = tmp_path, tmp_path / "fleet"
    regconf = scripts / "regconf"
    key = tmp_path / "team.agekey"
    call(regconf, "init", fleet, "--name", "acme", "--generate-key", key, cwd=tmp_path, home=home)
    assert (fleet / ".github/workflows/regconf.yaml").is_file()
    assert (fleet / ".pre-commit-config.yaml").is_file()
    assert (fleet / ".sops.yaml").is_file()
    schemas = {path.name for path in (fleet / ".regconf/schemas").iterdir()}
    assert schemas == {path.name for path in (ROOT / "schemas").glob("*.json")}
    assert not (fleet / "__init__.py").exists()
    mc_key = tmp_path / "alpha.agekey"
    call(regconf, "add-mc", "alpha", *MC, "--generate-key", mc_key, cwd=fleet, home=home)
    call(
        regconf, "add-wc", "prod1", "--mc", "alpha", "--organization", "acme", cwd=fleet, home=home
    )
    call(regconf, "regenerate", cwd=fleet, home=home, SOPS_AGE_KEY_FILE=str(key))
    call("git", "add", "--all", cwd=fleet, home=home)
    call(scripts / "check-fleet-drift", "regconf.yaml", cwd=fleet, home=home)
    return fleet


@pytest.mark.parametrize("how", ["wheel", "editable"])
def test_from_a_wheel_and_from_an_editable_install(tmp_path: Path, how: str) -> None:
    checkout = sources(tmp_path / "checkout")
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    target: tuple[str | Path, ...] = ("--editable", checkout)
    if how == "wheel":
        call(
            python,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--wheel-dir",
            tmp_path / "dist",
            checkout,
            cwd=tmp_path,
            home=tmp_path,
        )
        target = tuple((tmp_path / "dist").glob("gitops_regconf-*.whl"))
    call(python, "-m", "pip", "install", "--quiet", *target, cwd=tmp_path, home=tmp_path)
    use(environment / "bin", tmp_path)


def test_when_pre_commit_installs_from_git(tmp_path: Path) -> None:
    checkout = sources(tmp_path / "checkout")
    fleet = use(Path(sys.executable).parent, tmp_path)
    call("git", "add", "--all", cwd=fleet, home=tmp_path)
    pre_commit = Path(sys.executable).parent / "pre-commit"
    command = (
        pre_commit,
        "try-repo",
        checkout,
        "check-fleet-drift",
        "--hook-stage",
        "pre-push",
        "--all-files",
        "--verbose",
    )
    environ = {"PRE_COMMIT_HOME": str(tmp_path / "cache"), "PATH": os.environ["PATH"]}
    assert "Passed" in call(*command, cwd=fleet, home=tmp_path, **environ)
    secret = next(fleet.glob("management-clusters/alpha/container-registries/*-secret.yaml"))
    secret.write_text(secret.read_text().replace("namespace: default", "namespace: other"))
    call("git", "add", "--all", cwd=fleet, home=tmp_path)
    done = subprocess.run(
        command,
        cwd=fleet,
        env={**clean_environment(tmp_path), **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout
    assert "edited by hand" in done.stdout
