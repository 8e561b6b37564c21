"""How the real kustomize is run: bounded, alone, and with nothing of what it says passed on."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

import pytest

from gitops_regconf.errors import CannotCheck, InvalidInput
from gitops_regconf.lint.references import real

find = real.find_kustomize  # before the fixture of this folder takes its place


def program(directory: Path, body: str) -> str:
    path = directory / "kustomize"
    path.write_text(f"#!{sys.executable}\nimport os, sys, time\n{body}\n")
    path.chmod(0o755)
    return str(path)


def built(tmp_path: Path, body: str, directory: str = "top") -> list[dict[str, object]]:
    (tmp_path / "root").mkdir(exist_ok=True)
    return real.build(program(tmp_path, body), tmp_path / "root", directory, lambda _: True)


def test_it_gets_one_argument_and_an_environment_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOPS_AGE_KEY", "x")
    body = (
        "print('kind: A\\nargv:', sys.argv[1:], '\\nenv:', sorted(os.environ), '\\nhere:',"
        " os.listdir('.'))"
    )
    (found,) = built(tmp_path, body)
    assert found["argv"] == ["build", str(tmp_path / "root" / "top")]
    names = {"PATH", "HOME", "TMPDIR", "HTTP_PROXY", "HTTPS_PROXY"}
    assert isinstance(found["env"], list)
    assert set(found["env"]) - {"LC_CTYPE"} == names  # the last is Python's own
    assert found["here"] == []


def test_a_failure_is_told_without_what_was_said(tmp_path: Path) -> None:
    secret = secrets.token_hex(12)
    with pytest.raises(InvalidInput) as caught:
        built(tmp_path, f"sys.exit('in this patch: {secret}')")
    assert secret not in repr(caught.value) + str(caught.value)
    assert "`kustomize build top` says why" in str(caught.value)


def test_a_file_beside_the_directory_is_for_our_own_evaluation(tmp_path: Path) -> None:
    with pytest.raises(real.Restricted):
        built(tmp_path, "sys.exit(\"security; file '/a' is not in or below '/b'\")")


def test_too_slow_and_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real, "TIMEOUT_SECONDS", 0.5)
    with pytest.raises(CannotCheck, match="does not finish"):
        built(tmp_path, "time.sleep(60)")
    monkeypatch.setattr(real, "TIMEOUT_SECONDS", 60)
    monkeypatch.setattr(real, "MAX_OUTPUT", 1 << 20)
    with pytest.raises(CannotCheck, match="more than 1 MiB"):
        built(tmp_path, "while True: print('x' * 4096)")
    with pytest.raises(CannotCheck, match="cannot be read"):
        built(tmp_path, "print('a: [')")


def test_a_lot_on_standard_error_keeps_nobody_waiting(tmp_path: Path) -> None:
    body = "for _ in range(50000): print('warning', file=sys.stderr)\nprint('kind: A')"
    assert built(tmp_path, body) == [{"kind": "A"}]


def test_objects_are_told_apart_where_text_looks_like_their_end(tmp_path: Path) -> None:
    body = "print('kind: A\\ntext: |\\n  ---\\n  x\\n---\\nkind: B')"
    assert [one["kind"] for one in built(tmp_path, body)] == ["A", "B"]


def test_a_kustomize_of_the_repository_is_never_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = program(tmp_path, "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find(tmp_path / "other") == path
    assert find(tmp_path) is None
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".")
    assert find(tmp_path / "other") is None
    monkeypatch.setenv("PATH", "")
    assert find(tmp_path) is None
