from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops import Malformed, generate_key
from gitops_regconf.sops.key_text import KmsKey, without_version
from gitops_regconf.sops.recipients import (
    FILE_KINDS,
    KeyGroups,
    check_recipient,
    from_entry,
    is_native,
    kind_and_name,
    of_block,
)
from gitops_regconf.sops.rule_keys import of_rule, to_config_group

SECRET, AGE = generate_key()
OTHER = generate_key()[1]
SSH = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ a person@host"
FINGERPRINT = "0123456789ABCDEF0123456789ABCDEF01234567"
ARN = "arn:aws:kms:eu-central-1:123456789012:key/612d5f0a-aaaa-45e6-aca6-a5b005693a48"
ROLE = "arn:aws:iam::123456789012:role/sops+dev"
GCP = "projects/p/locations/global/keyRings/r/cryptoKeys/k"
AZURE = "https://v.vault.azure.net/keys/k"
VAULT = "https://vault.example.com:8200/v1/a/transit/keys/k"
# Recipient, kind and entry in a file, kind and entry in a key group of a config.
KINDS: list[tuple[str, str, dict[str, Any], str, Any]] = [
    (AGE, "age", {"recipient": AGE}, "age", AGE),
    (SSH, "age", {"recipient": SSH}, "age", SSH),
    (f"pgp:{FINGERPRINT}", "pgp", {"fp": FINGERPRINT}, "pgp", FINGERPRINT),
    (f"kms:{ARN}", "kms", {"arn": ARN}, "kms", {"arn": ARN}),
    (
        f"kms:{ARN}+{ROLE}|a:b,c:d%2Ce%3Af%25|prod",
        "kms",
        {"arn": ARN, "role": ROLE, "context": {"c": "d,e:f%", "a": "b"}, "aws_profile": "prod"},
        "kms",
        {"arn": ARN, "role": ROLE, "context": {"a": "b", "c": "d,e:f%"}, "aws_profile": "prod"},
    ),
    (
        f"kms:{ARN}||prod",
        "kms",
        {"arn": ARN, "role": None, "context": None, "aws_profile": "prod"},
        "kms",
        {"arn": ARN, "aws_profile": "prod"},
    ),
    (f"gcp_kms:{GCP}", "gcp_kms", {"resource_id": GCP}, "gcp_kms", {"resource_id": GCP}),
    ("hckms:eu:k", "hckms", {"key_id": "eu:k"}, "hckms", {"key_id": "eu:k"}),
    (
        f"azure_keyvault:{AZURE}/1",
        "azure_kv",
        {"vault_url": AZURE.removesuffix("/keys/k"), "name": "k", "version": "1"},
        "azure_keyvault",
        {"vaultUrl": AZURE.removesuffix("/keys/k"), "key": "k", "version": "1"},
    ),
    (
        f"hc_vault_transit_uri:{VAULT}",
        "hc_vault",
        {
            "vault_address": "https://vault.example.com:8200",
            "engine_path": "a/transit",
            "key_name": "k",
        },
        "hc_vault",
        VAULT,
    ),
]


@pytest.mark.parametrize(("recipient", "kind", "entry", "config_kind", "config"), KINDS)
def test_every_kind_in_files_rules_and_configs(
    recipient: str, kind: str, entry: dict[str, Any], config_kind: str, config: Any
) -> None:
    check_recipient(recipient)
    assert from_entry(kind, entry) == recipient
    assert of_block({kind: [entry | {"enc": "x"}], "mac": "x"}) == KeyGroups.of(recipient)
    assert to_config_group([recipient]) == {config_kind: [config]}
    assert of_rule({"key_groups": [{config_kind: [config]}]}) == KeyGroups.of(recipient)


@pytest.mark.parametrize(
    ("recipient", "expected"),
    [
        (AGE, True),
        ("age1pq1x", False),
        ("age1yubikey1x", False),
        (SSH, False),
        (f"pgp:{FINGERPRINT}", False),
    ],
)
def test_only_age_x25519_is_native(recipient: str, expected: bool) -> None:
    assert is_native(recipient) is expected


