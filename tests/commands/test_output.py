"""Where the output goes, when nobody takes it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.git_clone import Clone
from tests.support import FleetRepo

SECRET = "apiVersion: v1\nkind: Secret\nstringData:\n  password: x7Hq-made-up\n"
REGCONF = "gitops_regconf.commands.cli"


def without_reader(root: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command whose reader has gone before it prints; what it wrote to standard error.

    Its output is buffered, as users have it: what is left would be written when the process ends.
    """
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    code = f"import sys; from {module} import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, *arguments]
    with subprocess.Popen(
        command, cwd=root, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        said = process.stderr.read()
    return subprocess.CompletedProcess(command, process.returncode, b"", said)


@pytest.mark.parametrize(
    "arguments",
    [
        ("lint",),
        ("lint", "--json"),
        ("lint", "--format", "sarif"),
        ("lint", "--list-rules"),
    ],
)
def test_a_reader_that_has_gone_is_told_nothing(tmp_path: Path, arguments: Sequence[str]) -> None:
    clone = Clone(tmp_path / "clone")
    clone.commit({"a.yaml": SECRET})
    done = without_reader(clone.root, REGCONF, *arguments)
    assert (done.returncode, done.stderr) == (1, b"")


def test_nor_is_that_of_a_command_that_prints_lines(fleet: FleetRepo) -> None:
    done = without_reader(fleet.root, REGCONF, "explain", "alpine", "--mc", "alpha")
    assert (done.returncode, done.stderr) == (1, b"")


def test_nor_is_that_of_a_hook(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "clone")
    clone.stage("a.yaml", SECRET)
    module = "gitops_regconf.hooks.forbid_plaintext_credentials"
    done = without_reader(clone.root, module, "a.yaml")
    assert (done.returncode, done.stderr) == (1, b"")


def test_nor_is_that_of_the_hooks_of_a_fleet(fleet: FleetRepo) -> None:
    secret = "management-clusters/bravo/container-registries/kustomization.yaml"
    fleet.git("rm", "--quiet", secret)
    for hook in ("check_fleet_drift", "check_fleet_references"):
        done = without_reader(fleet.root, f"gitops_regconf.hooks.{hook}")
        assert (done.returncode, done.stderr) == (1, b"")
