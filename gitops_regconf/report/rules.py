"""What the rules say about themselves: a list for a terminal, and pages in Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from gitops_regconf.lint.documentation import Documentation, Example


def rule_list(rules: Iterable[Documentation]) -> str:
    """A line for each rule: its id, and what must hold."""
    known = list(rules)
    width = max((len(rule.id) for rule in known), default=0)
    return "\n".join(f"{rule.id:{width}}  {rule.what}" for rule in known)


def body(rule: Documentation) -> str:
    """All there is to say about a rule but its name and first sentence, as Markdown."""
    stops = "A finding stops `regconf regenerate`."
    paragraphs = [
        f"**Why:** {rule.why}",
        stops if rule.stops_regenerate else "",
        f"**Bad:**{_example(rule.bad)}",
        f"**Good:**{_example(rule.good)}",
        f"**Mend:** {rule.mend}",
    ]
    return "\n\n".join(filter(None, paragraphs))


def plain(rule: Documentation) -> str:
    """The same where Markdown is not rendered."""
    bad, good = ("\n".join(filter(None, (one.text, one.code))) for one in (rule.bad, rule.good))
    return f"Why: {rule.why}\n\nBad: {bad}\n\nGood: {good}\n\nMend: {rule.mend}"


def page(rule: Documentation) -> str:
    """The page of one rule."""
    source = f"gitops_regconf/lint/rules/{rule.id.replace('-', '_')}.py"
    return f"{_made_from(source)}# {rule.id}\n\n{rule.what}\n\n{body(rule)}\n"


def index(rules: Iterable[Documentation]) -> str:
    """The page that leads to the others."""
    entries = "\n".join(f"* [{rule.id}]({rule.id}.md): {rule.what}" for rule in rules)
    return f"{_made_from('gitops_regconf/lint/rules/')}# Rules\n\n{entries}\n"


def _made_from(source: str) -> str:
    return f"<!-- Written by tools/rule_docs.py from {source}. -->\n\n"


def _example(example: Example) -> str:
    """What follows the label: words beside it, code below."""
    text = f" {example.text}" if example.text else ""
    code = f"\n\n```yaml\n{example.code}\n```" if example.code else ""
    return text + code
