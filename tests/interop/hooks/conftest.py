"""Our hooks as users get them: installed by pre-commit and by prek, from a Git repository.

Each of the two makes the hooks' environment once, which takes some seconds and the package index.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.interop.conftest import peer
from tests.interop.hooks.repository import CONFIG, Manager, Repository, environment, snapshot

#: The ids of our hooks, by when they run.
ON_COMMIT = ("forbid-plaintext-credentials", "check-encrypted-files", "check-registry-interface")
ON_PUSH = ("check-fleet-drift", "check-fleet-references")


@pytest.fixture(scope="session")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The project in a repository of its own, and the revision to take."""
    home = tmp_path_factory.mktemp("home-of-hooks")
    target = tmp_path_factory.mktemp("hooks") / "gitops-regconf"
    target.mkdir()
    return target, snapshot(target, environment(home))


@pytest.fixture(scope="session", params=["pre-commit", "prek"])
def manager(
    request: pytest.FixtureRequest,
    hooks: tuple[Path, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Manager:
    home = tmp_path_factory.mktemp("home-of-manager")
    beside_python = str(Path(sys.executable).parent / "pre-commit")
    program = peer("prek") if request.param == "prek" else beside_python
    caches = {"PRE_COMMIT_HOME": str(home / "pre-commit"), "PREK_HOME": str(home / "prek")}
    return Manager(request.param, program, *hooks, environment(home) | caches)


Make = Callable[..., Repository]


@pytest.fixture
def make(manager: Manager, tmp_path: Path) -> Make:
    """A repository with a first commit, in which some of our hooks are installed."""

    def make_repository(
        *ids: str, types: tuple[str, ...] = ("pre-commit",), empty: bool = False
    ) -> Repository:
        repository = Repository(tmp_path / "repository", manager)
        repository.root.mkdir()
        repository.git("init", "--quiet")
        repository.stage(CONFIG, manager.config(*ids))
        if not empty:
            repository.git("commit", "--quiet", "--message", "The first")
        manager.install(repository.root, *types)
        return repository

    return make_repository
