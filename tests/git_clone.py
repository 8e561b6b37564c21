"""A Git repository to make commits in, as tests need it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


class Clone:
    """A repository in a directory, with a name to commit under and no hooks."""

    def __init__(self, root: Path, *arguments: str):
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main", *arguments)

    def git(self, *arguments: str, check: bool = True) -> str:
        settings = ("user.name=t", "user.email=t@example.com", "protocol.file.allow=always")
        flags = [flag for setting in settings for flag in ("-c", setting)]
        done = subprocess.run(
            ["git", "--literal-pathspecs", *flags, *arguments],
            cwd=self.root,
            capture_output=True,
            check=check,
        )
        return os.fsdecode(done.stdout)

    def write(self, path: str, content: str | bytes) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)

    def stage(self, path: str, content: str | bytes) -> None:
        self.write(path, content)
        self.git("add", "--", path)

    def commit(self, files: dict[str, str] | None = None, message: str = "x") -> str:
        for path, text in (files or {}).items():
            self.write(path, text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD").strip()
