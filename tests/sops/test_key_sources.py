from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gitops_regconf.sops import WrongKey, find_identities, generate_key
from gitops_regconf.sops.age import wrap
from gitops_regconf.sops.key_sources import default_key_file
from gitops_regconf.source.position import Position

SECRET, RECIPIENT = generate_key()
OTHER_SECRET, OTHER = generate_key()
BARE, OTHER_BARE = SECRET.split("\n")[2], OTHER_SECRET.split("\n")[2]
AT = Position("f")


def test_nothing_is_found_in_an_empty_environment() -> None:
    found = find_identities({})
    assert not found
    assert not found.problems


@pytest.mark.parametrize(
    "value", [f"{BARE} {OTHER_BARE}", f"{BARE}\n# note\n{OTHER_BARE}\n", SECRET + OTHER_SECRET]
)
def test_the_variable_holds_several_keys(value: str) -> None:
    assert find_identities({"SOPS_AGE_KEY": value}).recipients == (RECIPIENT, OTHER)


def test_all_sources_are_combined(tmp_path: Path) -> None:
    default = tmp_path / "sops" / "age" / "keys.txt"
    default.parent.mkdir(parents=True)
    default.write_text(OTHER_SECRET)
    named = tmp_path / "named.txt"
    named.write_text(generate_key()[0])
    environ = {
        "SOPS_AGE_KEY": BARE,
        "SOPS_AGE_KEY_FILE": str(named),
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    found = find_identities(environ).recipients
    assert len(found) == 3
    assert (found[0], found[2]) == (RECIPIENT, OTHER)


def test_a_missing_file_is_no_error_while_another_source_opens(tmp_path: Path) -> None:
    missing = tmp_path / "missing.txt"
    found = find_identities({"SOPS_AGE_KEY": BARE, "SOPS_AGE_KEY_FILE": str(missing)})
    assert found.unwrap([wrap(b"k", RECIPIENT)], AT) == b"k"
    with pytest.raises(WrongKey, match="the file of SOPS_AGE_KEY_FILE cannot be read: No such"):
        found.unwrap([wrap(b"k", OTHER)], AT)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"AGE-SECRET-KEY-1CANARY\n", "not an age key file: see its line 1"),
        (b"\xff\xfe", "is not text"),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\nCANARY\n", "passphrase"),
        (b"age-encryption.org/v1\nCANARY", "passphrase"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_without_its_content(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    file = tmp_path / "key.txt"
    file.write_bytes(content)
    found = find_identities({"SOPS_AGE_KEY_FILE": str(file)})
    assert problem in found.problems[0]
    assert "CANARY" not in found.problems[0]


def test_a_broken_variable_is_named() -> None:
    assert find_identities({"SOPS_AGE_KEY": f"{BARE} CANARY"}).problems == [
        "SOPS_AGE_KEY is not an age key file: see its line 2"
    ]


def test_the_command_gets_the_recipient_and_no_key(tmp_path: Path) -> None:
    script = tmp_path / "key.py"
    script.write_text(
        "import os\n"
        "assert 'SOPS_AGE_KEY' not in os.environ\n"
        f"if os.environ['SOPS_AGE_RECIPIENT'] == {RECIPIENT!r}: print({BARE!r})\n"
    )
    environ = {"SOPS_AGE_KEY": OTHER_BARE, "SOPS_AGE_KEY_CMD": f"{sys.executable} '{script}'"}
    assert find_identities(environ).unwrap([wrap(b"k", RECIPIENT)], AT) == b"k"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("/does/not/exist", "could not be started"),
        ("unclosed 'quote", "could not be started"),
        (f"{sys.executable} -c 'print(\"CANARY\"); raise SystemExit(3)'", "ended with 3"),
        (f"{sys.executable} -c 'print(\"CANARY\")'", "not an age key file"),
        ("echo $(touch CANARY); true", "not an age key file"),
    ],
)
def test_what_is_wrong_with_the_command_is_said_without_its_output(line: str, problem: str) -> None:
    found = find_identities({"SOPS_AGE_KEY_CMD": line, "PATH": "/usr/bin:/bin"})
    with pytest.raises(WrongKey, match=problem) as caught:
        found.unwrap([wrap(b"k", RECIPIENT)], AT)
    assert "CANARY" not in str(caught.value)
    assert not Path("CANARY").exists()


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({"HOME": "/h"}, "linux", "/h/.config/sops/age/keys.txt"),
        ({"HOME": "/h", "XDG_CONFIG_HOME": "/x"}, "linux", "/x/sops/age/keys.txt"),
        ({"HOME": "/h"}, "darwin", "/h/Library/Application Support/sops/age/keys.txt"),
        ({"HOME": "/h", "XDG_CONFIG_HOME": "/x"}, "darwin", "/x/sops/age/keys.txt"),
        ({"AppData": "/a"}, "win32", "/a/sops/age/keys.txt"),
        ({}, "linux", None),
    ],
)
def test_the_default_file(environ: dict[str, str], platform: str, expected: str | None) -> None:
    found = default_key_file(environ, platform)
    assert found == (Path(expected) if expected else None)
