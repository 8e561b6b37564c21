"""A file that a rule of .sops.yaml is made for is encrypted wherever the rule says so."""

from __future__ import annotations

import pytest

from gitops_regconf.lint.file import File
from gitops_regconf.lint.rules.plaintext_credentials import of_file
from gitops_regconf.sops.rules import Rule, parse_rules
from tests.lint.plaintext.catalogue import PACKED, Maker
from tests.lint.plaintext.test_hostile import calls_of

AGE = "age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq"
SECRETS = "encrypted_regex: ^(data|stringData)$"
CIPHERTEXT = PACKED["ciphertext"](Maker("claims"))
SOPS = f"sops:\n  mac: {CIPHERTEXT}\n  lastmodified: x\n"


def rule(path: str, how: str = "") -> Rule:
    lines = ["creation_rules:", f"- age: {AGE}"]
    lines += [f"  path_regex: {path}"] if path else []
    return parse_rules("\n".join([*lines, f"  {how}\n"]))[0]


def places(path: str, text: str, claim: Rule) -> list[tuple[int, int]]:
    found = of_file(File(path, text.encode(), claim))
    return [(finding.at.line, finding.at.column) for finding in found]


def test_every_leaf_that_the_rule_selects_is_a_finding() -> None:
    text = f"username: {CIPHERTEXT}\ncolour: red\nsize: 5\nnone:\nempty: ''\nowner: us\n{SOPS}"
    claim = rule(r"^accounts/", "encrypted_regex: ^(username|colour|size|none|empty)$")
    assert places("accounts/a.yaml", text, claim) == [(2, 9), (3, 7)]


def test_what_stands_below_a_selected_key_is_selected() -> None:
    claim = rule(r"^accounts/", "encrypted_regex: ^spec$")
    assert places("accounts/a.yaml", "spec:\n  a:\n  - b: red\n", claim) == [(3, 8)]


def test_a_file_that_is_encrypted_as_a_whole_has_one_finding() -> None:
    assert places("s/a.yaml", "colour: red\nsize: 5\n", rule(r"^s/")) == [(1, 9)]


@pytest.mark.parametrize("path", ["s/a.env", "s/a.ini", "s/a.bin"])
def test_a_file_that_is_no_yaml_is_encrypted_as_a_whole(path: str) -> None:
    assert places(path, "COLOUR=red\n", rule(r"^s/")) == [(1, 1)]
    assert places(path, f"COLOUR={CIPHERTEXT}\nsops_mac={CIPHERTEXT}\n", rule(r"^s/")) == []


def test_every_line_of_settings_is_encrypted() -> None:
    text = f"COLOUR=red\nSIZE={CIPHERTEXT}\n# a comment\nNONE=\nplain\nsops_mac={CIPHERTEXT}\n"
    assert places("s/a.env", text, rule(r"^s/")) == [(1, 8), (5, 1)]
    ini = f"[a]\nsize = {CIPHERTEXT}\ncolour = red\n[sops]\nversion = 3.9.0\nmac = x\n"
    assert places("s/a.ini", ini, rule(r"^s/")) == [(3, 10)]


def test_a_line_without_a_name_is_not_repeated() -> None:
    file = File("s/a.env", b"correcthorse\nsops_mac=x\n", rule(r"^s/"))
    (finding,) = of_file(file)
    assert finding.message == "a line, which .sops.yaml encrypts, is in clear"


def test_a_long_line_of_blanks_takes_no_longer_than_another() -> None:
    def calls(count: int) -> int:
        text = f"A=x{' ' * count}y\nsops_mac=x\n"
        return calls_of(lambda: places("s/a.env", text, rule(r"^s/")))

    calls(10)
    assert calls(40_000) < 2 * calls(4_000)


@pytest.mark.parametrize("path", ["", r"\.yaml$", r".*\.ya?ml", r".*"])
def test_a_rule_for_any_path_demands_nothing(path: str) -> None:
    assert places("s/a.yaml", "data: {colour: red}\n", rule(path, SECRETS)) == []


def test_a_rule_for_secrets_leaves_other_objects_alone() -> None:
    claim = rule(r"^s/", SECRETS)
    for kind in ("ConfigMap", "ExternalSecret", "SealedSecret", "Kustomization"):
        assert places("s/a.yaml", f"kind: {kind}\ndata: {{colour: red}}\n", claim) == []
    assert places("s/a.yaml", "data: {colour: red}\n", claim) == [(1, 16)]


def test_a_leaf_that_is_also_found_otherwise_is_one_finding() -> None:
    claim = rule(r"^s/", SECRETS)
    assert places("s/a.yaml", "kind: Secret\nstringData: {colour: red}\n", claim) == [(2, 22)]


def test_the_rules_themselves_are_not_encrypted() -> None:
    assert places("s/.sops.yaml", "creation_rules: []\n", rule(r"^s/")) == []


def test_an_encrypted_file_is_clean() -> None:
    text = f"kind: Secret\ndata:\n  colour: {CIPHERTEXT}\n{SOPS}"
    assert places("s/a.yaml", text, rule(r"^s/", SECRETS)) == []


def test_what_only_looks_encrypted_is_not() -> None:
    claim = rule(r"^s/", "encrypted_regex: ^colour$")
    assert places("s/a.yaml", f"colour: ENC[not really\n{SOPS}", claim) == [(1, 9)]
