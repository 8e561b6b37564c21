from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

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
