"""Where people commit: below the root, in a linked work tree, in a submodule, and merging."""

from __future__ import annotations

from dataclasses import replace

from tests.interop.hooks.conftest import Make
from tests.interop.hooks.contents import HARMLESS, HOOK, LEAK
from tests.interop.hooks.repository import Repository, assert_passed, assert_stopped, execute

BOTH = ("pre-commit", "pre-merge-commit")


def test_a_commit_from_below_the_root(make: Make) -> None:
    repository = make(HOOK)
    repository.stage("below/a.yaml", LEAK)
    command = ["git", "commit", "--message", "From below"]
    done = execute(command, repository.root / "below", repository.manager.environ)
    assert_stopped(done, HOOK, name="below/a.yaml")


def test_a_linked_work_tree(make: Make) -> None:
    repository = make(HOOK)
    repository.git("worktree", "add", "--quiet", "../linked")
    linked = replace(repository, root=repository.root.parent / "linked")
    repository.stage("only-there.yaml", LEAK)
    linked.stage("a.yaml", HARMLESS)
    assert_passed(linked.commit())
    linked.stage("a.yaml", LEAK)
    linked.write("a.yaml", HARMLESS)
    assert_stopped(linked.commit(), HOOK, name="a.yaml")


def submodule_of(outer: Repository) -> Repository:
    """A repository beside it, taken in as `module`, with hooks of its own."""
    origin = replace(outer, root=outer.root.parent / "origin")
    origin.root.mkdir()
    origin.git("init", "--quiet")
    origin.stage(".pre-commit-config.yaml", outer.manager.config(HOOK))
    origin.git("commit", "--quiet", "--message", "The first")
    outer.git("submodule", "--quiet", "add", "../origin", "module")
    module = replace(outer, root=outer.root / "module")
    outer.manager.install(module.root, "pre-commit")
    return module


def test_a_submodule_is_a_repository_of_its_own(make: Make) -> None:
    repository = make(HOOK)
    module = submodule_of(repository)
    assert_passed(repository.commit())
    module.stage("a.yaml", LEAK)
    module.write("a.yaml", HARMLESS)
    assert_stopped(module.commit(), HOOK, name="a.yaml")
    module.stage("a.yaml", HARMLESS)
    assert_passed(module.commit())
    repository.git("add", "module")
    assert_passed(repository.commit())


def diverged(repository: Repository, ours: str, theirs: str) -> None:
    """Two branches on which the same file says something else."""
    repository.known("a.yaml", "a: 1\n")
    repository.git("switch", "--quiet", "--create", "theirs")
    repository.known("a.yaml", theirs)
    repository.git("switch", "--quiet", "-")
    repository.known("a.yaml", ours)


def test_a_conflict_that_is_resolved_to_a_leak_is_stopped(make: Make) -> None:
    repository = make(HOOK, types=BOTH)
    diverged(repository, HARMLESS, LEAK)
    assert not repository.attempt("git", "merge", "theirs").passed
    repository.stage("a.yaml", LEAK)
    assert_stopped(repository.commit(), HOOK, name="a.yaml")


def test_a_conflict_whose_marks_are_committed_is_stopped(make: Make) -> None:
    repository = make(HOOK, types=BOTH)
    diverged(repository, HARMLESS, LEAK)
    assert not repository.attempt("git", "merge", "theirs").passed
    repository.git("add", "a.yaml")
    assert_stopped(repository.commit(), HOOK, name="a.yaml")


def test_a_conflict_that_is_resolved_without_a_leak_passes(make: Make) -> None:
    repository = make(HOOK, types=BOTH)
    diverged(repository, HARMLESS, HARMLESS.replace("5m", "6m"))
    assert not repository.attempt("git", "merge", "theirs").passed
    repository.stage("a.yaml", HARMLESS.replace("5m", "7m"))
    assert_passed(repository.commit())


def test_a_merge_without_conflict_brings_in_no_leak(make: Make) -> None:
    repository = make(HOOK, types=BOTH)
    repository.git("switch", "--quiet", "--create", "theirs")
    repository.known("b.yaml", LEAK)
    repository.git("switch", "--quiet", "-")
    repository.known("c.yaml", HARMLESS)
    done = repository.attempt("git", "merge", "--no-edit", "theirs")
    assert_stopped(done, HOOK, name="b.yaml")


def test_a_merge_without_conflict_passes(make: Make) -> None:
    repository = make(HOOK, types=BOTH)
    repository.git("switch", "--quiet", "--create", "theirs")
    repository.known("b.yaml", HARMLESS)
    repository.git("switch", "--quiet", "-")
    repository.known("c.yaml", HARMLESS)
    assert_passed(repository.attempt("git", "merge", "--no-edit", "theirs"))
