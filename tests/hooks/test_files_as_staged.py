"""Hooks judge what is staged, whole; and a file on disk where it is something else."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from gitops_regconf.hooks import check_encrypted_files, forbid_plaintext_credentials

from gitops_regconf import sops
from tests.git_clone import Clone

PASSWORD = secrets.token_urlsafe(24)
SECRET = f"apiVersion: v1\nkind: Secret\nstringData:\n  password: {PASSWORD}\n"
CLEAN = "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\n"


@pytest.fixture
def forbid(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run the hook; what it says never has the password in it."""

    def run(*names: str) -> tuple[int, str]:
        code = forbid_plaintext_credentials.main(list(names))
        said = capsys.readouterr()
        assert PASSWORD not in said.out + said.err
        return code, said.out + said.err

    return run


Forbid = Callable[..., tuple[int, str]]


def baseline(path: str) -> str:
    """One that takes note of the password in a file."""
    return (
        f'{{"format": 2, "findings": [{{"rule": "plaintext-credentials", "path": "{path}",'
        ' "place": "0/stringData/password", "number": 1}]}'
    )


class TestNamedFiles:
    def test_a_secret_that_is_staged_and_gone_from_disk(self, clone: Clone, forbid: Forbid) -> None:
        clone.stage("a.yaml", SECRET)
        clone.write("a.yaml", CLEAN)
        code, said = forbid("a.yaml")
        assert code == 1
        assert "a.yaml:4:13: error: " in said
        assert "on disk" not in said

    def test_a_secret_on_disk_that_is_not_staged_is_told_as_such(
        self, clone: Clone, forbid: Forbid
    ) -> None:
        clone.stage("a.yaml", CLEAN)
        clone.write("a.yaml", SECRET)
        code, said = forbid("a.yaml")
        assert code == 1
        assert "on disk, and not staged like that" in said

    def test_the_same_secret_in_both_is_said_once_for_each(
        self, clone: Clone, forbid: Forbid
    ) -> None:
        clone.stage("a.yaml", SECRET)
        clone.write("a.yaml", SECRET + "type: Opaque\n")
        assert forbid("a.yaml")[1].count("[plaintext-credentials]") == 2

    def test_a_file_that_git_stores_otherwise_than_it_is_on_disk(
        self, clone: Clone, forbid: Forbid
    ) -> None:
        """Line ends are changed on the way in: both are looked at, and both are the same."""
        clone.write(".gitattributes", "*.yaml text eol=crlf\n")
        clone.stage("a.yaml", CLEAN.replace("\n", "\r\n"))
        assert forbid("a.yaml") == (0, "")

    def test_a_file_that_git_does_not_know(self, clone: Clone, forbid: Forbid) -> None:
        clone.write("a.yaml", SECRET)
        assert forbid("a.yaml")[0] == 1

    def test_a_file_that_is_staged_and_removed_on_disk(self, clone: Clone, forbid: Forbid) -> None:
        clone.stage("a.yaml", SECRET)
        (clone.root / "a.yaml").unlink()
        assert forbid("a.yaml")[0] == 1

    def test_an_unchanged_line_becomes_a_secret_by_another(
        self, clone: Clone, forbid: Forbid
    ) -> None:
        clone.commit({"a.yaml": "apiVersion: v1\nkind: ConfigMap\ndata:\n  color: Ymx1ZQ==\n"})
        assert forbid("a.yaml")[0] == 0
        clone.stage("a.yaml", "apiVersion: v1\nkind: Secret\ndata:\n  color: Ymx1ZQ==\n")
        assert "a.yaml:4:10: " in forbid("a.yaml")[1]

    def test_the_sides_of_a_conflict(self, clone: Clone, forbid: Forbid) -> None:
        clone.commit({"a.yaml": CLEAN})
        clone.git("checkout", "-q", "-b", "other")
        clone.commit({"a.yaml": SECRET})
        clone.git("checkout", "-q", "main")
        clone.commit({"a.yaml": CLEAN + "type: Opaque\n"})
        clone.git("merge", "-q", "other", check=False)
        code, said = forbid("a.yaml")
        assert code == 3, "with its markers it cannot be read"
        assert "a merge conflict begins here" in said

    @pytest.mark.parametrize(
        "name",
        [
            "a b.yaml",
            "a\nb.yaml",
            "-dash.yaml",
            "--",
            "*.yaml",
            ":(top)a",
            os.fsdecode(b"\xe9.yaml"),
        ],
    )
    def test_any_name(self, clone: Clone, forbid: Forbid, name: str) -> None:
        clone.stage(name, SECRET)
        clone.write(name, CLEAN)
        assert forbid("--", name)[0] == 1

    @pytest.mark.usefixtures("clone")
    def test_a_name_of_nothing_does_not_pass(self, forbid: Forbid) -> None:
        code, said = forbid("nothing.yaml")
        assert code == 2
        assert "error: nothing.yaml: there is no such file" in said
        assert "could not be" not in said, "nothing was left unchecked: it is not there"

    def test_a_directory_is_told_as_such(self, clone: Clone, forbid: Forbid) -> None:
        clone.stage("a/b.yaml", SECRET)
        code, said = forbid("a")
        assert (code, "error: a is a directory" in said) == (2, True)

    def test_a_link_is_its_target_and_not_followed(self, clone: Clone, forbid: Forbid) -> None:
        clone.write("elsewhere/a.yaml", SECRET)
        (clone.root / "link.yaml").symlink_to("elsewhere/a.yaml")
        clone.git("add", "link.yaml")
        assert forbid("link.yaml") == (0, "")

    def test_a_submodule_is_another_repository(
        self, clone: Clone, forbid: Forbid, tmp_path: Path
    ) -> None:
        other = Clone(tmp_path / "other")
        other.commit({"a.yaml": SECRET})
        clone.git("submodule", "-q", "add", str(other.root), "sub")
        assert forbid("sub", ".gitmodules") == (0, "")

    def test_the_index_of_a_commit_of_some_paths(
        self, clone: Clone, forbid: Forbid, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clone.stage("a.yaml", SECRET)
        other = clone.root / ".git" / "next-index"
        other.write_bytes((clone.root / ".git" / "index").read_bytes())
        clone.git("rm", "-q", "--cached", "a.yaml")
        clone.write("a.yaml", CLEAN)
        assert forbid("a.yaml")[0] == 0
        monkeypatch.setenv("GIT_INDEX_FILE", ".git/next-index")
        assert forbid("a.yaml")[0] == 1

    def test_a_work_tree_of_its_own(
        self, clone: Clone, forbid: Forbid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clone.commit({"a.yaml": CLEAN})
        clone.git("worktree", "add", "-q", str(tmp_path / "second"))
        (tmp_path / "second" / "a.yaml").write_text(SECRET)
        clone.git("-C", str(tmp_path / "second"), "add", "a.yaml")
        monkeypatch.chdir(tmp_path / "second")
        assert forbid("a.yaml")[0] == 1
        assert forbid()[0] == 1


class TestBelowTheRoot:
    """Everything is judged and printed as from the root, as `regconf lint` does it."""

    @pytest.fixture(autouse=True)
    def _below(self, clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
        clone.write("below/x", "")
        monkeypatch.chdir(clone.root / "below")

    def test_names_are_as_from_here_and_findings_as_from_the_root(
        self, clone: Clone, forbid: Forbid
    ) -> None:
        clone.stage("below/a.yaml", SECRET)
        clone.write("b.yaml", SECRET)
        code, said = forbid("a.yaml", "../b.yaml", str(clone.root / "b.yaml"))
        assert code == 1
        assert said.startswith("b.yaml:4:13: error: ")
        assert "\nbelow/a.yaml:4:13: error: " in said

    def test_the_baseline_of_the_root(self, clone: Clone, forbid: Forbid) -> None:
        clone.stage("below/a.yaml", SECRET)
        clone.stage(
            ".regconf/baseline.json",
            baseline("below/a.yaml"),
        )
        assert forbid("a.yaml") == (0, "")
        assert forbid() == (0, "")

    def test_the_rules_of_sops_above(self, clone: Clone, forbid: Forbid) -> None:
        _, one = sops.generate_key()
        clone.stage(".sops.yaml", f"creation_rules:\n- path_regex: ^below/a\n  age: {one}\n")
        clone.stage("below/a.yaml", "color: blue\n")
        code, said = forbid("a.yaml")
        assert (code, "below/a.yaml:1:8: " in said) == (1, True), said

    def test_without_names_all_that_is_staged(self, clone: Clone, forbid: Forbid) -> None:
        clone.stage("a.yaml", SECRET)
        assert forbid()[0] == 1

    def test_a_file_of_no_repository(self, forbid: Forbid, tmp_path: Path) -> None:
        (tmp_path / "a.yaml").write_text(SECRET)
        code, said = forbid("../../a.yaml")
        assert (code, "leads out of the repository" in said) == (2, True)


class TestWithoutNames:
    def test_everything_that_is_staged(self, clone: Clone, forbid: Forbid) -> None:
        clone.stage("a.yaml", SECRET)
        clone.write("b.yaml", SECRET)
        code, said = forbid()
        assert (code, said.count("[plaintext-credentials]")) == (1, 1)

    def test_nothing_is_staged(self, clone: Clone, forbid: Forbid) -> None:
        clone.commit({"a.yaml": SECRET})
        assert forbid() == (0, "")

    def test_outside_of_any_repository(
        self, forbid: Forbid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "none").mkdir()
        monkeypatch.chdir(tmp_path / "none")
        code, said = forbid()
        assert code == 2
        assert "no Git repository" in said


class TestOnPush:
    def test_what_was_added_and_removed_again_is_pushed(
        self, clone: Clone, forbid: Forbid, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = clone.commit({"b": "1"})
        leak = clone.commit({"a.yaml": SECRET})
        last = clone.commit({"a.yaml": CLEAN})
        assert forbid("a.yaml")[0] == 0
        monkeypatch.setenv("PRE_COMMIT_FROM_REF", first)
        monkeypatch.setenv("PRE_COMMIT_TO_REF", last)
        code, said = forbid("a.yaml")
        assert code == 1
        assert f"in the history, commit {leak[:12]}" in said

    def test_of_a_new_branch_everything_that_no_remote_has(
        self, clone: Clone, forbid: Forbid, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clone.commit({"a.yaml": SECRET})
        last = clone.commit({"a.yaml": CLEAN})
        monkeypatch.setenv("PRE_COMMIT_FROM_REF", "0" * 40)
        monkeypatch.setenv("PRE_COMMIT_TO_REF", last)
        assert forbid("a.yaml")[0] == 1

    def test_not_what_is_staged_for_later(
        self, clone: Clone, forbid: Forbid, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = clone.commit({"b": "1"})
        last = clone.commit({"a.yaml": CLEAN})
        clone.stage("a.yaml", SECRET)
        monkeypatch.setenv("PRE_COMMIT_FROM_REF", first)
        monkeypatch.setenv("PRE_COMMIT_TO_REF", last)
        assert forbid("a.yaml")[0] == 0


class TestIgnoresAndBaseline:
    @pytest.mark.parametrize("blank", ["", " "])
    def test_an_ignore_with_a_reason(self, clone: Clone, forbid: Forbid, blank: str) -> None:
        line = f"  password: {PASSWORD}"
        mark = f"# regconf:{blank}ignore[plaintext-credentials] a test"
        ignored = SECRET.replace(line, f"{line}  {mark}")
        clone.stage("a.yaml", ignored)
        assert forbid("a.yaml")[0] == 0

    def test_one_without_effect(self, clone: Clone, forbid: Forbid) -> None:
        clone.stage("a.yaml", CLEAN + "# regconf: ignore[plaintext-credentials] a test\n")
        code, said = forbid("a.yaml")
        assert code == 1
        assert "[ignore-without-effect]" in said

    def test_the_baseline_that_is_staged(self, clone: Clone, forbid: Forbid) -> None:
        clone.stage("a.yaml", SECRET)
        clone.stage(
            ".regconf/baseline.json",
            baseline("a.yaml"),
        )
        assert forbid("a.yaml")[0] == 0
        clone.stage("a.yaml", SECRET + "  other: x\n")
        assert forbid("a.yaml")[1].count("[plaintext-credentials]") == 1


class TestEncryptedFiles:
    RULES = "creation_rules:\n- path_regex: secrets/\n  age: {}\n  encrypted_regex: ^data$\n"

    def test_the_rule_that_is_staged_says_for_whom(
        self, clone: Clone, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (_, one), (_, other) = sops.generate_key(), sops.generate_key()
        text = sops.encrypt({"data": {"a": "b"}}, recipients=[one], encrypted_regex="^data$")
        clone.stage("secrets/a.yaml", text)
        clone.stage(".sops.yaml", self.RULES.format(one))
        assert check_encrypted_files.main(["secrets/a.yaml"]) == 0
        clone.stage(".sops.yaml", self.RULES.format(other))
        assert check_encrypted_files.main(["secrets/a.yaml"]) == 1
        assert "[sops-recipients]" in capsys.readouterr().out

    def test_a_value_that_was_added_in_clear(
        self, clone: Clone, capsys: pytest.CaptureFixture[str]
    ) -> None:
        _, one = sops.generate_key()
        text = sops.encrypt({"data": {"a": "b"}}, recipients=[one], encrypted_regex="^data$")
        clone.stage("a.yaml", text.replace("data:\n", f"data:\n    c: {PASSWORD}\n", 1))
        assert check_encrypted_files.main(["a.yaml"]) == 1
        said = capsys.readouterr().out
        assert "a.yaml:2:8: error: data.c should be encrypted" in said
        assert PASSWORD not in said

    def test_a_sops_file_that_cannot_be_read(self, clone: Clone) -> None:
        _, one = sops.generate_key()
        text = sops.encrypt({"data": {"a": "b"}}, recipients=[one], encrypted_regex="^data$")
        clone.stage("a.yaml", f"<<<<<<< ours\n{text}")
        assert check_encrypted_files.main(["a.yaml"]) == 3

    def test_rules_that_cannot_be_read(self, clone: Clone) -> None:
        clone.stage(".sops.yaml", "creation_rules: [")
        clone.stage("a.yaml", CLEAN)
        assert check_encrypted_files.main(["a.yaml"]) == 3


class TestABug:
    def test_it_is_neither_findings_nor_clean_and_shows_nothing(
        self, clone: Clone, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def broken(_: object) -> None:
            raise KeyError(PASSWORD)

        clone.stage("a.yaml", SECRET)
        monkeypatch.setattr("gitops_regconf.lint.plaintext.search.search", broken)
        assert forbid_plaintext_credentials.main(["a.yaml"]) == 3
        said = capsys.readouterr().err
        assert "a bug in regconf (KeyError at " in said
        assert PASSWORD not in said
