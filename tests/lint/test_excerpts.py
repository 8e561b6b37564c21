"""Lines are shown with everything masked that may be secret, each column in its place."""

from __future__ import annotations

import secrets

import pytest

from gitops_regconf.findings import Finding
from gitops_regconf.lint.excerpts import excerpts
from gitops_regconf.lint.file import File
from gitops_regconf.source.position import Position

PASSWORD = secrets.token_urlsafe(24)


def shown(text: str, line: int, column: int, rule: str = "endpoint-form") -> str:
    one = Finding(rule, Position("a.yaml", line, column), "x")
    found = excerpts(File("a.yaml", text.encode()), [one])
    assert PASSWORD not in str(found)
    return found.get(one, "")


def test_a_line_without_a_credential_is_shown_as_it_is() -> None:
    assert shown("a: 1\nendpoint: quay.io\n", 2, 11) == "endpoint: quay.io"


def test_a_credential_on_the_line_is_masked_whoever_found_something() -> None:
    line = f"{{endpoint: quay.io, credentials: {{password: {PASSWORD}}}}}"
    assert len(shown(f"a: [{line}]", 1, 6)) == len(f"a: [{line}]")


@pytest.mark.parametrize("line", [4, 5])
def test_every_line_of_a_credential_is_masked(line: int) -> None:
    text = f"kind: Secret\nstringData:\n  x: |\n    {PASSWORD}\n    {PASSWORD} # more\n"
    assert shown(text, line, 5)


@pytest.mark.parametrize("end", ["\r", "\r\n", "\x85", "\u2028"])
def test_lines_are_those_of_yaml(end: str) -> None:
    text = f"#{end}kind: Secret{end}stringData:{end}  x: {PASSWORD}{end}"
    assert shown(text, 4, 6).startswith("  •: •")


@pytest.mark.parametrize("rule", ["unknown-key", "sops-plaintext", "interface-schema"])
def test_what_a_rule_says_may_be_secret_is_masked(rule: str) -> None:
    assert shown(f"passwrd: {PASSWORD}\n", 1, 1, rule)


def test_where_credentials_may_be_that_nobody_could_find_nothing_is_shown() -> None:
    assert shown(f"kind: Secret\nstringData:\n  x: {PASSWORD}\n  y: [\n", 3, 6) == ""


def test_a_line_that_another_finding_hides_is_hidden() -> None:
    text = f"{{endpoint: x, passwrd: {PASSWORD}}}\n"
    shows = Finding("endpoint-form", Position("a.yaml", 1, 12), "x")
    hides = Finding("input-schema", Position("a.yaml", 1, 15), "x")
    found = excerpts(File("a.yaml", text.encode()), [shows], others=[hides])
    assert PASSWORD not in found[shows]
    assert PASSWORD in excerpts(File("a.yaml", text.encode()), [shows])[shows]


@pytest.mark.parametrize("rule", ["endpoint-form", "registry-name", "invalid-input"])
@pytest.mark.parametrize("line", ["endpoint: robot:{}@quay.io", "- robot:{}@quay.io: []"])
def test_what_stands_before_a_host_is_masked(rule: str, line: str) -> None:
    password = "".join(letter for letter in PASSWORD if letter.isalpha())[:8]
    one = Finding(rule, Position("a.yaml", 1, 1), "x")
    shown = excerpts(File("a.yaml", line.format(password).encode()), [one])[one]
    assert password not in shown


def test_of_two_versions_of_a_line_each_is_shown() -> None:
    old = Finding("plaintext-credentials", Position("a.yaml", 1, 11), "x (in the history)")
    new = Finding("plaintext-credentials", Position("a.yaml", 1, 11), "x")
    found = excerpts(File("a.yaml", b"password: a7Xq9z\n"), [old])
    found |= excerpts(File("a.yaml", b"password: a7X\n"), [new])
    assert (len(found[old]), len(found[new])) == (16, 13)
