"""What tests share: running commands in this process, and fleets on disk."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

from gitops_regconf.commands.cli import main

ROOT = Path(__file__).resolve().parent.parent
# What could make a test see this machine instead of the fleet that it made.
SCRUBBED = ("SOPS_", "AGE_", "GIT_", "XDG_", "PRE_COMMIT", "REGCONF_DEMO", "GITHUB_")


def clean_environment(home: Path) -> dict[str, str]:
    """The environment without anything that leads to keys, settings or repositories."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(SCRUBBED)}
    return {**kept, "HOME": str(home), "NO_COLOR": "1", "GIT_CONFIG_NOSYSTEM": "1"}


@dataclass(frozen=True)
class Result:
    """What a command gave: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


def regconf(
    *arguments: str | Path, stdin: bytes = b"", environ: Mapping[str, str] | None = None
) -> Result:
    """Run one command in this process."""
    out, err = io.StringIO(), io.StringIO()
    stream = io.TextIOWrapper(io.BytesIO(stdin))
    with (
        mock.patch.dict(os.environ, environ or {}),
        mock.patch.object(sys, "stdin", stream),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:  # argparse
            code = int(end.code or 0)
    return Result(code, out.getvalue(), err.getvalue())


@dataclass
class FleetRepo:
    """A fleet on disk, with the private keys beside it."""

    root: Path
    keys: Path
    environ: dict[str, str] = field(default_factory=dict)

    def key_of(self, who: str) -> dict[str, str]:
        """The environment in which `who` (team, or an MC) holds a private key."""
        return {"SOPS_AGE_KEY_FILE": str(self.keys / f"{who}.agekey")}

    def run(self, *arguments: str, key: str | None = None, stdin: bytes = b"") -> Result:
        environ = self.environ | (self.key_of(key) if key else {})
        return regconf("--fleet", self.root, *arguments, stdin=stdin, environ=environ)

    def regenerate(self, *arguments: str) -> Result:
        result = self.run("regenerate", *arguments, key="team")
        assert result.code == 0, result.text
        return result

    def check(self, *arguments: str, key: str | None = None) -> Result:
        return self.run("regenerate", "--check", *arguments, key=key)

    def read(self, path: str) -> str:
        return (self.root / path).read_text()

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def edit(self, path: str, old: str, new: str) -> None:
        text = self.read(path)
        assert old in text, f"{path} does not hold {old!r}"
        self.write(path, text.replace(old, new))

    def yaml(self, path: str) -> Any:
        return yaml.safe_load(self.read(path))

    def git(self, *arguments: str) -> str:
        """Run Git in the fleet, as somebody."""
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
        done = subprocess.run(
            ["git", *identity, *arguments],
            cwd=self.root,
            capture_output=True,
            check=True,
            text=True,
        )
        return done.stdout

    def stage(self) -> None:
        """Stage everything as it is on disk."""
        self.git("add", "--all")

    def commit(self) -> str:
        """Commit everything as it is on disk; the name of the commit."""
        self.stage()
        self.git("commit", "--quiet", "--allow-empty", "--no-verify", "--message", "x")
        return self.git("rev-parse", "HEAD").strip()

    def snapshot(self) -> dict[str, bytes]:
        """Every file but Git's own, by path."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and ".git" not in path.relative_to(self.root).parts
        }


def changed(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> set[str]:
    """The paths that differ between two snapshots."""
    return {path for path in {*before, *after} if before.get(path) != after.get(path)}
