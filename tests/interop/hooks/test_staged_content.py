"""What counts is what will be committed, whatever the work tree holds by then."""

from __future__ import annotations

from tests.interop.hooks.conftest import Make
from tests.interop.hooks.contents import HARMLESS, HOOK, LEAK
from tests.interop.hooks.repository import CONFIG, assert_passed, assert_stopped

TWO_PLACES = (
    "first: 1\n" + "".join(f"key{number}: {number}\n" for number in range(20)) + "last: 1\n"
)


def test_a_harmless_file_passes(make: Make) -> None:
    repository = make(HOOK)
    repository.stage("a.yaml", HARMLESS)
    assert_passed(repository.commit())


def test_a_leak_is_stopped(make: Make) -> None:
    repository = make(HOOK)
    repository.stage("a.yaml", LEAK)
    assert_stopped(repository.commit(), HOOK, name="a.yaml")


def test_a_leak_is_stopped_when_the_work_tree_has_been_cleaned(make: Make) -> None:
    repository = make(HOOK)
    repository.stage("a.yaml", LEAK)
    repository.write("a.yaml", HARMLESS)
    assert_stopped(repository.commit(), HOOK, name="a.yaml")


def test_a_leak_is_stopped_when_its_file_is_gone_from_the_work_tree(make: Make) -> None:
    repository = make(HOOK)
    repository.stage("a.yaml", LEAK)
    (repository.root / "a.yaml").unlink()
    assert_stopped(repository.commit(), HOOK, name="a.yaml")


def test_a_leak_in_the_work_tree_alone_passes(make: Make) -> None:
    repository = make(HOOK)
    repository.stage("a.yaml", HARMLESS)
    repository.write("a.yaml", LEAK)
    assert_passed(repository.commit())
    assert (repository.root / "a.yaml").read_text() == LEAK


def test_a_leak_in_the_work_tree_is_reported_where_its_file_is_named(make: Make) -> None:
    repository = make(HOOK)
    repository.known("a.yaml", HARMLESS)
    repository.write("a.yaml", LEAK)
    assert_stopped(repository.run("--files", "a.yaml"), HOOK, name="a.yaml")


def test_a_staged_leak_is_reported_where_its_clean_file_is_named(make: Make) -> None:
    repository = make(HOOK)
    repository.known("a.yaml", HARMLESS)
    repository.stage("a.yaml", LEAK)
    repository.write("a.yaml", HARMLESS)
    assert_stopped(repository.run("--files", "a.yaml"), HOOK, name="a.yaml")


def test_all_files_are_looked_at_where_all_are_asked_for(make: Make) -> None:
    repository = make(HOOK)
    repository.known("a.yaml", LEAK)
    repository.known("b.yaml", HARMLESS)
    assert_stopped(repository.run("--all-files"), HOOK, name="a.yaml")


def test_a_part_of_a_file_is_staged_without_its_leak(make: Make) -> None:
    repository = make(HOOK)
    repository.known("a.yaml", TWO_PLACES)
    repository.write("a.yaml", TWO_PLACES.replace("first: 1", "first: 2"))
    patch = repository.git("diff")
    repository.write("a.yaml", TWO_PLACES.replace("last: 1\n", LEAK))
    repository.write("patch", patch)
    repository.git("apply", "--cached", "patch")
    assert_passed(repository.commit())


def test_a_part_of_a_file_is_staged_with_its_leak(make: Make) -> None:
    repository = make(HOOK)
    repository.known("a.yaml", TWO_PLACES)
    repository.write("a.yaml", TWO_PLACES.replace("last: 1\n", LEAK))
    patch = repository.git("diff")
    repository.write("a.yaml", TWO_PLACES.replace("first: 1", "first: 2"))
    repository.write("patch", patch)
    repository.git("apply", "--cached", "patch")
    assert_stopped(repository.commit(), HOOK, name="a.yaml")


def test_what_turns_a_known_value_into_a_leak_is_stopped(make: Make) -> None:
    """The diff does not hold the password: only its meaning has changed."""
    repository = make(HOOK)
    config_map = LEAK.replace("kind: Secret", "kind: ConfigMap").replace("stringData", "data")
    repository.known("a.yaml", config_map)
    repository.stage("a.yaml", LEAK)
    assert_stopped(repository.commit(), HOOK, name="a.yaml")


def test_commit_all_stages_by_itself(make: Make) -> None:
    repository = make(HOOK)
    repository.known("a.yaml", HARMLESS)
    repository.write("a.yaml", LEAK)
    assert_stopped(repository.commit("--all"), HOOK, name="a.yaml")


def test_commit_all_passes_without_a_leak(make: Make) -> None:
    repository = make(HOOK)
    repository.known("a.yaml", HARMLESS)
    repository.write("a.yaml", HARMLESS.replace("5m", "6m"))
    assert_passed(repository.commit("--all"))


def test_a_commit_of_one_path_takes_it_from_the_work_tree(make: Make) -> None:
    repository = make(HOOK)
    repository.known("a.yaml", HARMLESS)
    repository.write("a.yaml", LEAK)
    assert_stopped(repository.commit("--", "a.yaml"), HOOK, name="a.yaml")


def test_a_commit_of_one_path_leaves_the_other_alone(make: Make) -> None:
    repository = make(HOOK)
    repository.known("a.yaml", HARMLESS)
    repository.stage("b.yaml", LEAK)
    repository.write("a.yaml", HARMLESS.replace("5m", "6m"))
    assert_passed(repository.commit("--", "a.yaml"))
    assert_stopped(repository.commit(), HOOK, name="b.yaml")


def test_a_deleted_leak_passes(make: Make) -> None:
    repository = make(HOOK)
    repository.known("a.yaml", LEAK)
    repository.git("rm", "--quiet", "a.yaml")
    assert_passed(repository.commit())


def test_an_amended_commit_is_looked_at_as_a_whole(make: Make) -> None:
    repository = make(HOOK)
    repository.known("a.yaml", HARMLESS)
    repository.stage("a.yaml", LEAK)
    assert_stopped(repository.commit("--amend"), HOOK, name="a.yaml")


def test_the_very_first_commit_is_looked_at(make: Make) -> None:
    repository = make(HOOK, empty=True)
    repository.stage("a.yaml", LEAK)
    assert_stopped(repository.commit(), HOOK, name="a.yaml")
    repository.stage("a.yaml", HARMLESS)
    assert_passed(repository.commit())
    assert CONFIG in repository.git("ls-tree", "--name-only", "HEAD")
