"""Whether credentials have an effect: by what a registry asks for, the form and containerd."""

from __future__ import annotations

import itertools
from typing import get_args, get_type_hints

import pytest

from gitops_regconf.registries.challenges import (
    HEADER_REACHES_TOKEN_SERVICE,
    Challenge,
    Effect,
    challenge,
    effect,
)
from gitops_regconf.registries.charts import Form
from gitops_regconf.registries.known import known
from gitops_regconf.registries.node import Login
from gitops_regconf.source.position import Position

AT = Position("")
USER = Login({"username": "robot", "password": "fake"}, AT)
AUTH = Login({"auth": "ZmFrZQ=="}, AT)
TOKEN = Login({"identitytoken": "fake"}, AT)
OLD, NEW = (2, 0), HEADER_REACHES_TOKEN_SERVICE
UNHEARD_OF = "registry.acme.example"


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("registry-1.docker.io", Challenge("token", "challenged", None, "yes")),
        ("registry-1.docker.io:443/v2", Challenge("token", "challenged", None, "yes")),
        ("gsoci.azurecr.io", Challenge("token", "accepted", "refused", "yes")),
        ("a.b.azurecr.io", Challenge("token", "accepted", "refused", "yes")),
        ("azurecr.io", Challenge()),
        ("1.dkr.ecr.eu-central-1.amazonaws.com", Challenge("basic", "accepted", "refused")),
        ("registry.k8s.io", Challenge("none")),
        ("evil-registry.k8s.io", Challenge()),
        (UNHEARD_OF, Challenge()),
        ("docker.io.acme.example", Challenge()),
    ],
)
def test_of_a_host_is_known_what_its_row_says(endpoint: str, expected: Challenge) -> None:
    assert challenge(endpoint) == expected


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("host", ["gsoci.azurecr.io", "registry-1.docker.io", UNHEARD_OF])
def test_incomplete_credentials_have_no_effect_anywhere(form: Form, host: str) -> None:
    found = effect(host, Login({}, AT), form, NEW)
    assert found.effective is False
    assert "incomplete" in found.why


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("login", [USER, AUTH, TOKEN])
def test_a_registry_without_accounts_takes_no_credentials(form: Form, login: Login) -> None:
    assert effect("registry.k8s.io", login, form, NEW).effective is False


# Host, credentials, and whether they have an effect before containerd 2.1 and from it on.
HEADERS = [
    ("gsoci.azurecr.io", USER, True, True),
    ("gsoci.azurecr.io", AUTH, True, True),
    ("gsoci.azurecr.io", TOKEN, False, False),
    ("registry-1.docker.io", USER, False, True),
    ("registry-1.docker.io", AUTH, False, True),
    ("registry-1.docker.io", TOKEN, None, None),
    ("quay.io", USER, False, True),
    ("quay.io", TOKEN, False, False),
    ("ghcr.io", USER, None, None),
    ("ghcr.io", TOKEN, True, True),
    ("public.ecr.aws", USER, False, False),
    ("public.ecr.aws", TOKEN, True, True),
    ("1.dkr.ecr.eu-central-1.amazonaws.com", USER, True, True),
    ("1.dkr.ecr.eu-central-1.amazonaws.com", TOKEN, False, False),
    ("docker.elastic.co", USER, None, None),
    (UNHEARD_OF, USER, None, None),
    (UNHEARD_OF, TOKEN, None, None),
]


@pytest.mark.parametrize(("host", "login", "before", "since"), HEADERS)
def test_a_header_has_an_effect_where_the_registry_takes_it(
    host: str, login: Login, before: bool | None, since: bool | None
) -> None:
    for containerd in ((1, 6), (1, 7), OLD):
        assert effect(host, login, Form.HOSTS, containerd).effective is before
    for containerd in (NEW, (2, 4), (3, 0)):
        assert effect(host, login, Form.HOSTS, containerd).effective is since


def test_before_containerd_2_1_a_pull_from_docker_hub_is_anonymous_and_says_so() -> None:
    assert "anonymous" in effect("registry-1.docker.io", USER, Form.HOSTS, OLD).why
    assert "anonymous" in effect(UNHEARD_OF, USER, Form.HOSTS, OLD).why
    assert "anonymous" not in effect(UNHEARD_OF, USER, Form.HOSTS, NEW).why


# Host, credentials, and whether `registry.configs` gives them an effect.
CONFIGURED = [
    ("registry-1.docker.io", USER, True),
    ("registry-1.docker.io", AUTH, True),
    ("registry-1.docker.io", TOKEN, True),
    ("public.ecr.aws", USER, True),
    (UNHEARD_OF, USER, True),
    (UNHEARD_OF, TOKEN, None),
    ("quay.io", TOKEN, False),
    ("1.dkr.ecr.eu-central-1.amazonaws.com", TOKEN, False),
]


@pytest.mark.parametrize(("host", "login", "expected"), CONFIGURED)
def test_configured_credentials_answer_what_a_registry_asks_for(
    host: str, login: Login, expected: bool | None
) -> None:
    forms = [Form.BARE, Form.DROP_IN, Form.CONFIG]
    for form, containerd in itertools.product(forms, [(1, 6), OLD, NEW]):
        assert effect(host, login, form, containerd).effective is expected


def test_every_effect_says_why() -> None:
    hosts = [pattern.replace("*", "x") for pattern in known("registries.yaml")]
    cases = itertools.product([*hosts, UNHEARD_OF], [USER, AUTH, TOKEN], Form, [OLD, NEW])
    for host, login, form, containerd in cases:
        found = effect(host, login, form, containerd)
        assert found == Effect(found.effective, found.why)
        assert found.why


@pytest.mark.parametrize(("pattern", "row"), known("registries.yaml").items())
def test_a_row_has_known_words_a_source_and_an_effect(pattern: str, row: dict[str, str]) -> None:
    words = {
        name: {word for part in get_args(hint) for word in get_args(part)}
        for name, hint in get_type_hints(Challenge).items()
    }
    assert row["source"]
    assert set(row) <= {*words, "source"}
    for name, allowed in words.items():
        assert row.get(name) in {*allowed, None}
    # No row before it hides it.
    found = challenge(pattern.replace("*", "x"))
    assert [getattr(found, name) for name in words] == [row.get(name) for name in words]
