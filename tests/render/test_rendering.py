"""Values documents, components and digests: text from data, with nothing secret in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml

from gitops_regconf import sops
from gitops_regconf.errors import InvalidInput, Refused
from gitops_regconf.fleet.model import Account, Output
from gitops_regconf.fleet.references import Append, Create, Keep, Reference, Swap
from gitops_regconf.registries.charts import Interface
from gitops_regconf.registries.model import Cache, Entry, Placeholder, ResolvedCluster
from gitops_regconf.render.components import component, escaped
from gitops_regconf.render.header import is_generated
from gitops_regconf.render.secret import Secret, digest
from gitops_regconf.render.values import filled, values_document
from gitops_regconf.source.position import Position

AT = Position("regconf.yaml", 1, 1)
REFERENCE = Reference("registries", "default", 25)
_, RECIPIENT = sops.generate_key()


def account(name: str, **fields: str) -> Account:
    text = sops.encrypt({"spec": fields}, recipients=[RECIPIENT], encrypted_regex="^spec$")
    return Account(name, f"{name}.enc.yaml", tuple(fields), None, None, sops.parse(text))


ACCOUNTS = {"hub": account("hub", username="u", password="p"), "tok": account("tok", auth="dTpw")}
RESOLVED = ResolvedCluster(
    {
        "docker.io": (
            Entry("registry-1.docker.io", account="hub"),
            Entry("mirror", flags=(("insecure", True),)),
            Entry("other", account="absent", optional=True),
        )
    }
)


@pytest.mark.parametrize("interface", Interface)
def test_the_values_stand_where_the_chart_reads_them(interface: Interface) -> None:
    document: Any = values_document(RESOLVED, interface, ACCOUNTS, AT)
    for step in interface.value.split("."):
        (document,) = (document[step],)
    assert document == {
        "containerRegistries": {
            "docker.io": [
                {
                    "endpoint": "registry-1.docker.io",
                    "credentials": {
                        "username": Placeholder("hub", "username"),
                        "password": Placeholder("hub", "password"),
                    },
                },
                {"endpoint": "mirror", "insecure": True},
                {"endpoint": "other"},
            ]
        }
    }


def test_an_account_that_is_not_stored_is_an_error_at_the_entry() -> None:
    entry = Entry("host", account="absent", decided_at=Position("wc/regconf.yaml", 7, 3))
    with pytest.raises(InvalidInput, match="absent") as caught:
        values_document(ResolvedCluster({"r": (entry,)}), Interface.COMPONENTS, {}, AT)
    assert caught.value.at == Position("wc/regconf.yaml", 7, 3)


def test_caches_are_rendered_and_refused_where_the_chart_knows_none() -> None:
    resolved = ResolvedCluster(
        {}, Cache(True, 32767, ("docker.io",)), Cache(False, None, ("gsoci.azurecr.io",))
    )
    document = values_document(resolved, Interface.COMPONENTS, {}, AT)
    assert document["global"]["components"]["containerd"] == {
        "containerRegistries": {},
        "localRegistryCache": {"enabled": True, "port": 32767, "mirroredRegistries": ["docker.io"]},
        "managementClusterRegistryCache": {
            "enabled": False,
            "mirroredRegistries": ["gsoci.azurecr.io"],
        },
    }
    with pytest.raises(Refused, match="localRegistryCache"):
        values_document(resolved, Interface.CONNECTIVITY, {}, AT)


@pytest.mark.parametrize(
    ("operation", "steps"),
    [
        (Append(), [("add", "/spec/extraConfigs/-")]),
        (Create(), [("test", "/spec/extraConfigs"), ("add", "/spec/extraConfigs")]),
        (Keep(2), [("test", "/spec/extraConfigs/2/name")]),
        (
            Swap(1, REFERENCE),
            [("test", "/spec/extraConfigs/1/name"), ("replace", "/spec/extraConfigs/1")],
        ),
    ],
)
def test_a_component_patches_as_the_operation_says(operation: Any, steps: list[Any]) -> None:
    text = component("regconf.yaml", REFERENCE.called("own"), operation, targets=[("a", "n")])
    assert is_generated(text)
    (patch,) = yaml.safe_load(text)["patches"]
    assert [(step["op"], step["path"]) for step in yaml.safe_load(patch["patch"])] == steps


def test_names_in_targets_are_literal() -> None:
    assert escaped("${cluster_name}") == r"\$\{cluster_name\}"
    assert escaped("org-a.b+c") == r"org-a\.b\+c"


def some_secret(resolved: ResolvedCluster = RESOLVED) -> Secret:
    values = values_document(resolved, Interface.COMPONENTS, ACCOUNTS, AT)
    return Secret("p", "s", "n", Output(), values, ("age1b", "age1a"))


KEYS = {"age": {"age1a": "wrapped"}}


def test_the_digest_changes_with_every_input_and_says_which() -> None:
    before = digest(some_secret(), ACCOUNTS, "leaf", KEYS)
    assert digest(some_secret(), ACCOUNTS, "leaf", KEYS) == before
    other_registry = some_secret(ResolvedCluster({"quay.io": (Entry("quay.io"),)}))
    assert digest(other_registry, ACCOUNTS, "leaf", KEYS).config != before.config
    renewed = {**ACCOUNTS, "hub": account("hub", username="u", password="p")}
    of_renewed = digest(some_secret(), renewed, "leaf", KEYS)
    assert (of_renewed.config, of_renewed.accounts == before.accounts) == (before.config, False)
    for changed in (
        digest(some_secret(), ACCOUNTS, "another leaf", KEYS),
        digest(some_secret(), ACCOUNTS, "leaf", {"age": {"age1a": "other"}}),
        digest(replace(some_secret(), recipients=("age1a",)), ACCOUNTS, "leaf", KEYS),
    ):
        assert (changed.config, changed.accounts) == (before.config, before.accounts)
        assert changed.everything != before.everything


def test_the_order_of_recipients_is_no_input() -> None:
    turned = replace(some_secret(), recipients=("age1a", "age1b"))
    assert digest(turned, ACCOUNTS, "leaf", KEYS) == digest(some_secret(), ACCOUNTS, "leaf", KEYS)


def test_no_credential_is_in_what_is_rendered() -> None:
    assert "'p'" not in repr(filled(some_secret().values, lambda found: f"<{found.account}>"))
    assert some_secret().accounts() == ("hub",)
