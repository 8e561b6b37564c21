"""What the rules say about themselves."""

from __future__ import annotations

from gitops_regconf.lint.documentation import Documentation, Example, documented_rules
from gitops_regconf.report.rules import body, index, page, plain, rule_list

HOST = Documentation(
    "endpoint-form",
    "An endpoint is a host.",
    "charts put\n`https://` before it.",
    Example("for any chart", "endpoint: https://x"),
    Example("", "endpoint: x"),
    "write the host alone.",
    stops_regenerate=True,
)
NAME = Documentation(
    "name", "A name is one.", "so.", Example("none", ""), Example("one", ""), "name it."
)


def test_a_list_has_a_line_for_each_rule() -> None:
    assert rule_list([HOST, NAME]) == (
        "endpoint-form  An endpoint is a host.\nname           A name is one."
    )
    assert rule_list([]) == ""


def test_a_list_has_all_rules() -> None:
    lines = rule_list(documented_rules().values()).splitlines()
    assert [line.split()[0] for line in lines] == sorted(documented_rules())


def test_a_page_shows_examples_as_code() -> None:
    assert page(HOST) == (
        "<!-- Written by tools/rule_docs.py from gitops_regconf/lint/rules/endpoint_form.py. -->\n"
        "\n"
        "# endpoint-form\n"
        "\n"
        "An endpoint is a host.\n"
        "\n"
        "**Why:** charts put\n"
        "`https://` before it.\n"
        "\n"
        "A finding stops `regconf regenerate`.\n"
        "\n"
        "**Bad:** for any chart\n"
        "\n"
        "```yaml\n"
        "endpoint: https://x\n"
        "```\n"
        "\n"
        "**Good:**\n"
        "\n"
        "```yaml\n"
        "endpoint: x\n"
        "```\n"
        "\n"
        "**Mend:** write the host alone.\n"
    )


def test_a_page_shows_words_as_words() -> None:
    assert body(NAME) == "**Why:** so.\n\n**Bad:** none\n\n**Good:** one\n\n**Mend:** name it."


def test_plain_text_has_no_fences() -> None:
    assert plain(HOST) == (
        "Why: charts put\n`https://` before it.\n\n"
        "Bad: for any chart\nendpoint: https://x\n\n"
        "Good: endpoint: x\n\n"
        "Mend: write the host alone."
    )


def test_the_index_leads_to_every_page() -> None:
    assert index([HOST, NAME]).endswith(
        "# Rules\n\n"
        "* [endpoint-form](endpoint-form.md): An endpoint is a host.\n"
        "* [name](name.md): A name is one.\n"
    )
