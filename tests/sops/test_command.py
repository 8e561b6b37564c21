"""The sops command line, played by scripts that do what a real one might."""

from __future__ import annotations

import json
import os
import stat
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gitops_regconf.errors import CannotCheck, InvalidInput, RegconfError
from gitops_regconf.sops import WrongKey, generate_key
from gitops_regconf.sops.age import wrap
from gitops_regconf.sops.command import SopsCommand
from gitops_regconf.sops.recipients import KeyGroups
from gitops_regconf.source.position import Position

AT = Position("secret.yaml", 3, 1)
DATA_KEY = bytes(range(32))
SECRET, RECIPIENT = generate_key()
FINGERPRINT = "0123456789ABCDEF0123456789ABCDEF01234567"
PGP = f"pgp:{FINGERPRINT}"
BLOCK: dict[str, Any] = {
    "pgp": [{"fp": FINGERPRINT, "created_at": "2026-01-01T00:00:00Z", "enc": "x"}],
    "mac": "MAC",
    "lastmodified": "2026-01-02T03:04:05Z",
}
# What every script begins with: it writes down all that it was given.
RECORD = """\
#!{python}
import json, os, pathlib, stat, sys
if "--version" in sys.argv:
    print("sops 3.9.4 (latest)")
    raise SystemExit
config, file = pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[5])
given = dict(
    argv=sys.argv[1:], environ=dict(os.environ), stdin=sys.stdin.read(),
    config=config.read_text(), file=file.read_text(), folder=str(file.parent),
    mode=stat.S_IMODE(file.parent.stat().st_mode), cwd=os.getcwd(),
)
pathlib.Path({record!r}).write_text(json.dumps(given))
"""
Fake = Callable[..., SopsCommand]


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "record.json"


