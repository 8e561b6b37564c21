"""Writing: all of it or nothing, and whatever interrupts it, the next run finishes it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitops_regconf.errors import InvalidInput, RegconfError
from gitops_regconf.generate.apply import apply, locked
from gitops_regconf.generate.changes import Change, Step


def create(path: str, text: str = "text\n", step: Step = Step.CONTENT) -> Change:
    return Change(step, path, "create", "", None, text)


def files(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()
    }


def test_files_are_created_replaced_and_removed(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("old\n")
    (tmp_path / "d").mkdir()
    (tmp_path / "d/gone").write_text("gone\n")
    changes = [
        create("a/b/new"),
        Change(Step.CONTENT, "old", "update", "", "old\n", "new\r\n"),
        Change(Step.REMOVAL, "d/gone", "delete", "", "gone\n", None),
    ]
    apply(tmp_path, changes)
    assert files(tmp_path) == {"a/b/new": "text\n", "old": "new\n"}
    assert (tmp_path / "old").read_bytes() == b"new\r\n"
    assert not (tmp_path / "d").exists(), "a directory that was emptied goes too"


def test_the_mode_of_a_file_stays(tmp_path: Path) -> None:
    (tmp_path / "script").write_text("old")
    (tmp_path / "script").chmod(0o750)
    apply(tmp_path, [Change(Step.CONTENT, "script", "update", "", "old", "new")])
    assert (tmp_path / "script").stat().st_mode & 0o777 == 0o750


def test_nothing_is_changed_where_something_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "old").write_text("old")

    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "sync", full)
    with pytest.raises(RegconfError, match="No space left"):
        apply(
            tmp_path, [create("a/b/new"), Change(Step.CONTENT, "old", "update", "", "old", "new")]
        )
    assert files(tmp_path) == {"old": "old"}
    assert not (tmp_path / "a").exists()


def test_nothing_is_changed_where_a_directory_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file where a directory should be")
    with pytest.raises(RegconfError):
        apply(tmp_path, [create("a/new"), create("file/new")])
    assert list(files(tmp_path)) == ["file"]
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("path", ["../outside", "a/../../outside", "/etc/outside", "a//b", "./a"])
def test_no_path_leads_out_of_the_fleet(tmp_path: Path, path: str) -> None:
    (tmp_path / "fleet").mkdir()
    with pytest.raises(InvalidInput):
        apply(tmp_path / "fleet", [create(path)])
    assert list(tmp_path.rglob("*")) == [tmp_path / "fleet"]


@pytest.mark.parametrize("at", ["link", "link/below", "d/link"])
def test_no_symbolic_link_is_followed_or_replaced(tmp_path: Path, at: str) -> None:
    fleet, outside = tmp_path / "fleet", tmp_path / "outside"
    (fleet / "d").mkdir(parents=True)
    outside.mkdir()
    (fleet / "link").symlink_to(outside)
    (fleet / "d/link").symlink_to(outside / "file")
    with pytest.raises(InvalidInput, match="symbolic link"):
        apply(fleet, [create("other"), create(at)])
    assert list(outside.iterdir()) == []
    assert not (fleet / "other").exists()


def test_a_link_that_stands_where_a_new_content_is_staged_is_not_followed(tmp_path: Path) -> None:
    fleet = tmp_path / "fleet"
    fleet.mkdir()
    (tmp_path / "outside").write_text("mine")
    (fleet / ".new.regconf-tmp").symlink_to(tmp_path / "outside")
    apply(fleet, [create("new")])
    assert (tmp_path / "outside").read_text() == "mine"
    assert files(fleet) == {"new": "text\n"}


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(RegconfError, match="another regconf"), locked(tmp_path):
        pass
    with locked(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == [], "the lock leaves no file"
