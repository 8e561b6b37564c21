"""A Git repository of 26,000 text files, as a large fleet has them.

    python -m tests.benchmarks.tree.make DIR

About half of them are the clusters, made by regconf itself; the others are what lies beside
clusters in such repositories. The same each time, but for keys and what is encrypted with them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.tree.clusters import fleet_of_many
from tests.benchmarks.tree.filler import filler
from tests.support import clean_environment

FILES = 26_000
MANAGEMENT_CLUSTERS = 250
WORDS_OF_CREDENTIALS = (b"password", b"secret", b"token", b"auth", b"credential")


@dataclass(frozen=True)
class Facts:
    """What a tree holds, in files and MiB."""

    files: int
    mebibytes: float
    largest: float
    clusters: int
    #: Files in which a word occurs that announces credentials.
    speaking: int

    def __str__(self) -> str:
        return (
            f"{self.files:,} files, {self.mebibytes:.1f} MiB, the largest {self.largest:.1f} MiB; "
            f"{self.clusters:,} of them below management-clusters/; a word such as 'password' or "
            f"'secret' is in {self.speaking:,}"
        )


def make_tree(root: Path, files: int = FILES, clusters: int = MANAGEMENT_CLUSTERS) -> Path:
    """A committed fleet of exactly so many files in `root`, which must not exist."""
    with tempfile.TemporaryDirectory() as keys:
        fleet_of_many(root, Path(keys, "keys"), clusters)
    for path, text in filler(files - len(paths_of(root))):
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    git(root, "add", "--all")
    user = ("-c", "user.name=bench", "-c", "user.email=bench@example.invalid")
    git(root, *user, "commit", "--quiet", "--message", "A fleet")
    tracked = git(root, "ls-files", "-z").count("\0")
    if tracked != files:
        raise RuntimeError(f"{tracked} files instead of {files}")
    return root


def git(root: Path, *arguments: str) -> str:
    settings = ("-c", "gc.auto=0", "-c", "core.hooksPath=/dev/null")
    return subprocess.run(
        ["git", *settings, *arguments],
        cwd=root,
        env=clean_environment(root),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def paths_of(root: Path) -> list[Path]:
    """All files but Git's own."""
    return [
        Path(folder, name)
        for folder, folders, names in os.walk(root)
        for name in names
        if ".git" not in Path(folder).relative_to(root).parts
    ]


def facts(root: Path) -> Facts:
    paths = paths_of(root)
    sizes = [path.stat().st_size for path in paths]
    speaking = 0
    for path in paths:
        content = path.read_bytes().lower()
        speaking += any(word in content for word in WORDS_OF_CREDENTIALS)
    clusters = sum(path.is_relative_to(root / "management-clusters") for path in paths)
    return Facts(len(paths), sum(sizes) / 2**20, max(sizes) / 2**20, clusters, speaking)


if __name__ == "__main__":
    print(facts(make_tree(Path(sys.argv[1]))))
