"""What Git holds is read as Git holds it, whatever the names, the settings and the work tree."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitops_regconf.errors import CannotCheck, InvalidInput
from gitops_regconf.source.git import Repository
from gitops_regconf.source.git_files import GitFiles
from gitops_regconf.workers import in_parallel
from tests.git_clone import Clone

ODD_NAMES = ["with blank.yaml", "with\nbreak.yaml", "-dash", ":(top)x", "*.yaml", "tab\t.yaml"]


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "clone")


@pytest.fixture
def repository(clone: Clone) -> Iterator[Repository]:
    found = Repository.around(str(clone.root))
    assert found
    with found:
        yield found


def staged(repository: Repository) -> dict[str, bytes]:
    return {entry.path: content for entry, content in repository.contents(repository.staged())}


def brought_in(repository: Repository, first: str, last: str) -> set[tuple[str, bytes]]:
    entries = repository.brought_in(first, last)
    return {(entry.path, content) for entry, content in repository.contents(entries)}


def test_a_directory_outside_of_any_repository_has_none(tmp_path: Path) -> None:
    assert Repository.around(str(tmp_path)) is None


def test_below_a_directory_paths_are_relative_to_it(clone: Clone) -> None:
    first = clone.commit({"fleet/a": "1", "b": "2"})
    last = clone.commit({"fleet/a": "3", "b": "4"})
    clone.write("fleet/a", "5")
    clone.git("add", "-A")
    found = Repository.around(str(clone.root / "fleet"))
    assert found
    with found:
        assert staged(found) == {"a": b"5"}
        assert brought_in(found, first, last) == {("a", b"3")}
        assert [entry.path for entry in found.index()] == ["a"]
        assert [entry.path for entry in found.tree("HEAD")] == ["a"]
        assert found.work_tree() == ["a"]


class TestStaged:
    def test_before_the_first_commit_everything_is_new(
        self, clone: Clone, repository: Repository
    ) -> None:
        clone.write("a", "1")
        clone.git("add", "a")
        assert staged(repository) == {"a": b"1"}

    def test_before_the_first_commit_of_a_repository_with_sha256(self, tmp_path: Path) -> None:
        Clone(tmp_path / "r", "--object-format=sha256").stage("a", "1")
        found = Repository.around(str(tmp_path / "r"))
        assert found
        with found:
            assert staged(found) == {"a": b"1"}

    def test_the_work_tree_does_not_count(self, clone: Clone, repository: Repository) -> None:
        clone.commit({"a": "1"})
        clone.write("a", "2")
        clone.git("add", "a")
        clone.write("a", "3")
        clone.write("unstaged", "4")
        assert staged(repository) == {"a": b"2"}

    def test_whole_contents_and_not_changed_lines(
        self, clone: Clone, repository: Repository
    ) -> None:
        clone.commit({"a": "first\nsecond\n"})
        clone.write("a", "first\nchanged\n")
        clone.git("add", "a")
        assert staged(repository) == {"a": b"first\nchanged\n"}

    def test_a_change_of_the_mode_alone_and_a_rename_count(
        self, clone: Clone, repository: Repository
    ) -> None:
        clone.commit({"a": "1", "b": "2"})
        (clone.root / "a").chmod(0o755)
        clone.git("mv", "b", "c")
        clone.git("add", "a")
        assert staged(repository) == {"a": b"1", "c": b"2"}

    def test_deletions_bring_nothing_in(self, clone: Clone, repository: Repository) -> None:
        clone.commit({"a": "1"})
        clone.git("rm", "-q", "a")
        assert staged(repository) == {}

    def test_a_link_is_its_target(self, clone: Clone, repository: Repository) -> None:
        (clone.root / "link").symlink_to("/etc/hostname")
        clone.git("add", "link")
        assert staged(repository) == {"link": b"/etc/hostname"}

    @pytest.mark.parametrize("name", ODD_NAMES)
    def test_odd_names(self, clone: Clone, repository: Repository, name: str) -> None:
        clone.write(name, "1")
        clone.git("add", "-A")
        assert staged(repository) == {name: b"1"}
        assert [entry.path for entry in repository.index([name])] == [name]
        assert repository.work_tree([name]) == [name]

    def test_a_name_that_is_not_utf8(self, clone: Clone, repository: Repository) -> None:
        name = os.fsdecode(b"caf\xe9.yaml")
        clone.write(name, "1")
        clone.git("add", "-A")
        assert staged(repository) == {name: b"1"}

    def test_submodules_have_no_content_here(
        self, clone: Clone, repository: Repository, tmp_path: Path
    ) -> None:
        other = Clone(tmp_path / "other")
        other.commit({"a": "1"})
        clone.git(
            "-c", "protocol.file.allow=always", "submodule", "-q", "add", str(other.root), "sub"
        )
        assert set(staged(repository)) == {".gitmodules"}

    def test_an_unresolved_conflict_cannot_be_checked(
        self, clone: Clone, repository: Repository
    ) -> None:
        conflict(clone)
        with pytest.raises(CannotCheck, match="conflict"):
            repository.staged()

    def test_the_index_that_the_environment_names(
        self, clone: Clone, repository: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """So `git commit PATH` and `git commit -a` do it."""
        clone.commit({"a": "1", "b": "1"})
        clone.write("a", "2")
        clone.git("add", "a")
        (clone.root / ".git" / "other").write_bytes((clone.root / ".git" / "index").read_bytes())
        clone.git("reset", "-q")
        assert staged(repository) == {}
        monkeypatch.chdir(clone.root)
        monkeypatch.setenv("GIT_INDEX_FILE", ".git/other")
        assert staged(repository) == {"a": b"2"}


def conflict(clone: Clone) -> None:
    clone.commit({"a": "1"})
    clone.git("checkout", "-q", "-b", "other")
    clone.commit({"a": "2"})
    clone.git("checkout", "-q", "main")
    clone.commit({"a": "3"})
    clone.git("merge", "-q", "other", check=False)


class TestOnDisk:
    """Whether other programs may read the files on disk, and see what Git has."""

    @pytest.fixture(autouse=True)
    def _committed(self, clone: Clone) -> None:
        clone.commit({"a/b.yaml": "1", ".gitignore": "*.key.yaml\n.venv/\nbuilt/\n"})

    def test_as_it_was_committed(self, repository: Repository) -> None:
        assert repository.is_on_disk()
        assert repository.is_on_disk("HEAD")

    @pytest.mark.parametrize(
        "name", ["new.yaml", "a/x.key.yaml", "built/x.yaml", "a/.venv/y", ".x/y"]
    )
    def test_a_file_more_ignored_or_not(
        self, clone: Clone, repository: Repository, name: str
    ) -> None:
        clone.write(name, "2")
        assert not repository.is_on_disk()
        assert not repository.is_on_disk("HEAD")

    def test_what_tools_keep_beside_it(self, clone: Clone, repository: Repository) -> None:
        clone.write(".venv/lib/x.yaml", "2")
        (clone.root / "a" / "empty").mkdir()
        assert repository.is_on_disk()

    @pytest.mark.parametrize("bit", ["--skip-worktree", "--assume-unchanged"])
    def test_a_file_that_git_does_not_look_at(
        self, clone: Clone, repository: Repository, bit: str
    ) -> None:
        clone.git("update-index", bit, "a/b.yaml")
        (clone.root / "a/b.yaml").unlink()
        assert not repository.is_on_disk()
        assert not repository.is_on_disk("HEAD")

    def test_a_file_that_is_gone(self, clone: Clone, repository: Repository) -> None:
        (clone.root / "a/b.yaml").unlink()
        assert not repository.is_on_disk()


class TestChanges:
    def test_what_is_staged(self, clone: Clone, repository: Repository) -> None:
        clone.stage("a b", "1")
        clone.commit({"c": "2"})
        clone.git("rm", "-q", "a b")
        clone.stage("c", "3")
        clone.write("d", "4")
        assert repository.changes() == {"a b": True, "c": False}

    def test_before_the_first_commit(self, clone: Clone, repository: Repository) -> None:
        clone.stage("a", "1")
        assert repository.changes() == {"a": False}

    def test_of_commits(self, clone: Clone, repository: Repository) -> None:
        first = clone.commit({"a": "1", "b": "1"})
        clone.git("rm", "-q", "a")
        clone.commit({"c\nd": "1"})
        last = clone.commit({"b": "2"})
        clone.stage("e", "5")
        assert repository.changes(first, last) == {"a": True, "b": False, "c\nd": False}
        with pytest.raises(InvalidInput):
            repository.changes("0" * 40, last)


class TestRange:
    def test_a_change_of_the_mode_is_the_same_file(
        self, clone: Clone, repository: Repository
    ) -> None:
        first = clone.commit({"b": "1"})
        clone.commit({"a": "2"})
        (clone.root / "a").chmod(0o755)
        clone.commit()
        assert [entry.path for entry in repository.brought_in(first, "HEAD")] == ["a"]

    def test_what_was_added_and_removed_again_is_in_the_history(
        self, clone: Clone, repository: Repository
    ) -> None:
        first = clone.commit({"a": "1"})
        clone.commit({"secret": "s"})
        clone.git("rm", "-q", "secret")
        last = clone.commit({"b": "2"})
        assert brought_in(repository, first, last) == {("secret", b"s"), ("b", b"2")}

    def test_a_known_content_at_a_new_path(self, clone: Clone, repository: Repository) -> None:
        """What is harmless in one place may have to be encrypted in another."""
        first = clone.commit({"a": "1"})
        last = clone.commit({"secrets/a": "1"})
        assert brought_in(repository, first, last) == {("secrets/a", b"1")}

    def test_what_only_a_merge_commit_holds(self, clone: Clone, repository: Repository) -> None:
        first = clone.commit({"a": "1"})
        clone.git("checkout", "-q", "-b", "other")
        clone.commit({"b": "2"})
        clone.git("checkout", "-q", "main")
        clone.commit({"c": "3"})
        clone.git("merge", "-q", "--no-commit", "other")
        last = clone.commit({"a": "evil"})
        assert brought_in(repository, first, last) == {("a", b"evil"), ("b", b"2"), ("c", b"3")}

    def test_a_root_commit_in_the_range(self, clone: Clone, repository: Repository) -> None:
        first = clone.commit({"a": "1"})
        clone.git("checkout", "-q", "--orphan", "other")
        last = clone.commit({"a": "1", "b": "2"})
        found = brought_in(repository, first, last)
        assert ("b", b"2") in found

    def test_odd_names_are_whole(self, clone: Clone, repository: Repository) -> None:
        first = clone.commit({})
        last = clone.commit({name: name for name in ODD_NAMES})
        assert brought_in(repository, first, last) == {(name, name.encode()) for name in ODD_NAMES}

    def test_an_empty_range(self, clone: Clone, repository: Repository) -> None:
        first = clone.commit({"a": "1"})
        assert brought_in(repository, first, first) == set()

    @pytest.mark.parametrize("revision", ["nothing", "--all", "HEAD:a", ""])
    def test_what_is_no_commit(self, clone: Clone, repository: Repository, revision: str) -> None:
        clone.commit({"a": "1"})
        with pytest.raises(InvalidInput, match="no commit"):
            repository.brought_in(revision, "HEAD")

    def test_a_shallow_clone_that_lacks_some_of_it(self, clone: Clone, tmp_path: Path) -> None:
        first = clone.commit({"a": "1"})
        clone.commit({"secret": "s"})
        clone.git("rm", "-q", "secret")
        clone.commit({"b": "2"})
        clone.git("clone", "-q", "--depth=1", f"file://{clone.root}", str(tmp_path / "shallow"))
        found = Repository.around(str(tmp_path / "shallow"))
        assert found
        with found, pytest.raises(CannotCheck, match="no commit"):
            found.brought_in(first, "HEAD")
        clone.git("-C", str(tmp_path / "shallow"), "fetch", "-q", "--depth=1", "origin", first)
        again = Repository.around(str(tmp_path / "shallow"))
        assert again
        with again, pytest.raises(CannotCheck, match="shallow"):
            again.brought_in(first, "HEAD")

    def test_a_shallow_clone_that_has_all_of_it(self, clone: Clone, tmp_path: Path) -> None:
        clone.commit({"a": "1"})
        first = clone.commit({"b": "2"})
        clone.commit({"c": "3"})
        clone.git("clone", "-q", "--depth=2", f"file://{clone.root}", str(tmp_path / "shallow"))
        found = Repository.around(str(tmp_path / "shallow"))
        assert found
        with found:
            assert brought_in(found, first, "HEAD") == {("c", b"3")}

    def test_a_clone_without_contents(self, clone: Clone, tmp_path: Path) -> None:
        clone.git("config", "uploadpack.allowFilter", "true")
        first = clone.commit({"a": "1"})
        last = clone.commit({"b": "2"})
        clone.git(
            "clone",
            "-q",
            "--no-checkout",
            "--filter=blob:none",
            f"file://{clone.root}",
            str(tmp_path / "partial"),
        )
        found = Repository.around(str(tmp_path / "partial"))
        assert found
        with found:  # Git fetches what it needs
            assert brought_in(found, first, last) == {("b", b"2")}
        clone.commit({"c": "3"})
        clone.git("-C", str(tmp_path / "partial"), "fetch", "-q")
        clone.root.rename(tmp_path / "gone")
        with found, pytest.raises(CannotCheck):
            brought_in(found, last, "origin/main")


class TestFiles:
    def test_several_processes_read_at_once(self, clone: Clone, repository: Repository) -> None:
        clone.commit({f"f{number}": str(number) * 1000 for number in range(200)})
        files = GitFiles(repository, repository.index(), "x")
        assert files.text("f0") == "0" * 1000
        names = [f"f{number}" for number in range(200)]
        texts = list(in_parallel(files.text, names, 2))
        assert texts == [str(number) * 1000 for number in range(200)]

    def test_the_index_is_read_as_the_work_tree_is(
        self, clone: Clone, repository: Repository
    ) -> None:
        clone.commit({"regconf.yaml": "a: 1", "d/e/f.yaml": "b: 2"})
        clone.write("regconf.yaml", "a: changed")
        files = GitFiles(repository, repository.index(), "the index")
        assert files.text("regconf.yaml") == "a: 1"
        assert files.text("missing") is None
        assert files.document("d/e/f.yaml").data == {"b": 2}
        assert files.names("") == ("d", "regconf.yaml")
        assert list(files.subdirectories("d")) == ["e"]
        assert list(files.files_below("")) == ["d/e/f.yaml", "regconf.yaml"]
        assert files.is_directory("d/e")
        assert not files.is_directory("d/x")

    def test_a_commit(self, clone: Clone, repository: Repository) -> None:
        first = clone.commit({"a": "1"})
        clone.commit({"a": "2"})
        assert GitFiles(repository, repository.tree(first), "x").text("a") == "1"

    def test_links_are_refused(self, clone: Clone, repository: Repository) -> None:
        (clone.root / "link").symlink_to("elsewhere")
        clone.git("add", "link")
        files = GitFiles(repository, repository.index(), "x")
        for path in ("link", "link/below"):
            with pytest.raises(InvalidInput, match="link"):
                files.text(path)

    def test_a_conflict_has_no_content(self, clone: Clone, repository: Repository) -> None:
        conflict(clone)
        with pytest.raises(CannotCheck, match="conflict"):
            GitFiles(repository, repository.index(), "x").text("a")
