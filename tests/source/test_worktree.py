"""A work tree gives the files below its root, and never anything else."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from gitops_regconf.errors import InvalidInput
from gitops_regconf.source.limits import MAX_BYTES
from gitops_regconf.source.position import Position
from gitops_regconf.source.worktree import WorkTree, refuse_links


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "fleet"
    (root / "mc" / "wc").mkdir(parents=True)
    (root / "regconf.yaml").write_text("a: 1\n")
    (root / "mc" / "b.yaml").write_text("b: 2\n")
    (root / "mc" / "wc" / "c.yaml").write_text("c: 3\n")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.yaml").write_text("password: hunter2\n")
    return root


def error(root: Path, path: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        WorkTree(root).text(path)
    assert "hunter2" not in str(caught.value)
    return caught.value


def test_a_file_is_read_once_so_that_one_command_sees_one_state(root: Path) -> None:
    source = WorkTree(root)
    assert source.text("mc/b.yaml") == "b: 2\n"
    (root / "mc" / "b.yaml").write_text("b: 9\n")
    assert source.text("mc/b.yaml") == "b: 2\n"
    assert source.document("mc/b.yaml").data == {"b": 2}
    assert WorkTree(root).text("mc/b.yaml") == "b: 9\n"


@pytest.mark.parametrize("path", ["no.yaml", "mc/no.yaml", "no/no.yaml", "regconf.yaml/no.yaml"])
def test_where_there_is_no_file_there_is_no_text(root: Path, path: str) -> None:
    assert WorkTree(root).text(path) is None
    with pytest.raises(InvalidInput, match="this file is missing") as caught:
        WorkTree(root).document(path)
    assert caught.value.at == Position(path)


def test_bytes_stay_what_they_are(root: Path) -> None:
    (root / "x").write_bytes(b"\xef\xbb\xbfa: 1\r\nb: \xc3\xa9\r\n")
    assert WorkTree(root).text("x") == "\ufeffa: 1\r\nb: é\r\n"


@pytest.mark.parametrize(
    "path", ["../outside/secret.yaml", "mc/../../outside/secret.yaml", "/etc/passwd", "mc//b.yaml"]
)
def test_paths_that_leave_the_root_or_are_not_plain_are_refused(root: Path, path: str) -> None:
    assert "leaves the fleet" in error(root, path).message


@pytest.mark.parametrize(
    "path", ["mc/a\0b.yaml", "n" * 300 + ".yaml", "d" * 300 + "/x", "d/" * 5000 + "x"]
)
def test_paths_that_no_file_can_have_are_refused(root: Path, path: str) -> None:
    assert error(root, path).at == Position(path)
    assert not WorkTree(root).is_directory(path)


@pytest.mark.parametrize(
    ("link", "target", "path"),
    [
        ("link.yaml", "regconf.yaml", "link.yaml"),
        ("link.yaml", "../outside/secret.yaml", "link.yaml"),
        ("link.yaml", "nowhere", "link.yaml"),
        ("link.yaml", "link.yaml", "link.yaml"),
        ("link", "mc", "link/b.yaml"),
        ("link", "../outside", "link/secret.yaml"),
        ("mc/link", "../../outside", "mc/link/secret.yaml"),
        ("mc/link", "wc", "mc/link/c.yaml"),
    ],
)
def test_links_are_refused_wherever_they_stand_in_a_path(
    root: Path, link: str, target: str, path: str
) -> None:
    (root / link).symlink_to(target)
    refused = error(root, path)
    assert "symbolic link" in refused.message
    assert refused.at == Position(path)
    assert refused.mend
    with pytest.raises(InvalidInput):
        refuse_links(root, path)


def test_a_linked_directory_is_not_listed(root: Path) -> None:
    (root / "mc" / "link").symlink_to("../../outside")
    with pytest.raises(InvalidInput, match="symbolic link"):
        WorkTree(root).names("mc/link")


def test_a_root_that_is_a_link_is_where_the_user_wants_to_be(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    assert WorkTree(tmp_path / "link").text("mc/b.yaml") == "b: 2\n"


@pytest.mark.parametrize(
    ("content", "at"),
    [
        (b"\xff\xfea\x00", (1, 1)),
        (b"a: 1\nb: \xc3\xa9 \xe9\n", (2, 6)),
        (b"a: \xed\xa0\x80\n", (1, 4)),
    ],
)
def test_a_file_that_is_not_utf_8_is_refused_where_it_stops_being_so(
    root: Path, content: bytes, at: tuple[int, int]
) -> None:
    (root / "x").write_bytes(content)
    refused = error(root, "x")
    assert refused.message == "this file is not UTF-8 text"
    assert refused.at == Position("x", *at)


def test_a_file_up_to_the_limit_is_read_and_not_a_byte_more(root: Path) -> None:
    (root / "x").write_bytes(b"a" * MAX_BYTES)
    assert len(WorkTree(root).text("x") or "") == MAX_BYTES
    (root / "x").write_bytes(b"a" * (MAX_BYTES + 1))
    assert "larger than" in error(root, "x").message


def test_a_huge_file_is_not_read_whole(root: Path) -> None:
    with (root / "x").open("wb") as file:
        file.truncate(1 << 40)
    assert "larger than" in error(root, "x").message


def test_a_directory_instead_of_a_file_is_refused(root: Path) -> None:
    refused = error(root, "mc/wc")
    assert refused.message == "there is a directory where a file is expected"
    assert refused.at == Position("mc/wc")


def bind(path: Path) -> None:
    # The path of a socket is short; the directory of a test is not.
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(here)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("make", [os.mkfifo, bind], ids=["FIFO", "socket"])
def test_what_is_no_file_is_refused_without_waiting_for_it(
    root: Path, make: Callable[[Path], None]
) -> None:
    make(root / "x")
    assert error(root, "x").at == Position("x")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read_is_an_error(root: Path) -> None:
    (root / "regconf.yaml").chmod(0)
    (root / "mc").chmod(0)
    try:
        assert "Permission denied" in error(root, "regconf.yaml").message
        with pytest.raises(InvalidInput, match="Permission denied"):
            WorkTree(root).names("mc")
    finally:
        (root / "mc").chmod(0o755)


def test_names_are_sorted_and_none_where_there_is_no_directory(root: Path) -> None:
    source = WorkTree(root)
    assert source.names("mc") == ("b.yaml", "wc")
    assert source.names("") == ("mc", "regconf.yaml")
    assert source.names("no") == ()
    assert source.names("regconf.yaml") == ()


def test_links_are_named_among_the_files_and_never_followed(root: Path) -> None:
    (root / "mc" / "link").symlink_to("../../outside")
    (root / "mc" / "circle").symlink_to(".")
    source = WorkTree(root)
    assert list(source.subdirectories("mc")) == ["wc"]
    assert list(source.files_below("mc")) == ["mc/b.yaml", "mc/circle", "mc/link", "mc/wc/c.yaml"]
    assert list(source.files_below("")) == [*source.files_below("mc"), "regconf.yaml"]


def test_what_is_planned_is_taken_for_written(root: Path) -> None:
    source = WorkTree(root, {"mc/b.yaml": "b: 9\n", "mc/new/d.yaml": "d: 4\n", "e.yaml": "e: 5\n"})
    assert source.text("mc/b.yaml") == "b: 9\n"
    assert source.document("mc/new/d.yaml").data == {"d": 4}
    assert source.names("mc") == ("b.yaml", "new", "wc")
    assert source.names("mc/new") == ("d.yaml",)
    assert source.names("") == ("e.yaml", "mc", "regconf.yaml")
    assert source.is_directory("mc/new")
    assert not source.is_directory("mc/new/d.yaml")
    assert not source.is_directory("mc/ne")
    assert list(source.subdirectories("mc")) == ["new", "wc"]
    assert list(source.files_below("mc")) == ["mc/b.yaml", "mc/new/d.yaml", "mc/wc/c.yaml"]
    assert not (root / "mc" / "new").exists()


def test_plans_do_not_change_later(root: Path) -> None:
    planned = {"e.yaml": "e: 5\n"}
    source = WorkTree(root, planned)
    planned["f.yaml"] = "f: 6\n"
    assert source.text("f.yaml") is None
