"""An ignore is explicit and narrow: one line, named rules, a reason; and it is used."""

from __future__ import annotations

import time

import pytest

from gitops_regconf.findings import Finding
from gitops_regconf.lint.ignores import ignores, without_effect, without_ignored, without_reason
from gitops_regconf.source.position import Position

RULES = {"a-rule", "another-rule"}


def finding(line: int, rule: str = "a-rule") -> Finding:
    return Finding(rule, Position("f", line, 1), "x")


def left(text: str, *findings: Finding, path: str = "f") -> list[Finding]:
    return without_ignored(findings, ignores(text, path))


def about(
    text: str, *findings: Finding, chosen: set[str] | None = None, path: str = "f"
) -> list[str]:
    found = ignores(text, path)
    without_ignored(findings, found)
    chosen = RULES if chosen is None else chosen
    both = (*without_reason(found), *without_effect(found, RULES, chosen))
    return [f"{one.at.line}:{one.rule}: {one.message}" for one in both]


@pytest.mark.parametrize(
    "text",
    [
        "x # regconf: ignore[a-rule] it is an example",
        "# regconf: ignore[a-rule] it is an example\nx",
        "// regconf: ignore[a-rule] it is an example\nx",
        "; regconf: ignore[a-rule] it is an example\nx",
        "-- regconf: ignore[a-rule] it is an example\nx",
        "<!-- regconf: ignore[a-rule] it is an example -->\nx",
        "/* regconf: ignore[a-rule] it is an example */\nx",
        "{{/* regconf: ignore[a-rule] it is an example */}}\nx",
        "{{- /* regconf: ignore[a-rule] it is an example */ -}}\nx",
        "# regconf: ignore[another-rule, a-rule] it is an example\r\nx",
        "{# regconf: ignore[a-rule] it is an example #}\nx",
        "REM regconf: ignore[a-rule] it is an example\nx",
        "  @rem regconf: ignore[a-rule] it is an example\nx",
        "x & rem regconf: ignore[a-rule] it is an example",
        "% regconf: ignore[a-rule] it is an example\nx",
        "x %% regconf: ignore[a-rule] it is an example",
        "#### regconf: ignore[a-rule] it is an example\nx",
        "x # regconf:ignore[a-rule] it is an example",
        'x(\'y\', "z")  # regconf: ignore[a-rule] it\'s "theirs"',
        "it's x  # regconf: ignore[a-rule] the vendor's",
    ],
)
def test_an_ignore_is_for_its_own_line_or_the_one_below(text: str) -> None:
    line = text.count("\n") + 1
    assert left(text, finding(line)) == []
    assert about(text, finding(line), finding(line, "another-rule")) == []


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("# regconf: ignore[a-rule] reason\n\nx", 3, "two lines below"),
        ("x\n# regconf: ignore[a-rule] reason", 1, "the line above"),
        ("x # regconf: ignore[another-rule] reason", 1, "another rule"),
        ("x # regconf: ignore[a-rule] reason\ny", 2, "it stands behind something"),
        ("x # regconf: ignore[a-rule]", 1, "no reason"),
        ("x # regconf: ignore[a-rule]   ", 1, "blanks are no reason"),
        ("x <!-- regconf: ignore[a-rule] -->", 1, "the end of a comment is no reason"),
        ("x # regconf: ignore reason", 1, "no rule"),
        ("x # regconf: ignore[] reason", 1, "no rule in the brackets"),
        ("x # regconf: ignore[*] reason", 1, "no rule has this name"),
        ("x regconf: ignore[a-rule] reason", 1, "it is in no comment"),
        ("x # gitleaks:allow", 1, "another tool"),
        ("harem regconf: ignore[a-rule] reason", 1, "REM is a word"),
        ("remregconf: ignore[a-rule] reason", 1, "REM is a word"),
        ("/* regconf: ignore[a-rule] */ x", 1, "what is behind a comment is no reason"),
        ("{# regconf: ignore[a-rule] #}", 1, "the end of a comment is no reason"),
        ("/* regconf: ignore[a-rule] reason */ x\ny", 2, "something stands behind it"),
    ],
)
def test_what_does_not_count(text: str, line: int, why: str) -> None:
    assert left(text, finding(line)) == [finding(line)], why


def test_without_a_reason_or_a_rule_it_is_a_finding_itself() -> None:
    assert about("# regconf: ignore[a-rule]\n# regconf: ignore why") == [
        "1:ignore-without-reason: this ignore gives no reason, and is not followed",
        "2:ignore-without-reason: this ignore names no rule, and is not followed",
    ]


def test_one_that_matches_nothing_is_a_finding() -> None:
    (message,) = about("# regconf: ignore[a-rule] reason")
    assert message.startswith("1:ignore-without-effect: this ignore is for a-rule, which finds")
    assert about("x # regconf: ignore[a-rule] reason", finding(1)) == []


def test_each_of_its_rules_must_match() -> None:
    (message,) = about("x # regconf: ignore[a-rule, another-rule] reason", finding(1))
    assert "another-rule" in message


def test_a_rule_that_does_not_exist() -> None:
    (message,) = about("x # regconf: ignore[a-rul] reason")
    assert "there is no rule 'a-rul'" in message


