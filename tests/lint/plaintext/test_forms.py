"""Every form of a leak is found, once and in its place; nothing that only looks like one is."""

from __future__ import annotations

import base64
import codecs

import pytest

from gitops_regconf.findings import Finding
from gitops_regconf.lint.file import File
from gitops_regconf.lint.plaintext import is_candidate, masked
from gitops_regconf.lint.rules.plaintext_credentials import of_file
from tests.lint.plaintext.catalogue import Form, LookAlike
from tests.lint.plaintext.leaks import LEAKS
from tests.lint.plaintext.look_alikes import LOOK_ALIKES

every_leak = pytest.mark.parametrize("form", LEAKS, ids=[form.id for form in LEAKS])
every_look_alike = pytest.mark.parametrize(
    "form", LOOK_ALIKES, ids=[form.id for form in LOOK_ALIKES]
)


def found(form: Form | LookAlike, content: bytes | None = None) -> list[Finding]:
    return list(of_file(File(form.path, form.content if content is None else content)))


def lines(findings: list[Finding]) -> list[int]:
    return [finding.at.line for finding in findings]


@every_leak
def test_each_credential_is_found_once_on_its_line(form: Form) -> None:
    assert lines(found(form)) == list(form.lines)


@every_leak
def test_the_column_is_that_of_the_credential(form: Form) -> None:
    for finding, column in zip(found(form), form.columns, strict=True):
        assert not column or finding.at.column == column
        assert finding.length > 0


@every_leak
def test_nothing_that_is_shown_repeats_a_credential(form: Form) -> None:
    source = form.content.decode().split("\n")
    for finding in found(form):
        start = finding.at.column - 1
        line = source[finding.at.line - 1].rstrip("\r")
        shown = masked(line, [(start, start + finding.length)])
        assert len(shown) == len(line)
        for secret in form.secret:
            for text in (finding.message, finding.mend, str(finding), shown):
                assert secret not in text


@every_leak
def test_every_form_is_a_candidate(form: Form) -> None:
    assert is_candidate(form.content)


@every_look_alike
def test_nothing_is_found_in_a_look_alike(form: LookAlike) -> None:
    assert found(form) == []


ENCODINGS = {
    "utf-8-with-mark": (codecs.BOM_UTF8, "utf-8"),
    "utf-16-le": (b"", "utf-16-le"),
    "utf-16-be": (b"", "utf-16-be"),
    "utf-16-le-with-mark": (codecs.BOM_UTF16_LE, "utf-16-le"),
    "utf-16-be-with-mark": (codecs.BOM_UTF16_BE, "utf-16-be"),
    "utf-32-le-with-mark": (codecs.BOM_UTF32_LE, "utf-32-le"),
}


@every_leak
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_no_encoding_hides_a_leak(form: Form, encoding: str) -> None:
    mark, name = ENCODINGS[encoding]
    content = mark + form.content.decode().encode(name)
    assert is_candidate(content)
    assert lines(found(form, content)) == list(form.lines)


@every_leak
def test_line_ends_of_windows_hide_nothing(form: Form) -> None:
    content = form.content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert lines(found(form, content)) == list(form.lines)


@every_leak
@pytest.mark.parametrize("times", [1, 2])
def test_base64_in_a_config_map_hides_nothing(form: Form, times: int) -> None:
    content = form.content
    for _ in range(times):
        content = base64.b64encode(content)
    text = b"kind: ConfigMap\ndata:\n  packed: " + content + b"\n"
    findings = found(form, text)
    assert findings
    assert set(lines(findings)) == {3}


@every_leak
def test_a_tree_of_other_yaml_around_it_hides_nothing(form: Form) -> None:
    inner = "".join(f"    {line}\n" for line in form.content.decode().splitlines())
    text = f"kind: ConfigMap\ndata:\n  file: |\n{inner}"
    findings = list(of_file(File("config.yaml", text.encode())))
    assert lines(findings) == [line + 3 for line in form.lines]
