"""A fleet: what its own configuration of hooks stops, at a commit and on push."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.interop.hooks.conftest import ON_COMMIT, ON_PUSH
from tests.interop.hooks.contents import HOOK, LEAK, PASSWORD
from tests.interop.hooks.repository import (
    CONFIG,
    Done,
    Manager,
    Repository,
    assert_passed,
    assert_stopped,
)
from tests.support import FleetRepo

ACCOUNT = "management-clusters/alpha/registry-credentials/docker-hub.enc.yaml"
ALPHA = "management-clusters/alpha/regconf.yaml"
SECRET = (
    "management-clusters/bravo/container-registries/container-registries-configuration-secret.yaml"
)
MORE_REGISTRIES = """\
containerRegistries:
  quay.io:
  - {endpoint: quay.io}
"""


def pushed(repository: Repository) -> Done:
    return repository.attempt("git", "push", "--quiet", "origin", "HEAD:main")


def with_origin(repository: Repository) -> Repository:
    """With somewhere to push to."""
    repository.git("init", "--quiet", "--bare", "../origin.git")
    repository.git("remote", "add", "origin", "../origin.git")
    return repository


def with_our_hooks(root: Path, manager: Manager) -> Repository:
    """With all our hooks, as a hook manager installs them from Git."""
    repository = Repository(root, manager)
    repository.stage(CONFIG, manager.config(*ON_COMMIT, *ON_PUSH))
    repository.git("commit", "--quiet", "--message", "Our hooks")
    manager.install(root, "pre-commit", "pre-push")
    return repository


def as_laid_down(root: Path, manager: Manager) -> Repository:
    """With the configuration of `regconf init`, which takes the regconf on the PATH."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{manager.environ['PATH']}"
    its_own = replace(manager, environ={**manager.environ, "PATH": path})
    its_own.install(root)
    return Repository(root, its_own)


@pytest.fixture
def repository(fleet: FleetRepo, manager: Manager) -> Repository:
    """The demo fleet, with our hooks from Git."""
    return with_origin(with_our_hooks(fleet.root, manager))


@pytest.fixture(params=[with_our_hooks, as_laid_down])
def either(request: pytest.FixtureRequest, fleet: FleetRepo, manager: Manager) -> Repository:
    """The demo fleet, with either configuration."""
    install: Callable[[Path, Manager], Repository] = request.param
    return with_origin(install(fleet.root, manager))


def test_a_fleet_passes_as_it_is(either: Repository) -> None:
    assert_passed(either.run("--all-files"))
    assert_passed(pushed(either))


def test_a_leak_is_stopped(either: Repository) -> None:
    either.stage("management-clusters/alpha/pull.yaml", LEAK)
    assert_stopped(either.commit(), HOOK, name="pull.yaml")


def test_an_account_that_is_not_encrypted_is_stopped(repository: Repository) -> None:
    account = f"""\
apiVersion: regconf/v1alpha1
kind: RegistryAccount
metadata:
  name: docker-hub
spec:
  username: robot
  password: {PASSWORD}
"""
    repository.stage(ACCOUNT, account)
    assert_stopped(repository.commit(), HOOK, name=ACCOUNT)


def test_a_file_whose_encryption_was_cut_off_is_stopped(repository: Repository) -> None:
    text = (repository.root / ACCOUNT).read_text()
    repository.stage(ACCOUNT, text.partition("    mac:")[0])
    assert_stopped(repository.commit(), "check-encrypted-files", name=ACCOUNT)


def test_a_bad_regconf_yaml_is_not_pushed(repository: Repository) -> None:
    assert_passed(pushed(repository))
    repository.known(ALPHA, (repository.root / ALPHA).read_text() + "profil: x\n")
    assert_stopped(pushed(repository), "check-fleet-drift", name=ALPHA)


def test_a_bad_regconf_yaml_is_not_committed(repository: Repository) -> None:
    repository.stage(ALPHA, (repository.root / ALPHA).read_text() + "profil: x\n")
    assert_stopped(repository.commit(), "check-registry-interface", name=ALPHA)


def test_drift_is_committed_but_not_pushed(either: Repository) -> None:
    assert_passed(pushed(either))
    either.stage(ALPHA, (either.root / ALPHA).read_text() + MORE_REGISTRIES)
    assert_passed(either.commit())
    assert_stopped(pushed(either), "check-fleet-drift", name="alpha")


@pytest.mark.parametrize("hook", ON_PUSH)
def test_a_deleted_secret_is_not_pushed(either: Repository, hook: str) -> None:
    """There is no file to run on, and nothing else in the push."""
    assert_passed(pushed(either))
    either.git("rm", "--quiet", SECRET)
    assert_passed(either.commit())
    assert_stopped(pushed(either), hook, name=SECRET)


def test_what_is_generated_again_is_pushed(repository: Repository, fleet: FleetRepo) -> None:
    assert_passed(pushed(repository))
    repository.stage(ALPHA, (repository.root / ALPHA).read_text() + MORE_REGISTRIES)
    assert_passed(repository.commit())
    fleet.regenerate()
    repository.git("add", "--all")
    assert_passed(repository.commit())
    assert_passed(pushed(repository))


def test_drift_that_is_mended_in_the_work_tree_alone_is_not_pushed(
    repository: Repository, fleet: FleetRepo
) -> None:
    assert_passed(pushed(repository))
    repository.stage(ALPHA, (repository.root / ALPHA).read_text() + MORE_REGISTRIES)
    assert_passed(repository.commit())
    fleet.regenerate()
    assert_stopped(pushed(repository), "check-fleet-drift", name="alpha")


def test_a_leak_that_the_next_commit_removes_is_not_pushed(either: Repository) -> None:
    """Who clones the repository gets it all the same."""
    assert_passed(pushed(either))
    either.known("notes.yaml", LEAK)
    either.git("rm", "--quiet", "notes.yaml")
    assert_passed(either.commit())
    assert_stopped(pushed(either), HOOK, name="notes.yaml")


def test_a_new_fleet_is_committed_with_its_own_hooks(
    new_fleet: FleetRepo, manager: Manager
) -> None:
    repository = as_laid_down(new_fleet.root, manager)
    repository.git("add", "--all")
    assert_passed(repository.commit())
    repository.stage("notes", LEAK)
    assert_stopped(repository.commit(), HOOK, name="notes")
