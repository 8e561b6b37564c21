"""Where a credential stands: in whatever text it is packed, the place is one in the file."""

from __future__ import annotations

import base64
import textwrap

import pytest

from gitops_regconf.lint.file import File
from gitops_regconf.lint.rules.plaintext_credentials import of_file
from tests.lint.plaintext.catalogue import Maker

PASSWORD = Maker("places").password()


def place(text: str, path: str = "a.yaml") -> list[tuple[int, int, int]]:
    found = of_file(File(path, text.encode()))
    return [(finding.at.line, finding.at.column, finding.length) for finding in found]


def expected(text: str, marked: str = PASSWORD) -> list[tuple[int, int, int]]:
    before = text[: text.index(marked)]
    return [(before.count("\n") + 1, len(before) - before.rfind("\n"), len(marked))]


@pytest.mark.parametrize(
    "text",
    [
        f"password: {PASSWORD}\n",
        f"password: '{PASSWORD}'\n",
        f"password: &anchor !!str {PASSWORD}\n",
        f"password: |\n  {PASSWORD}\n",
        f"password: >- # folded\n\n  {PASSWORD}\n",
        f'a: "x: 1\\npassword: {PASSWORD}\\n"\n',
        f"a: 'it''s {{password: {PASSWORD}}}\n  '\nb: password={PASSWORD[:0]}\n",
        f"a: |\n  b: |\n    c: |\n      password: {PASSWORD}\n",
        f'a: |\n  b: "{{\\"password\\": \\"{PASSWORD}\\"}}"\n',
        f"ä: ö # ü\npassword: {PASSWORD} # ß\n",
    ],
)
def test_a_credential_is_found_to_the_column(text: str) -> None:
    assert place(text) == expected(text)


def test_a_value_of_several_lines_is_marked_on_its_first() -> None:
    text = "kind: Secret\nstringData:\n  a: |\n    one\n    two\n"
    assert place(text) == [(4, 5, 3)]


@pytest.mark.parametrize("before", [0, 1, 20, 200])
def test_base64_on_several_lines_is_marked_where_the_credential_is(before: int) -> None:
    content = "x: 1\n" * before + f"password: {PASSWORD}\n" + "y: 2\n" * 30
    packed = textwrap.wrap(base64.b64encode(content.encode()).decode(), 60)
    text = "data:\n  a: |\n" + "".join(f"    {line}\n" for line in packed)
    at = content.index(PASSWORD) * 4 // 3
    ((line, column, _),) = place(text)
    assert (line, column) == (3 + at // 60, 5 + at % 60)


def test_what_is_inside_a_leaf_of_a_secret_takes_its_place() -> None:
    text = f"kind: Secret\nstringData:\n  a: |\n    user: x\n    password: {PASSWORD}\n"
    assert place(text) == expected(text)


def test_an_alias_is_found_at_its_anchor_once() -> None:
    text = f"kind: Secret\nbase: &a {{x: {PASSWORD}}}\nstringData: *a\ndata: *a\n"
    assert place(text) == expected(text)


def test_a_token_under_the_name_of_a_credential_is_one_finding() -> None:
    token = "gh" + "p_" + "a1B2c3D4e5F6" * 3
    text = f"registry:\n  token: {token}\n"
    assert place(text) == expected(text, token)


def test_the_message_names_the_place() -> None:
    text = f"spec:\n  registry:\n    password: {PASSWORD}\n"
    (finding,) = of_file(File("a.yaml", text.encode()))
    assert finding.message == "the value of password in spec.registry is in clear"


def test_a_key_that_may_be_a_credential_is_not_repeated() -> None:
    text = f"kind: Secret\nstringData:\n  {PASSWORD}: {PASSWORD}\n"
    findings = list(of_file(File("a.yaml", text.encode())))
    assert len(findings) == 1
    assert PASSWORD not in str(findings)


@pytest.mark.parametrize("sign", ["!", "&"])
@pytest.mark.parametrize("before", ["password: ", "kind: Secret\nstringData:\n  colour: "])
def test_a_password_that_yaml_takes_for_a_tag_or_an_anchor(before: str, sign: str) -> None:
    text = f"{before}{sign}{PASSWORD}\n"
    assert place(text) == expected(text, f"{sign}{PASSWORD}")


@pytest.mark.parametrize("value", ["", "!!null", "!!str", "~", "''", "!vault |"])
def test_an_empty_value_is_no_password(value: str) -> None:
    assert place(f"password: {value}\nb: 1\n") == []
