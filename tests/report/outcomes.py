"""Outcomes to report, and the worst that a file's name or a message can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from gitops_regconf.errors import CannotCheck, InvalidInput, RegconfError, Several
from gitops_regconf.findings import Finding
from gitops_regconf.lint.outcome import Outcome
from gitops_regconf.source.position import Position

AT = Position("clusters/alpha.yaml", 3, 5)


def finding(message: str = "this is no host", **more: Any) -> Finding:
    values: dict[str, Any] = {
        "rule": "endpoint-form",
        "at": AT,
        "mend": "Write the host alone.",
        **more,
    }
    return Finding(message=message, **values)


def outcome(
    *findings: Finding,
    errors: tuple[RegconfError, ...] = (),
    checked: Mapping[str, int] | None = None,
    excerpts: Mapping[Finding, str] | None = None,
) -> Outcome:
    return Outcome(findings, errors, checked or {}, excerpts or {})


NASTY = [
    *("", "::error::x", " \t::stop-commands::x", "a\n::error::b", "a\r::error::b", "##[error]x"),
    *("\x1b[31mred\x1b[0m", "\x9b31m", "\u202eright", "\u2028", "\x85", "\x00", "\x7f", "\udcff"),
    *("\ud800", "a|b", "a\\|b", "`|`", "`", "``", "<script>x</script>", "<!--", "[a](http://b)"),
    *("![a](b)", "| --- |", "# h", "* a", "www.example.com", "http://x", "&amp;", "{0}", "%0A"),
    *("a,b:c=d", "größe 漢字 👍", "../x", "/etc/x", "a b%20", "C:\\x", "~~x~~", "**b**", "x@y.z"),
]
texts = st.one_of(
    st.text(st.characters(exclude_categories=())),
    st.lists(st.sampled_from(NASTY), min_size=1, max_size=4).map("".join),
)
positions = st.builds(Position, texts, st.integers(0, 99), st.integers(0, 99))
findings = st.builds(
    Finding,
    rule=st.sampled_from(["endpoint-form", "registry-name", "of-no-module"]),
    at=positions,
    message=texts,
    mend=texts,
    severity=st.sampled_from(["error", "warning"]),
    length=st.integers(0, 200),
)
single_errors: st.SearchStrategy[RegconfError] = st.sampled_from(
    [CannotCheck, InvalidInput]
).flatmap(lambda kind: st.builds(kind, texts, at=st.none() | positions, mend=st.none() | texts))
errors: st.SearchStrategy[RegconfError] = st.one_of(
    single_errors, st.builds(Several, st.lists(single_errors, min_size=1, max_size=3))
)


@st.composite
def outcomes(draw: st.DrawFn) -> Outcome:
    found = draw(st.lists(findings, max_size=30))
    lines = draw(st.dictionaries(st.sampled_from(found), texts) if found else st.just({}))
    checked = draw(st.dictionaries(st.sampled_from(["files", "clusters"]), st.integers(0, 9)))
    return Outcome(tuple(found), tuple(draw(st.lists(errors, max_size=4))), checked, lines)
