"""What matters and cannot be read is an error, after what was found in it as text."""

from __future__ import annotations

import pytest

from gitops_regconf.errors import CannotCheck
from gitops_regconf.findings import Finding
from gitops_regconf.lint.file import File
from gitops_regconf.lint.rules.plaintext_credentials import of_file
from gitops_regconf.source.limits import MAX_BYTES, MAX_DEPTH
from tests.lint.plaintext.catalogue import TOKENS, Maker
from tests.lint.plaintext.test_demands import rule

BROKEN = "a: [\n"
BOMB = "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9 if n else ['x'])}]\n" for n in range(40)
)


def checked(path: str, text: str, claim: str = "") -> tuple[list[Finding], CannotCheck | None]:
    found: list[Finding] = []
    try:
        found.extend(of_file(File(path, text.encode(), rule(claim) if claim else None)))
    except CannotCheck as error:
        return found, error
    return found, None


@pytest.mark.parametrize(
    "text",
    [
        "kind: Secret\nstringData:\n  a: b\n",
        "KIND : 'secret'\ndata: {}\n",
        '{"kind": "Secret", "data": {"a": "b"},\n',
        "a: b\nsops:\n    mac: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]\n",
        "containerRegistries:\n  docker.io: []\n",
    ],
)
@pytest.mark.parametrize("path", ["a.yaml", "a.yml", "a.json"])
def test_a_file_that_matters_has_to_be_readable(path: str, text: str) -> None:
    _, error = checked(path, text + BROKEN)
    assert error is not None
    assert error.at is not None
    assert error.at.path == path
    assert error.mend


def test_a_merge_conflict_is_said_to_be_one() -> None:
    _, error = checked(
        "a.yaml", "kind: Secret\ndata:\n<<<<<<< HEAD\n  a: b\n=======\n  a: c\n>>>>>>> x\n"
    )
    assert error is not None
    assert "merge conflict" in error.message
    assert error.at is not None
    assert error.at.line == 3


def test_what_was_found_comes_first() -> None:
    token = TOKENS["github"](Maker("unreadable"))
    found, error = checked("a.yaml", f"kind: Secret\ndata:\n  a: {token}\n{BROKEN}")
    assert [finding.at.line for finding in found] == [3]
    assert error is not None
    assert token not in str(error)


@pytest.mark.parametrize("path", ["a.txt", "a.md", "a.yaml.tmpl"])
def test_other_files_are_text(path: str) -> None:
    assert checked(path, f"kind: Secret\ndata:\n  a: b\n{BROKEN}")[1] is None


def test_what_does_not_matter_is_text() -> None:
    assert checked("a.yaml", f"password: ${{X}}\n{BROKEN}") == ([], None)


def test_a_template_is_no_broken_file() -> None:
    text = "kind: Secret\n{{- range .Values.x }}\n  {{ .a }}: {{ .b\n}}\n- {{ end }}\nx: [\n"
    assert checked("templates/a.yaml", text)[1] is None


def test_a_mistake_beside_an_action_is_a_mistake() -> None:
    text = "kind: Secret\nstringData:\n  a: {{ .Values.a }}\n\tb: x\n"
    assert checked("a.yaml", text)[1] is not None
    assert checked("s/a.yaml", "a: {{ b }}\n\tc: d\n", claim="^s/")[1] is not None


def test_a_template_with_a_merge_conflict_is_broken() -> None:
    conflict = "<<<<<<< HEAD\n  a: b\n=======\n>>>>>>> x\n"
    text = f"kind: Secret\n{{{{- if .a }}}}\ndata:\n{conflict}{{{{- end }}}}\nx: [\n"
    assert checked("templates/a.yaml", text)[1] is not None


def test_a_file_that_a_rule_claims_has_to_be_readable() -> None:
    assert checked("s/a.yaml", BROKEN, claim="^s/")[1] is not None
    assert checked("s/a.yaml", BROKEN)[1] is None


@pytest.mark.parametrize(
    "hurtful",
    [
        f"a: {'[' * (MAX_DEPTH + 2)}{']' * (MAX_DEPTH + 2)}\n",
        "a: " + "[" * 100_000,
        "x" * MAX_BYTES,
    ],
    ids=["deep", "endless", "large"],
)
def test_what_is_too_much_to_read_is_an_error_where_it_matters(hurtful: str) -> None:
    assert checked("a.yaml", "kind: Secret\ndata: {}\n" + hurtful)[1] is not None
    assert checked("a.yaml", "a: b\n" + hurtful)[1] is None


def test_aliases_cost_nothing() -> None:
    found, error = checked("a.yaml", f"{BOMB}kind: Secret\nstringData: {{x: *a39}}\n")
    assert [finding.at.line for finding in found] == [1]
    assert error is None


@pytest.mark.parametrize("secret", ["*Spring2024Secret", "!Spring2024!Secret x"])
def test_no_message_repeats_what_cannot_be_read(secret: str) -> None:
    text = f"kind: Secret\na: &x 1\nb: &x 2\ndata:\n  c: {secret}\n"
    _, error = checked("a.yaml", text)
    assert error is not None
    assert "Spring2024" not in str(error)


def test_half_a_character_is_no_text() -> None:
    text = 'kind: Secret\na: &x 1\nb: &x 2\ndata: {c: "password: \\ud800abcdefg"}\n'
    assert checked("a.yaml", text)[1] is not None


@pytest.mark.parametrize("link", ["{{x: *a{}}}", "{{<<: *a{}}}"])
def test_a_chain_of_aliases_without_an_end_is_an_error(link: str) -> None:
    chain = "".join(f"a{n}: &a{n} {link.format(n - 1)}\n" for n in range(1, 1200))
    _, error = checked("a.yaml", f"kind: Secret\na0: &a0 {{b: hunter2x}}\n{chain}data: *a1199\n")
    assert error is not None
    assert "too deep" in error.message