@pytest.fixture
def fake(tmp_path: Path, record: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """A sops that goes on with `code`; the folder for temporary files is one of the test's own."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))

    def make(code: str, seconds: float = 60, **environ: str) -> SopsCommand:
        program = tmp_path / "bin" / "sops"
        program.parent.mkdir()
        program.write_text(RECORD.format(python=sys.executable, record=str(record)) + code)
        program.chmod(0o755)
        found = SopsCommand.find({"PATH": str(program.parent), **environ})
        return SopsCommand(found.program, found.environ, seconds)

    return make


@pytest.fixture(autouse=True)
def _nothing_is_left(tmp_path: Path, fake: Fake) -> Any:
    yield
    assert list((tmp_path / "tmp").iterdir()) == []


def wrapping(block: dict[str, Any]) -> str:
    """What a sops does that writes `block`."""
    return f"file.write_text(json.dumps(dict(sops={block!r})))\n"


# Wraps a known key for the recipient in the config, with the library that this runs with.
UNWRAPPING = f"""\
sys.path[:0] = {sys.path!r}
import pyrage, yaml
(name,) = yaml.safe_load(config.read_text())["creation_rules"][0]["key_groups"][0]["age"]
enc = pyrage.encrypt(
    bytes.fromhex("{DATA_KEY.hex()}"), [pyrage.x25519.Recipient.from_str(name)], armored=True
)
file.write_text(json.dumps(dict(sops=dict(age=[dict(recipient=name, enc=enc.decode())]))))
"""


def assert_says_nothing(error: RegconfError, *secrets: str) -> None:
    text = "".join(traceback.format_exception(error)) + repr(error) + str(error.mend)
    assert error.__context__ is None
    for secret in ("CANARY", "AGE-SECRET-KEY", DATA_KEY.hex(), repr(DATA_KEY), *secrets):
        assert secret not in text


def test_unwrapping(fake: Fake, record: Path) -> None:
    environ = {"HOME": "/h", "SOPS_AGE_KEY_FILE": "/k", "GNUPGHOME": "/g"}
    sops = fake(UNWRAPPING, **environ)
    assert sops.unwrap(BLOCK, AT) == DATA_KEY
    given = json.loads(record.read_text())
    folder = given["folder"]
    assert given["argv"] == [
        "--config",
        f"{folder}/config.yaml",
        "updatekeys",
        "--yes",
        f"{folder}/keys.yaml",
    ]
    assert given["mode"] == stat.S_IRWXU
    assert given["stdin"] == ""
    assert given["cwd"] == str(Path.cwd())
    given["environ"].pop("LC_CTYPE", None)  # Python adds it to itself
    assert given["environ"] == {"PATH": sops.environ["PATH"], **environ}
    assert "AGE-SECRET-KEY" not in json.dumps(given)
    # Nothing but keys: no value, and not even the MAC.
    assert "MAC" not in given["file"]
    assert FINGERPRINT in given["file"]
    assert not Path(folder).exists()


def test_wrapping(fake: Fake, record: Path) -> None:
    environ = {
        "HOME": "/h",
        "AWS_PROFILE": "p",
        "SOPS_AGE_KEY": "CANARY",
        "SOPS_AGE_KEY_FILE": "/CANARY",
        "SOPS_AGE_SSH_PRIVATE_KEY_CMD": "CANARY",
        "SOPS_GPG_EXEC": "gpg2",
    }
    sops = fake(wrapping({"age": [], "pgp": BLOCK["pgp"], "mac": ""}), **environ)
    assert sops.wrap(DATA_KEY, KeyGroups.of(PGP)) == {"pgp": BLOCK["pgp"]}
    given = json.loads(record.read_text())
    secret = given["environ"].pop("SOPS_AGE_KEY")
    given["environ"].pop("LC_CTYPE", None)
    assert secret.startswith("AGE-SECRET-KEY-1")
    kept = {name: environ[name] for name in ("HOME", "AWS_PROFILE", "SOPS_GPG_EXEC")}
    assert given["environ"] == {"PATH": sops.environ["PATH"], **kept}
    rest = json.dumps(given)
    assert secret not in rest
    assert "CANARY" not in rest
    assert DATA_KEY.hex() not in rest
    assert f"        - pgp:\n            - {FINGERPRINT}" in given["config"]
    assert given["file"].count("BEGIN AGE ENCRYPTED FILE") == 1


def test_wrapping_for_key_groups(fake: Fake, record: Path) -> None:
    groups = KeyGroups(((RECIPIENT,), (PGP,), ("hckms:eu:k",)), 2)
    written = {
        "key_groups": [
            {"age": [{"recipient": RECIPIENT, "enc": "x"}], "hc_vault": []},
            {"pgp": BLOCK["pgp"]},
            {"hckms": [{"key_id": "eu:k"}]},
        ],
        "shamir_threshold": 2,
    }
    assert fake(wrapping(written)).wrap(DATA_KEY, groups) == written
    assert "shamir_threshold: 2" in json.loads(record.read_text())["file"]


@pytest.mark.parametrize("start", [b"age-encryption.org/v1\n", b"-----BEGIN AGE ENCRYPTED FILE--"])
def test_a_passphrase_for_a_key_file_of_no_use_is_not_asked_for(
    fake: Fake, record: Path, tmp_path: Path, start: bytes
) -> None:
    default = tmp_path / "sops" / "age" / "keys.txt"
    default.parent.mkdir(parents=True)
    default.write_bytes(start)
    sops = fake(wrapping(BLOCK), XDG_CONFIG_HOME=str(tmp_path))
    sops.wrap(DATA_KEY, KeyGroups.of(PGP))
    elsewhere = json.loads(record.read_text())["environ"]["XDG_CONFIG_HOME"]
    assert elsewhere != str(tmp_path)
    assert not Path(elsewhere).exists()
    default.write_text(SECRET)
    sops.wrap(DATA_KEY, KeyGroups.of(PGP))
    assert json.loads(record.read_text())["environ"]["XDG_CONFIG_HOME"] == str(tmp_path)


def test_no_sops_at_all(tmp_path: Path) -> None:
    for environ in ({}, {"PATH": ""}, {"PATH": str(tmp_path)}):
        assert SopsCommand.is_missing(environ)
        with pytest.raises(CannotCheck, match="not on the PATH") as caught:
            SopsCommand.find(environ)
        assert caught.value.exit_code == 3
        assert caught.value.mend


def test_a_sops_that_cannot_be_started(tmp_path: Path) -> None:
    program = tmp_path / "sops"
    program.write_bytes(b"\x7fELF")
    program.chmod(0o755)
    assert not SopsCommand.is_missing({"PATH": str(tmp_path)})
    with pytest.raises(CannotCheck, match="could not be started") as caught:
        SopsCommand.find({"PATH": str(tmp_path)}).unwrap(BLOCK, AT)
    assert caught.value.at == AT
    assert_says_nothing(caught.value)


def test_the_environment_is_not_shown(fake: Fake) -> None:
    assert "CANARY" not in repr(fake("", SOPS_AGE_KEY="CANARY"))


def test_a_sops_that_does_not_end(fake: Fake) -> None:
    code = "print('CANARY', file=sys.stderr, flush=True)\nimport time\ntime.sleep(60)\n"
    start = time.monotonic()
    sops = fake(code, seconds=1)
    with pytest.raises(CannotCheck, match="did not end within 1 seconds") as caught:
        sops.unwrap(BLOCK, AT)
    assert_says_nothing(caught.value)
    with pytest.raises(CannotCheck, match="did not end"):
        sops.wrap(DATA_KEY, KeyGroups.of(PGP))
    assert time.monotonic() - start < 30


FAILING = """\
print("Input string CANARY does not match sops' data format", file=sys.stderr)
raise SystemExit({code})
"""


@pytest.mark.parametrize("code", [1, 2, 4, 5, 51, 61, 100, 111, 127, 128, 200])
def test_every_exit_code(fake: Fake, code: int) -> None:
    sops = fake(FAILING.format(code=code))
    with pytest.raises(CannotCheck) as wrapped:
        sops.wrap(DATA_KEY, KeyGroups.of(PGP))
    assert f"sops 3.9.4 could not wrap the data key (exit code {code})" in str(wrapped.value)
    with pytest.raises(WrongKey if code == 128 else CannotCheck) as unwrapped:
        sops.unwrap(BLOCK, AT)
    assert (type(unwrapped.value) is WrongKey) is (code == 128)
    for error in (wrapped.value, unwrapped.value):
        assert error.exit_code == 3
        assert "Input string [removed]" in error.message
        assert_says_nothing(error)
    assert unwrapped.value.at == AT


def test_a_sops_that_shows_its_environment(fake: Fake) -> None:
    sops = fake("print(os.environ, file=sys.stderr)\nraise SystemExit(1)\n")
    with pytest.raises(CannotCheck) as caught:
        sops.wrap(DATA_KEY, KeyGroups.of(PGP))
    assert_says_nothing(caught.value)


def test_a_sops_that_is_killed(fake: Fake) -> None:
    sops = fake("os.kill(os.getpid(), 9)\n")
    with pytest.raises(CannotCheck, match=r"\(exit code -9\)\n"):
        sops.wrap(DATA_KEY, KeyGroups.of(PGP))


@pytest.mark.parametrize(
    "code",
    [
        "",
        "file.unlink()\n",
        "file.write_text('')\n",
        "file.write_text('CANARY')\n",
        "file.write_text('sops: CANARY')\n",
        "file.write_text('sops: [CANARY')\n",
        "file.write_bytes(b'\\xff')\n",
        wrapping({}),
        wrapping({"age": [{"recipient": 1}]}),
        wrapping({"age": "CANARY"}),
        wrapping({"age": [{"recipient": RECIPIENT, "enc": "CANARY"}]}),
        wrapping({"age": [{"recipient": RECIPIENT, "enc": wrap(DATA_KEY, RECIPIENT).enc}]}),
        wrapping({"key_groups": [{"pgp": [{"fp": "x"}]}], "shamir_threshold": "CANARY"}),
    ],
)
def test_what_is_no_answer(fake: Fake, code: str) -> None:
    sops = fake(code)
    with pytest.raises(CannotCheck, match="could not unwrap the data key") as unwrapped:
        sops.unwrap(BLOCK, AT)
    with pytest.raises(CannotCheck, match="for all of the recipients") as wrapped:
        sops.wrap(DATA_KEY, KeyGroups.of(PGP))
    assert_says_nothing(unwrapped.value)
    assert_says_nothing(wrapped.value)


def test_recipients_that_an_old_sops_drops_are_missed(fake: Fake) -> None:
    sops = fake(wrapping(BLOCK))
    with pytest.raises(CannotCheck, match=r"sops 3\.9\.4 .* all of the recipients"):
        sops.wrap(DATA_KEY, KeyGroups.of(PGP, "hckms:eu:k"))


@pytest.mark.parametrize(
    "groups",
    [KeyGroups(()), KeyGroups.of(), KeyGroups(((PGP,), ())), KeyGroups.of("CANARY")],
)
def test_what_sops_is_never_asked(fake: Fake, record: Path, groups: KeyGroups) -> None:
    with pytest.raises(InvalidInput) as caught:
        fake("").wrap(DATA_KEY, groups)
    assert_says_nothing(caught.value)
    assert not record.exists()


def test_a_version_that_cannot_be_told(tmp_path: Path) -> None:
    program = tmp_path / "sops"
    program.write_text("#!/bin/sh\necho CANARY\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(CannotCheck, match=r"^sops could not wrap") as caught:
        SopsCommand(str(program), {"PATH": os.defpath}).wrap(DATA_KEY, KeyGroups.of(PGP))
    assert_says_nothing(caught.value)
