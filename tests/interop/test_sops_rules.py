"""Which rule of a `.sops.yaml` applies, asked of the real sops and answered here."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops import (
    GeneratedRule,
    Selector,
    emit,
    first_match,
    generate_key,
    parse,
    parse_rules,
    with_rules,
)

RECIPIENTS = [generate_key()[1] for _ in range(4)]
PATHS = [
    "management-clusters/alpha/registry-credentials/docker-hub.enc.yaml",
    "management-clusters/alpha/container-registries/secret.yaml",
    "management-clusters/alpha-2/container-registries/secret.yaml",
    "apps/secret.yaml",
    "top.yaml",
]


class InvalidExpression(Exception):
    """sops does not know the syntax of a path_regex."""


def recipients_by_sops(sops: str, folder: Path, path: str) -> tuple[str, ...] | None:
    """Whom sops encrypts the file at `path` for; None where no rule matches."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("data: x\n")
    done = subprocess.run(
        [sops, "encrypt", path],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    if "can not compile regexp" in done.stderr:
        raise InvalidExpression
    if done.returncode:
        assert "no matching creation rules found" in done.stderr, done.stderr
        return None
    return parse(done.stdout).metadata.ages


def recipients_here(text: str, path: str) -> tuple[str, ...] | None:
    rule = first_match(parse_rules(text), path)
    return rule.recipients if rule else None


@pytest.mark.parametrize(
    "regex",
    [
        "^management-clusters/alpha/",
        "alpha",
        r"\.enc\.yaml$",
        "^alpha",
        "^/",
        "secret.yaml$|^top",
        r"^management-clusters/[^/]+/registry-credentials/.*\.enc\.yaml$",
        "(?i)ALPHA",
        r"\bapps\b",
        "^.op",
        r"^\p{L}{3}\.",
        "alpha(-2)?/c.*?s/",
        "",
    ],
)
def test_matching_is_that_of_sops(sops: str, tmp_path: Path, regex: str) -> None:
    rules = [
        {"path_regex": regex, "age": f"{RECIPIENTS[0]},"},
        {"path_regex": "^apps/", "age": [RECIPIENTS[1], RECIPIENTS[2]]},
    ]
    text = emit({"creation_rules": rules}, indent=2)
    (tmp_path / ".sops.yaml").write_text(text)
    for path in PATHS:
        assert recipients_here(text, path) == recipients_by_sops(sops, tmp_path, path), path


WITH_COMMENTS = f"""\
# mine
creation_rules:
    # all else
    - path_regex: ^top
      age: >-
        {RECIPIENTS[3]},
        {RECIPIENTS[2]}

    # last
    - age: {RECIPIENTS[3]}
"""
USER_FILES = [
    "",
    "creation_rules: []\n",
    "stores:\n  yaml:\n    indent: 2\n",
    f"creation_rules:\n- age: {RECIPIENTS[3]}\n",
    WITH_COMMENTS,
    f"creation_rules:\r\n  - path_regex: ^apps/\r\n    age: {RECIPIENTS[3]}",
]


@pytest.mark.parametrize("user", USER_FILES)
def test_generated_rules_take_effect_in_sops(sops: str, tmp_path: Path, user: str) -> None:
    rule = GeneratedRule(
        r"^management-clusters/alpha/container-registries/.*secret\.yaml$",
        (RECIPIENTS[0], RECIPIENTS[1]),
        Selector("encrypted_regex", "^(data|stringData)$"),
        "management-clusters/alpha/regconf.yaml",
    )
    before = {path: recipients_here(user, path) for path in PATHS}
    text = with_rules(user, [rule], [PATHS[1]])
    (tmp_path / ".sops.yaml").write_text(text, newline="")
    for path in PATHS:
        expected = rule.recipients if path == PATHS[1] else before[path]
        assert recipients_here(text, path) == expected
        assert recipients_by_sops(sops, tmp_path, path) == expected


regexes = st.text("^$.*alpht/s-[]()|\\", max_size=6)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(first=regexes, second=regexes, path=st.sampled_from(PATHS))
def test_any_expression_means_the_same(
    sops: str, tmp_path: Path, first: str, second: str, path: str
) -> None:
    rules = [
        {"path_regex": first, "age": RECIPIENTS[0]},
        {"path_regex": second, "age": RECIPIENTS[1]},
    ]
    text = emit({"creation_rules": rules}, indent=2)
    (tmp_path / ".sops.yaml").write_text(text)
    try:
        expected = recipients_by_sops(sops, tmp_path, path)
    except InvalidExpression:
        with pytest.raises(InvalidInput, match="not a valid regular expression"):
            recipients_here(text, path)
    else:
        assert recipients_here(text, path) == expected
