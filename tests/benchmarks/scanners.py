"""Programs that look for secrets in a directory: ours, and those that it is measured against."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.interop.conftest import peer, versions

BIN = Path(sys.executable).parent
CLEAN_OR_FINDINGS = (0, 1)


@dataclass(frozen=True)
class Scanner:
    """A program, and how it is asked for all findings in the current directory, as JSON."""

    name: str
    command: Sequence[str]

    def scan(self, folder: Path) -> str:
        """What it prints; an error where it could not check."""
        done = subprocess.run(self.command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode not in CLEAN_OR_FINDINGS:
            raise RuntimeError(f"{self.name}: exit code {done.returncode}\n{done.stderr[-2000:]}")
        return done.stdout

    def files(self, folder: Path) -> set[str]:
        """The files with a finding, relative to the directory."""
        return {os.path.normpath(path) for path in paths_in(json.loads(self.scan(folder)))}


def paths_in(report: object) -> list[str]:
    """The paths in the report of any of these programs; nothing else of it is looked at."""
    match report:
        case {"results": dict() as by_path}:  # detect-secrets
            return list(by_path)
        case {"findings": list() as findings, "errors": []}:  # regconf
            return [finding["path"] for finding in findings]
        case list() as findings:  # gitleaks
            return [finding["File"] for finding in findings]
    raise ValueError("not a report of what was checked")


def regconf(*arguments: str) -> Scanner:
    command = [str(BIN / "regconf"), "lint", "--format", "json", *arguments]
    return Scanner(" ".join(("regconf lint", *arguments)), command)


def gitleaks() -> Scanner:
    report = ["--report-format", "json", "--report-path", "-", "--redact", "--log-level", "error"]
    command = [peer("gitleaks"), "dir", ".", "--no-banner", *report]
    return Scanner(f"gitleaks {versions('gitleaks')[-1]}", command)


def detect_secrets() -> Scanner:
    """Without verification, which asks hosts on the internet."""
    command = [peer("detect-secrets"), "scan", "--all-files", "--no-verify"]
    return Scanner(f"detect-secrets {versions('detect-secrets')[-1]}", command)
