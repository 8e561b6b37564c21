"""Checks of a fleet by own evaluation alone, so that they give the same on every machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gitops_regconf.fleet.load import load
from gitops_regconf.lint.outcome import Outcome
from gitops_regconf.lint.references import real
from gitops_regconf.lint.references.check import check
from gitops_regconf.source.worktree import WorkTree
from tests.support import FleetRepo

Check = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def _without_kustomize(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real, "find_kustomize", lambda _root: None)


@pytest.fixture
def checked(fleet: FleetRepo) -> Check:
    """Check the fleet, or another repository against it."""

    def run(repository: Path | None = None) -> Outcome:
        source = WorkTree(fleet.root)
        loaded, errors = load(source)
        assert errors == []
        return check(WorkTree(repository) if repository else source, loaded, source)

    return run
