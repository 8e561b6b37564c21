"""What a rule's docstring must say, and that the pages say the same."""

from __future__ import annotations

import pytest
import yaml

from gitops_regconf.lint.documentation import (
    Documentation,
    Example,
    MalformedDocumentationError,
    documented_rules,
    parse,
)
from gitops_regconf.lint.rule_set import all_rules
from tools import rule_docs

SHORT = """An endpoint is a host.

Why: charts put `https://` before it,
on two lines.

Bad: `endpoint: https://x`
Good: `endpoint: x`, which is a host
Mend: write the host
alone.
"""
LONG = """An endpoint is a host.

Why: charts put `https://` before it.

It has a second paragraph.

Bad:
    endpoint: https://x

    more:
    - x

Good: for a host
with a port
    endpoint: x:5000
Mend:
write the host.
"""


def test_a_short_docstring() -> None:
    assert parse("a", SHORT) == Documentation(
        id="a",
        what="An endpoint is a host.",
        why="charts put `https://` before it,\non two lines.",
        bad=Example("", "endpoint: https://x"),
        good=Example("`endpoint: x`, which is a host", ""),
        mend="write the host\nalone.",
    )


def test_a_docstring_with_blocks() -> None:
    assert parse("a", LONG, stops_regenerate=True) == Documentation(
        id="a",
        what="An endpoint is a host.",
        why="charts put `https://` before it.\n\nIt has a second paragraph.",
        bad=Example("", "endpoint: https://x\n\nmore:\n- x"),
        good=Example("for a host with a port", "endpoint: x:5000"),
        mend="write the host.",
        stops_regenerate=True,
    )


@pytest.mark.parametrize(
    ("docstring", "problem"),
    [
        ("", "the first line is no sentence"),
        (SHORT.replace("a host.\n", "a host\n"), "the first line is no sentence"),
        (SHORT.replace("host.\n\n", "host.\n", 1), "no blank line follows the first one"),
        (SHORT.replace("Why:", "Because:"), "'Because: charts put .*' belongs to no part"),
        (SHORT.replace("Bad: `endpoint: https://x`\n", ""), "the parts are Why, Good, Mend, not"),
        (SHORT.replace("Good:", "Bad:"), "Bad stands there twice"),
        (SHORT.replace("Bad:", "X:").replace("Good:", "Bad:").replace("X:", "Good:"), "Why, Good"),
        (SHORT.replace("Good: `endpoint: x`, which is a host", "Good:"), "Good shows nothing"),
        (SHORT.replace("write the host\nalone.", ""), "Mend says nothing"),
        (LONG.replace("    - x\n", "    - x\nand so on\n"), "text follows the code of Bad"),
    ],
)
def test_another_form_is_refused_by_the_name_of_the_rule(docstring: str, problem: str) -> None:
    with pytest.raises(MalformedDocumentationError, match=f"^a-rule: .*{problem}"):
        parse("a-rule", docstring)


def test_every_rule_is_documented() -> None:
    assert list(documented_rules()) == sorted(all_rules())


@pytest.mark.parametrize("rule", documented_rules().values(), ids=lambda rule: rule.id)
def test_examples_are_yaml(rule: Documentation) -> None:
    for example in (rule.bad, rule.good):
        yaml.safe_load(example.code)


def test_the_pages_are_up_to_date() -> None:
    """Where this fails: python tools/rule_docs.py."""
    written = {
        path.name: path.read_text(encoding="utf-8") for path in rule_docs.FOLDER.glob("*.md")
    }
    assert written == rule_docs.pages(documented_rules().values())