def test_of_a_rule_that_was_not_run_it_cannot_be_told() -> None:
    assert about("# regconf: ignore[a-rule] reason", chosen={"another-rule"}) == []


@pytest.mark.parametrize(
    "text",
    [
        "Write `# regconf: ignore[a-rule] reason` there.",
        "Write `x # regconf: ignore[a-rule] reason` there.",
        'echo "# regconf: ignore[a-rule] reason"',
        "echo 'x  # regconf: ignore[a-rule] reason'",
        "b'x # regconf: ignore[a-rule] reason'",
        r"x = 'it\'s # regconf: ignore[a-rule] reason'",
        r"x 'C:\' 'y # regconf: ignore[a-rule] reason'",
        'PASSWORD="x # regconf: ignore[a-rule] reason"',
        'PASSWORD="x\\" # regconf: ignore[a-rule] reason"',
        "# as in `# regconf: ignore[a-rule] reason`",
        '"""# regconf: ignore[a-rule] reason',
        '("# regconf: ignore[a-rule]',
        "`<!-- regconf: ignore -->`",
    ],
)
def test_what_only_mentions_it_is_neither_followed_nor_reported(text: str) -> None:
    assert left(text, finding(1)) == [finding(1)]
    assert about(text) == []


def test_behind_a_mention_there_may_be_one() -> None:
    text = "say `# regconf: ignore[another-rule] so` <!-- regconf: ignore[a-rule] an example -->"
    assert left(text, finding(1)) == []
    assert about(text, finding(1)) == []


@pytest.mark.parametrize(
    "value",
    [
        '"x # regconf: ignore[a-rule] reason"',
        "'x # regconf: ignore[a-rule] reason'",
        "x // regconf:ignore[a-rule] reason",
        "x#% regconf:ignore[a-rule] reason",
        '"x\n  # regconf: ignore[a-rule] reason\n  y"',
    ],
)
@pytest.mark.parametrize("path", ["a.yaml", "a.YML", "a.json"])
def test_in_a_value_of_yaml_it_is_no_comment(value: str, path: str) -> None:
    text = f"password: {value}\n"
    line = text.count("\n")
    assert left(text, finding(line), path=path) == [finding(line)]
    assert about(text, path=path) == []


@pytest.mark.parametrize(
    "text",
    [
        'a: "b" # regconf: ignore[a-rule] reason',
        "a: b # regconf: ignore[a-rule] reason",
        "a: [b, 'c']  # regconf: ignore[a-rule] reason",
        "a: |\n  echo b # regconf: ignore[a-rule] reason",
        "a: {{ b }}: c # regconf: ignore[a-rule] a template that does not parse",
    ],
)
def test_in_yaml_comments_and_those_of_scripts_count(text: str) -> None:
    line = text.count("\n") + 1
    assert left(text, finding(line), path="a.yaml") == []


@pytest.mark.parametrize(
    "text",
    [
        "# regconf: ignore[a-rule] reason\npassword: |\n  x\n  y\n",
        "a: b\npassword: | # regconf: ignore[a-rule] reason\n  x\n  y\n",
        "a:\n- >-  # regconf: ignore[a-rule] reason\n  x\n  y",
    ],
)
def test_one_for_the_header_of_a_block_is_for_its_first_line(text: str) -> None:
    assert left(text, finding(3), path="a.yaml") == []
    assert about(text, finding(3), path="a.yaml") == []
    assert left(text, finding(4), path="a.yaml") == [finding(4)]


def test_the_first_line_of_a_block_is_one_that_is_not_blank() -> None:
    text = "password: | # regconf: ignore[a-rule] reason\n\n \n  x\n  y\n"
    found = [finding(line) for line in (2, 3, 4, 5)]
    assert left(text, *found, path="a.yaml") == [finding(2), finding(3), finding(5)]


@pytest.mark.parametrize(
    "text",
    [
        "password: | # regconf: ignore[a-rule] reason\nother: x\n",
        "password: | # regconf: ignore[a-rule] reason\n  # of the script\n\nother: x\n",
        "a: b # regconf: ignore[a-rule] reason\npassword: |\n  x\n",
        "# regconf: ignore[a-rule] reason\n\npassword: |\n  x\n",
    ],
)
def test_no_other_line_of_a_block_or_behind_it(text: str) -> None:
    last = finding(len(text.splitlines()))
    assert left(text, last, path="a.yaml") == [last]


@pytest.mark.parametrize(
    "line",
    [
        "# regconf: ignore[a-rule]" + " " * 200_000 + "x",
        "# regconf: ignore" + "\t" * 200_000,
        "#" * 200_000 + " regconf:",
        "# " * 100_000 + "regconf:",
        "-" * 200_000 + " regconf:",
        "`# regconf: ignore` " * 20_000,
        '"# regconf: ignore' + '\\"' * 100_000,
        "# regconf: ignore[" * 20_000,
        "`# regconf: ignore[" * 20_000,
        "regconf:" + "'" * 100_001 + "# regconf: ignore",
    ],
)
def test_no_line_takes_long(line: str) -> None:
    began = time.process_time()
    ignores(line, "f")
    assert time.process_time() - began < 1
