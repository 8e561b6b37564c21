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
    find_rules_file,
    first_match,
    generate_key,
    name_in_rules,
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


def encrypted_for(
    sops: str, where: Path, file: Path, home: Path, **environ: str
) -> tuple[str, ...] | None:
    """Whom sops encrypts `file` for when it runs in `where`; None where it finds no rule."""
    done = subprocess.run(
        [sops, "encrypt", str(file)],
        cwd=where,
        env={"PATH": os.environ["PATH"], "HOME": str(home), **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    return parse(done.stdout).metadata.ages if done.returncode == 0 else None


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("where", [".", "a", "a/b", "a/b/c"])
@pytest.mark.parametrize("file", ["a/b/c/x.yaml", "x.yaml", "a/link.yaml", "a/../x.yaml"])
def test_the_rules_file_is_found_as_sops_finds_it(
    sops: str, tmp_path: Path, where: str, file: str, named: bool
) -> None:
    root = tmp_path / "root"
    (root / "a/b/c").mkdir(parents=True)
    (root / "a/b/c/x.yaml").write_text("data: x\n")
    (root / "x.yaml").write_text("data: x\n")
    (root / "a/link.yaml").symlink_to(root / "x.yaml")
    rules = {
        ".sops.yaml": ["^x", "^a/", "."],
        "a/b/.sops.yaml": ["^c/x", "^/"],
        "a/.sops.yml": ["."],
        "elsewhere.yaml": ["^a/b/c/x", "^x"],
    }
    for path, expressions in rules.items():
        listed = [
            {"path_regex": one, "age": RECIPIENTS[number]} for number, one in enumerate(expressions)
        ]
        (root / path).write_text(emit({"creation_rules": listed}))
    environ = {"SOPS_CONFIG": str(root / "elsewhere.yaml")} if named else {}
    found = find_rules_file(root / where, environ)
    assert found is not None
    rule = first_match(parse_rules(found.read_text()), name_in_rules(root / file, found))
    expected = encrypted_for(sops, root / where, root / file, tmp_path, **environ)
    assert (rule.recipients if rule else None) == expected


def test_without_a_rules_file_there_is_none(tmp_path: Path) -> None:
    (tmp_path / ".sops.yml").write_text("creation_rules: []\n")
    assert find_rules_file(tmp_path) is None
