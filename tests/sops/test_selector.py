from __future__ import annotations

import pytest

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops.selector import DEFAULT, Selector


@pytest.mark.parametrize(
    ("kind", "value", "path", "covered"),
    [
        ("encrypted_regex", "^(data|stringData)$", ("data", "values"), True),
        ("encrypted_regex", "^(data|stringData)$", ("metadata", "data"), True),
        ("encrypted_regex", "^(data|stringData)$", ("metadata", "name"), False),
        ("encrypted_regex", "dat", ("metadata", "name"), True),
        ("unencrypted_regex", "^metadata$", ("metadata", "name"), False),
        ("unencrypted_regex", "^metadata$", ("data", "name"), True),
        ("encrypted_suffix", "_enc", ("a_enc", "b"), True),
        ("encrypted_suffix", "_enc", ("a_enc_", "b"), False),
        ("unencrypted_suffix", "_unencrypted", ("a_unencrypted", "b"), False),
        ("unencrypted_suffix", "_unencrypted", ("a", "b"), True),
    ],
)
def test_any_component_of_the_path_decides(
    kind: str, value: str, path: tuple[str, ...], covered: bool
) -> None:
    assert Selector(kind, value).covers(path) is covered


def test_the_default_is_that_of_sops() -> None:
    assert (DEFAULT.kind, DEFAULT.value) == ("unencrypted_suffix", "_unencrypted")


@pytest.mark.parametrize("value", ["(", r"(?<!a)b", r"(a)\1"])
def test_what_re2_does_not_know_is_refused_with_a_mend(value: str) -> None:
    with pytest.raises(InvalidInput, match="RE2"):
        Selector("encrypted_regex", value).covers(["a"])


@pytest.mark.parametrize(("kind", "value"), [("encrypted", "x"), ("encrypted_regex", "")])
def test_a_selector_is_one_of_six_with_a_value(kind: str, value: str) -> None:
    with pytest.raises(InvalidInput):
        Selector(kind, value)
