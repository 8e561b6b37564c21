"""Which forms of leaks each program finds, and what it takes for one that is none.

    python -m tests.benchmarks.recall

The forms are those that the tests of the rule specify, each a file in a directory of its own. A
form counts as found where there is any finding in its file. Ours was written for these forms:
the figures say what the others cannot replace, not how they do on a repository of somebody else.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.scanners import Scanner, detect_secrets, gitleaks, regconf
from tests.lint.plaintext.catalogue import Form, LookAlike
from tests.lint.plaintext.leaks import LEAKS
from tests.lint.plaintext.look_alikes import LOOK_ALIKES


@dataclass(frozen=True)
class Recall:
    """The ids of the leaks that a program misses, and of the look-alikes that it reports."""

    name: str
    missed: Sequence[str]
    reported: Sequence[str]

    def __str__(self) -> str:
        found = len(LEAKS) - len(self.missed)
        return (
            f"{self.name:<42} {found:5} of {len(LEAKS)} {100 * found / len(LEAKS):6.1f} % "
            f"{len(self.reported):7} of {len(LOOK_ALIKES)}"
        )


HEADER = f"{'':<42} {'leaks found':>21} {'false alarms':>15}"


def write(folder: Path, forms: Sequence[Form | LookAlike]) -> dict[str, str]:
    """The forms as files in a Git repository; the id of each by its path."""
    written: dict[str, str] = {}
    for form in forms:
        path = Path(form.id, form.path)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(form.content)
        written[str(path)] = form.id
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    subprocess.run(["git", "add", "--all", "--force"], cwd=folder, check=True)
    return written


def found_by(scanner: Scanner, folder: Path, written: Mapping[str, str]) -> set[str]:
    return {written[path] for path in scanner.files(folder) if path in written}


def measured(scanners: Sequence[Scanner], folder: Path) -> list[Recall]:
    """All of them on the same files."""
    leaks, look_alikes = folder / "leaks", folder / "look-alikes"
    leaks.mkdir()
    look_alikes.mkdir()
    of_leaks, of_look_alikes = write(leaks, LEAKS), write(look_alikes, LOOK_ALIKES)
    return [
        Recall(
            scanner.name,
            sorted({form.id for form in LEAKS} - found_by(scanner, leaks, of_leaks)),
            sorted(found_by(scanner, look_alikes, of_look_alikes)),
        )
        for scanner in scanners
    ]


def main() -> int:
    """Print the figures; 1 where ours misses a form, or takes a look-alike for one."""
    ours = regconf("--rule", "plaintext-credentials")
    with tempfile.TemporaryDirectory() as folder:
        found = measured([ours, gitleaks(), detect_secrets()], Path(folder))
    print(HEADER, *found, sep="\n")
    for recall in found:
        print(f"\n{recall.name} misses: {', '.join(recall.missed) or 'none'}")
        print(f"{recall.name} takes for a leak: {', '.join(recall.reported) or 'none'}")
    return int(bool(found[0].missed or found[0].reported))


if __name__ == "__main__":
    sys.exit(main())