def test_the_kind_and_the_id_in_a_flat_rule() -> None:
    assert kind_and_name(AGE) == ("age", AGE)
    assert kind_and_name(f"{SSH}:22") == ("age", f"{SSH}:22")
    assert kind_and_name(f"kms:{ARN}") == ("kms", ARN)


@pytest.mark.parametrize("text", ["age1pq1x", "age1yubikey1q", SSH, f"pgp:{FINGERPRINT}!"])
def test_what_only_sops_can_judge_is_good(text: str) -> None:
    check_recipient(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "age1",
        "age1CANARY",
        "CANARY",
        "mailto:CANARY",
        "pgp:",
        "pgp:CANARY",
        "pgp:person@example.com",
        "kms:",
        "kms:CANARY",
        f"kms:{ARN},{ARN}",
        f"kms:{ARN}|CANARY",
        f"kms:{ARN}|a:b:c",
        "gcp_kms:CANARY",
        "hckms:CANARY",
        "azure_keyvault:CANARY",
        f"azure_keyvault:{AZURE}/1,{AZURE}/2",
        "hc_vault_transit_uri:/v1/transit/keys/k",
        f"{SSH}, b",
        f"{SSH}\nb",
        f"pgp:{FINGERPRINT}\n",
        f"age1pq1x,{AGE}",
        f"AGE-SECRET-KEY-1{'CANARY' * 5}",
        f"pgp:age-secret-key-1{'CANARY' * 5}",
        "age-plugin-yubikey-1CANARY",
    ],
)
def test_what_is_no_recipient(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_recipient(text)
    assert caught.value.mend
    if not text.startswith("age1CANARY"):
        assert "CANARY" not in str(caught.value)


def test_a_secret_key_is_never_repeated() -> None:
    with pytest.raises(InvalidInput, match="secret key") as caught:
        check_recipient(SECRET)
    assert SECRET.split("\n")[2] not in str(caught.value)


texts = st.text(min_size=1)


@given(st.dictionaries(texts, texts), st.sampled_from(["", ROLE]), st.sampled_from(["", "a|b"]))
def test_an_encryption_context_comes_back(context: dict[str, str], role: str, profile: str) -> None:
    key = KmsKey(ARN, role, tuple(sorted(context.items())), profile)
    assert KmsKey.of_text(str(key)) == key


# Blocks


def test_a_block_names_its_recipients_by_kind() -> None:
    block = {kind: [entry] for _, kind, entry, _, _ in reversed(KINDS)}
    names = of_block(block).groups[0]
    assert [kind_and_name(name)[0] for name in names] == list(FILE_KINDS.values())


def test_key_groups_in_a_block() -> None:
    groups = [{"age": [{"recipient": AGE}], "hc_vault": []}, {"pgp": [{"fp": FINGERPRINT}]}]
    expected = ((AGE,), (f"pgp:{FINGERPRINT}",))
    assert of_block({"key_groups": groups, "age": []}) == KeyGroups(expected)
    # A threshold of all groups is what sops writes where a rule names none.
    assert of_block({"key_groups": groups, "shamir_threshold": 2}) == KeyGroups(expected)
    three = [*groups, {"age": [{"recipient": OTHER}]}]
    found = of_block({"key_groups": three, "shamir_threshold": 2})
    assert found == KeyGroups((*expected, (OTHER,)), 2)


def test_flat_keys_win_over_key_groups_as_in_sops() -> None:
    block = {"age": [{"recipient": AGE}], "key_groups": [{"age": [{"recipient": OTHER}]}]}
    assert of_block(block | {"shamir_threshold": 1}) == KeyGroups.of(AGE)


def test_a_block_without_keys() -> None:
    assert of_block({"age": [], "pgp": None, "mac": "x"}) == KeyGroups.of()


@pytest.mark.parametrize(
    "block",
    [
        {"age": "x"},
        {"age": ["x"]},
        {"age": [{"enc": "x"}]},
        {"pgp": [{"fp": ""}]},
        {"pgp": [{"fp": 7}]},
        {"kms": [{"role": ROLE}]},
        {"kms": [{"arn": ARN, "role": 7}]},
        {"kms": [{"arn": ARN, "context": ["a"]}]},
        {"kms": [{"arn": ARN, "context": {"a": 7}}]},
        {"gcp_kms": [{}]},
        {"hckms": [{}]},
        {"azure_kv": [{"vault_url": "https://v"}]},
        {"hc_vault": [{"vault_address": "https://v", "key_name": "k"}]},
        {"key_groups": {}, "age": {"a": 1}},
        {"key_groups": [[]]},
        {"key_groups": [{"age": [{}]}]},
        {"key_groups": [{}], "shamir_threshold": "two"},
    ],
)
def test_a_malformed_block(block: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        of_block(block)


# Rules


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({}, ()),
        ({"age": "", "pgp": None, "kms": [], "hckms": []}, ()),
        ({"age": f" {AGE},\n{OTHER},"}, (AGE, OTHER)),
        ({"age": [f"{AGE}, {OTHER}", SSH]}, (AGE, OTHER, SSH)),
        ({"age": [AGE, ""]}, (AGE, "")),
        ({"pgp": "0123 4567, 89AB"}, ("pgp:01234567", "pgp:89AB")),
        ({"pgp": ["0123 4567,89ab", "cd"]}, ("pgp:01234567", "pgp:89ab", "pgp:cd")),
        ({"pgp": ["ab", ""]}, ("pgp:ab", "pgp:")),
        ({"kms": f"{ARN}+{ROLE}, {ARN}"}, (f"kms:{ARN}+{ROLE}", f"kms:{ARN}")),
        ({"kms": [ARN], "aws_profile": "prod"}, (f"kms:{ARN}||prod",)),
        ({"gcp_kms": [f" {GCP}"]}, (f"gcp_kms:{GCP}",)),
        ({"hckms": ["eu:a, eu:b", ""]}, ("hckms:eu:a", "hckms:eu:b")),
        (
            {"azure_keyvault": f"{AZURE}/1,{AZURE}/,{AZURE}"},
            (f"azure_keyvault:{AZURE}/1", f"azure_keyvault:{AZURE}", f"azure_keyvault:{AZURE}"),
        ),
        ({"azure_keyvault": "what"}, ("azure_keyvault:what",)),
        (
            {"hc_vault_transit_uri": ["https://h/v2/a/keys/k/", ""]},
            ("hc_vault_transit_uri:https://h/v1/a/keys/k",),
        ),
        ({"hc_vault_transit_uri": "what"}, ("hc_vault_transit_uri:what",)),
        (
            {"kms": ARN, "pgp": "ab", "age": AGE, "shamir_threshold": 5},
            (AGE, "pgp:ab", f"kms:{ARN}"),
        ),
        ({"age": AGE, "key_groups": []}, (AGE,)),
        ({"age": AGE, "key_groups": [{"age": [OTHER]}]}, (OTHER,)),
        ({"key_groups": [{"age": [f"{AGE},{OTHER}", AGE, ""]}]}, (AGE, OTHER)),
        ({"key_groups": [{"pgp": ["a b", "ab"], "unknown": 1}]}, ("pgp:ab",)),
        (
            {"key_groups": [{"hc_vault": [VAULT], "azure_keyvault": None}]},
            (f"hc_vault_transit_uri:{VAULT}",),
        ),
        (
            {
                "key_groups": [
                    {
                        "merge": [{"pgp": ["cd"]}, {"merge": [{"age": [OTHER]}], "age": [AGE]}],
                        "age": [AGE],
                        "pgp": ["ab", "cd"],
                    }
                ]
            },
            (OTHER, AGE, "pgp:cd", "pgp:ab"),
        ),
    ],
)
def test_whom_a_rule_names(rule: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert of_rule(rule) == KeyGroups.of(*expected)


def test_key_groups_of_a_rule() -> None:
    groups = [{"age": [AGE]}, {"age": [OTHER]}, {"pgp": ["ab"]}]
    names = ((AGE,), (OTHER,), ("pgp:ab",))
    assert of_rule({"key_groups": groups}) == KeyGroups(names)
    assert of_rule({"key_groups": groups, "shamir_threshold": 2}) == KeyGroups(names, 2)
    assert of_rule({"key_groups": groups, "shamir_threshold": 3}) == KeyGroups(names)


@pytest.mark.parametrize(
    "rule",
    [
        {"age": 7},
        {"age": {"a": AGE}},
        {"age": [7]},
        {"pgp": 12345},
        {"hckms": "eu:k"},
        {"kms": ARN, "aws_profile": 7},
        {"shamir_threshold": "2"},
        {"shamir_threshold": True},
        {"shamir_threshold": -1},
        {"key_groups": {"age": [AGE]}},
        {"key_groups": [AGE]},
        {"key_groups": [{"age": AGE}]},
        {"key_groups": [{"pgp": [7]}]},
        {"key_groups": [{"kms": [ARN]}]},
        {"key_groups": [{"kms": [{"arn": ARN, "context": "a:b"}]}]},
        {"key_groups": [{"kms": [{"arn": ARN, "context": {"account": 12}}]}]},
        {"key_groups": [{"merge": {"age": [AGE]}}]},
        {"key_groups": [{}, {}], "shamir_threshold": 1},
        {"key_groups": [{}, {}], "shamir_threshold": 3},
    ],
)
def test_what_sops_would_refuse_in_a_rule(rule: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        of_rule(rule)


def test_a_group_of_a_config_holds_several_kinds() -> None:
    group = to_config_group([AGE, f"pgp:{FINGERPRINT}", OTHER, f"azure_keyvault:{AZURE}"])
    assert group == {
        "age": [AGE, OTHER],
        "pgp": [FINGERPRINT],
        "azure_keyvault": [{"vaultUrl": AZURE.removesuffix("/keys/k"), "key": "k", "version": ""}],
    }


# Whether a file is for whom it should be


@pytest.mark.parametrize(
    ("wanted", "found", "expected"),
    [
        (KeyGroups.of(AGE, OTHER), KeyGroups.of(OTHER, AGE), True),
        (KeyGroups.of(AGE, OTHER), KeyGroups.of(AGE), False),
        (KeyGroups.of(AGE), KeyGroups.of(AGE, OTHER), False),
        (KeyGroups(((AGE,), (OTHER,)), 2), KeyGroups(((AGE,), (OTHER,))), True),
        (KeyGroups(((AGE,), (OTHER,))), KeyGroups(((AGE, OTHER),)), False),
        (KeyGroups(((AGE,), (OTHER,), (SSH,)), 2), KeyGroups(((AGE,), (OTHER,), (SSH,))), False),
        (
            KeyGroups.of(AGE, f"azure_keyvault:{AZURE}"),
            KeyGroups.of(f"azure_keyvault:{AZURE}/7", AGE),
            True,
        ),
        (
            KeyGroups.of(f"azure_keyvault:{AZURE}/6"),
            KeyGroups.of(f"azure_keyvault:{AZURE}/7"),
            False,
        ),
    ],
)
def test_whether_a_file_meets_a_rule(wanted: KeyGroups, found: KeyGroups, expected: bool) -> None:
    assert wanted.met_by(found) is expected


def test_the_version_of_an_azure_key_can_be_left_out() -> None:
    assert without_version(f"azure_keyvault:{AZURE}/7") == f"azure_keyvault:{AZURE}"
    assert without_version(AGE) == AGE
