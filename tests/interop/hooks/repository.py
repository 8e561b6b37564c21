"""Git repositories in which real hooks run, through a real hook manager, at real Git commands."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.interop.hooks.contents import PASSWORD
from tests.support import ROOT, clean_environment

CONFIG = ".pre-commit-config.yaml"
TIMEOUT_SECONDS = 300
GIT_CONFIG = """\
[user]
    name = test
    email = test@example.invalid
[init]
    defaultBranch = main
[protocol "file"]
    allow = always
[advice]
    detachedHead = false
"""


def environment(home: Path) -> dict[str, str]:
    """No setting of this machine, and a user for commits."""
    config = home / "gitconfig"
    if not config.exists():
        config.write_text(GIT_CONFIG)
    return {**clean_environment(home), "GIT_CONFIG_GLOBAL": str(config)}


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    command: str
    code: int
    text: str

    @property
    def passed(self) -> bool:
        return self.code == 0

    def __str__(self) -> str:
        return f"$ {self.command}    (exit code {self.code})\n{self.text}"


def execute(command: Sequence[str | Path], cwd: Path, environ: Mapping[str, str]) -> Done:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
        errors="backslashreplace",
        timeout=TIMEOUT_SECONDS,
    )
    return Done(" ".join(map(str, command)), done.returncode, done.stdout)


@dataclass(frozen=True)
class Manager:
    """pre-commit or prek, with a cache of its own, and where it finds our hooks."""

    name: str
    program: str
    hooks: Path
    revision: str
    environ: Mapping[str, str]

    def config(self, *ids: str) -> str:
        """What a user writes to get hooks of ours."""
        chosen = "".join(f"  - id: {one}\n" for one in ids)
        return f"repos:\n- repo: {self.hooks}\n  rev: {self.revision}\n  hooks:\n{chosen}"

    def install(self, root: Path, *types: str) -> None:
        """Have Git run it, at these Git hooks."""
        chosen = [f"--hook-type={one}" for one in types]
        done = execute([self.program, "install", *chosen], root, self.environ)
        assert done.passed, done


@dataclass(frozen=True)
class Repository:
    """A repository in which hooks are installed."""

    root: Path
    manager: Manager

    def git(self, *arguments: str) -> str:
        """What Git printed; it must not fail."""
        done = self.attempt("git", *arguments)
        assert done.passed, done
        return done.text

    def attempt(self, *command: str) -> Done:
        return execute(command, self.root, self.manager.environ)

    def write(self, path: str | bytes, content: str | bytes) -> None:
        """A file; its name may be of bytes that are no text."""
        target = Path(self.root, os.fsdecode(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)

    def stage(self, path: str | bytes, content: str | bytes) -> None:
        self.write(path, content)
        self.git("add", "--", os.fsdecode(path))

    def known(self, path: str, content: str | bytes) -> None:
        """A file that was committed before there were hooks."""
        self.stage(path, content)
        self.git("commit", "--quiet", "--no-verify", "--message", f"Add {path}")

    def commit(self, *arguments: str) -> Done:
        return self.attempt("git", "commit", "--message", "A commit", *arguments)

    def run(self, *arguments: str) -> Done:
        """The hook manager itself, as a person calls it."""
        return self.attempt(self.manager.program, "run", *arguments)


def snapshot(target: Path, environ: Mapping[str, str]) -> str:
    """This project as it is here, committed or not, in a repository of its own; its revision."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, env=environ, capture_output=True, check=True).stdout
    for name in filter(None, os.fsdecode(names).split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes((ROOT / name).read_bytes())
    for command in (
        ["git", "init", "--quiet"],
        ["git", "add", "--all"],
        ["git", "commit", "--quiet", "--no-verify", "--message", "The project"],
    ):
        done = execute(command, target, environ)
        assert done.passed, done
    return execute(["git", "rev-parse", "HEAD"], target, environ).text.strip()


def assert_stopped(done: Done, hook: str, *, name: str = "") -> None:
    """Git did not do it, because this hook has found something in this file."""
    assert not done.passed, f"this should have been stopped by {hook}:\n{done}"
    assert f"- hook id: {hook}" in done.text, f"it was stopped, but not by {hook}:\n{done}"
    assert name in done.text, f"{hook} has stopped it without naming {name}:\n{done}"
    assert "Traceback" not in done.text, f"{hook} has not ended as it should:\n{done}"
    assert PASSWORD not in done.text, f"{hook} has shown the password"


def assert_passed(done: Done) -> None:
    assert done.passed, f"this should have passed:\n{done}"
