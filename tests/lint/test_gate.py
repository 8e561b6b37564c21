"""What the gate makes of what rules find: nothing unchecked is clean, and nothing is told twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gitops_regconf.errors import CannotCheck, InvalidInput
from gitops_regconf.lint import gate, rule_set
from gitops_regconf.lint.baseline import keyed
from gitops_regconf.lint.claims import Claims
from gitops_regconf.lint.file import File
from gitops_regconf.lint.gate import Checked, Judge
from gitops_regconf.lint.outcome import Outcome
from gitops_regconf.source.position import Position
from gitops_regconf.source.worktree import WorkTree
from tests.git_clone import Clone
from tests.lint.plaintext.catalogue import Maker
from tests.lint.plaintext.test_hostile import calls_of
from tests.support import regconf

PASSWORD = Maker("gate").password()
IGNORED = f"password: {PASSWORD} # regconf: ignore[plaintext-credentials] of a test\n"


@pytest.fixture
def claims(tmp_path: Path) -> Callable[[str], Claims]:
    """The claims of a repository whose `.sops.yaml` is given."""

    def of(rules: str) -> Claims:
        (tmp_path / ".sops.yaml").write_bytes(rules.encode())
        return Claims(WorkTree(tmp_path))

    return of


def judged(file: File, judge: Judge | None = None) -> Outcome:
    judge = judge or Judge(rule_set.all_rules(), Claims(WorkTree(Path("nowhere"))))
    return gate.over_files([file], judge).outcome()


def of_history(text: str) -> File:
    return File("a.yaml", text.encode(), origin="in the history, commit 0123", past=True)


def test_an_ignore_is_followed_in_the_history_too() -> None:
    assert judged(of_history(IGNORED)).findings == ()
    assert len(judged(of_history(IGNORED.replace(" of a test", ""))).findings) == 1


def test_about_ignores_of_the_history_nothing_is_said() -> None:
    assert judged(of_history("a: b # regconf: ignore[endpoint-form] x\n")).findings == ()


def test_what_cannot_be_read_in_the_history_is_told_with_its_commit() -> None:
    (error,) = judged(of_history("kind: Secret\nstringData: [\n")).errors
    assert "(in the history, commit 0123)" in error.message
    assert error.exit_code == 3


def test_of_an_ignore_in_what_cannot_be_read_nothing_is_known() -> None:
    text = "kind: Secret\nstringData: [ # regconf: ignore[plaintext-credentials] of a test\n"
    outcome = judged(File("a.yaml", text.encode()))
    assert (outcome.findings, len(outcome.errors)) == ((), 1)


def test_of_two_errors_at_one_place_the_graver_one_counts() -> None:
    at = Position("a.yaml", 1, 1)
    errors = [InvalidInput("one", at=at), CannotCheck("other", at=at)]
    outcome = Checked(errors=[*errors, errors[0]]).outcome()
    assert (len(outcome.errors), outcome.exit_code) == (1, 3)


@pytest.mark.parametrize("asked_before", [False, True])
def test_rules_of_sops_that_cannot_be_read_are_never_clean(
    claims: Callable[[str], Claims], *, asked_before: bool
) -> None:
    broken = claims("creation_rules: [")
    if asked_before:
        broken.of("a.yaml")
    judge = Judge(rule_set.named(["plaintext-credentials"]), broken)
    assert judged(File("a.yaml", b"kind: Secret\ndata: {}\n"), judge).exit_code == 3


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_nor_where_many_files_are_shared_among_processes(clone: Clone, jobs: str) -> None:
    for number in range(600):
        clone.write(f"{number}.yaml", "kind: Secret\ndata: {}\n")
    clone.commit({".sops.yaml": "creation_rules:\n- path_regex: '('\n"})
    assert regconf("--fleet", clone.root, "lint", "--jobs", jobs).code == 3


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_rule_of_sops_claims_files_whatever_its_line_ends(
    claims: Callable[[str], Claims], end: str
) -> None:
    rules = f"creation_rules:\n- path_regex: ^s/.*\n  age: {'age1' + 'q' * 58}\n"
    found = claims(rules.replace("\n", end))
    assert found.may_be_for("s/a.yaml")
    assert not found.may_be_for("a.yaml")


HURTFUL: dict[str, Callable[[int], bytes]] = {
    "one-line": lambda count: json.dumps(
        {"kind": "Secret", "stringData": {f"k{one}": f"{PASSWORD}{one}" for one in range(count)}}
    ).encode(),
    "lines": lambda count: b"".join(b"a%d: {password: x9%d}\n" % (n, n) for n in range(count)),
    "addresses": lambda count: b" ".join(b"https://u:x9Yz%d@a.io" % n for n in range(count)),
    "objects": lambda count: b"# {kind: Secret, stringData: {a: x9Yzab}}\n" * count,
}


@pytest.mark.parametrize("what", HURTFUL)
def test_work_grows_with_the_findings_alone(what: str) -> None:
    def calls(count: int) -> int:
        file = File("a.yaml", HURTFUL[what](count))
        return calls_of(lambda: keyed(file.text, judged(file).findings))

    calls(10)  # what is compiled once
    short, long = calls(100), calls(800)
    assert long < 24 * short
