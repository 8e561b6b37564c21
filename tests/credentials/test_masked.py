"""What people are shown of a Secret: whatever could be secret is masked, whoever put it there."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from gitops_regconf import sops
from gitops_regconf.credentials.masked import masked_pair

SECRET, RECIPIENT = sops.generate_key()
IDENTITIES = sops.Identities.of(SECRET)


def secret(values: Any, key: str = "values.yaml") -> str:
    text = values if isinstance(values, str) else sops.emit(values, indent=2)
    return sops.encrypt(
        {"kind": "Secret", "data": {key: base64.b64encode(text.encode()).decode()}},
        recipients=[RECIPIENT],
        encrypted_regex="^data$",
    )


def registries(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"connectivity": {"containerRegistries": {"docker.io": list(entries)}}}


def entry(endpoint: str, password: str) -> dict[str, Any]:
    return {"endpoint": endpoint, "credentials": {"username": "canary", "password": password}}


def test_a_changed_credential_is_marked_and_never_shown() -> None:
    old = secret(registries(entry("a", "canary-1"), entry("b", "canary-2")))
    new = secret(registries(entry("b", "canary-2"), entry("a", "canary-3")))
    pair = masked_pair(old, new, IDENTITIES)
    assert pair is not None
    assert "canary" not in "".join(pair)
    assert pair[0].count("<masked, old value>") == 1
    assert pair[1].count("<masked, new value>") == 1
    assert "endpoint: a" in pair[0]


@pytest.mark.parametrize(
    "values",
    [
        {"token": "canary"},
        {"endpoint": "https://user:canary@host"},
        {"endpoint": {"nested": "canary"}},
        {"mirroredRegistries": [{"x": "canary"}]},
        {"a": [["canary"]]},
        "canary",
        "- canary\n",
    ],
)
def test_what_somebody_else_put_there_is_masked_by_position(values: Any) -> None:
    pair = masked_pair(None, secret(values), IDENTITIES)
    assert pair is None or "canary" not in pair[1]


def test_without_the_key_nothing_is_shown() -> None:
    other = sops.Identities.of(sops.generate_key()[0])
    assert masked_pair(None, secret({"a": "b"}), other) is None
    assert masked_pair(None, "no: secret\n", IDENTITIES) is None
