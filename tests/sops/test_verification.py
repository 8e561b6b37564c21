from __future__ import annotations

import base64
import traceback

import pytest

from gitops_regconf.errors import RegconfError
from gitops_regconf.findings import Finding
from gitops_regconf.sops import (
    Identities,
    KeyGroups,
    Selector,
    decrypt,
    emit,
    encrypt,
    generate_key,
    headed,
    parse,
    verify,
)
from tests.sops.tampering import RECIPIENT, SECRET, TAMPERINGS, TREE, WHOLE, Tampering

IDENTITIES = Identities.of(SECRET)
_, OTHER = generate_key()


def rules(text: str, **options: object) -> list[str]:
    return [found.rule for found in verify(text, path="f", **options)]  # type: ignore[arg-type]


def only(text: str, **options: object) -> Finding:
    (found,) = verify(text, path="f", **options)  # type: ignore[arg-type]
    return found


def test_a_whole_file_has_no_findings() -> None:
    assert verify(WHOLE, expected_recipients=[RECIPIENT]) == []
    selector = Selector("encrypted_regex", "^(data|stringData)$")
    assert verify(WHOLE, expected_selector=selector) == []


@pytest.mark.parametrize("how", TAMPERINGS, ids=str)
def test_tampering_is_seen(how: Tampering) -> None:
    text = how(WHOLE)
    assert bool(verify(text)) == how.seen_without_key
    if how.seen_by_sops:
        with pytest.raises(RegconfError) as caught:
            decrypt(text, identities=IDENTITIES)
        assert "CANARY" not in "".join(traceback.format_exception(caught.value))
    else:
        decrypt(text, identities=IDENTITIES)
    assert not any("CANARY" in str(found) for found in verify(text))


def test_every_plain_leaf_is_named_where_it_stands() -> None:
    text = WHOLE.replace(parse(WHOLE).tree["data"]["list"][1], "CANARY").replace(
        parse(WHOLE).tree["data"]["number"], "5"
    )
    found = verify(text, path="f")
    assert [(one.rule, str(one.at)) for one in found] == [
        ("sops-plaintext", "f:9:13"),
        ("sops-plaintext", "f:12:11"),
    ]
    assert "data.list" in found[1].message
    assert "leaked" in found[1].mend


@pytest.mark.parametrize(
    "plain",
    [
        "xENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str]",
        "ENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str]",
        "ENC[hidden]",
        "ENC[AES256_GCM,data:,iv:,tag:,type:str]",
    ],
)
def test_what_only_looks_encrypted_is_found(plain: str) -> None:
    text = WHOLE.replace(parse(WHOLE).tree["data"]["one"], plain)
    assert set(rules(text)) <= {"sops-plaintext", "sops-ciphertext"}
    assert rules(text)


def test_ciphertext_with_something_behind_it_is_found() -> None:
    one = parse(WHOLE).tree["data"]["one"]
    assert rules(WHOLE.replace(one, f"{one}CANARY")) == ["sops-ciphertext"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "sops-malformed"),
        ("a: b\n", "sops-malformed"),
        ("- a\n", "sops-malformed"),
        ("a: [\n", "sops-malformed"),
        ("a: b\nsops: x\n", "sops-malformed"),
        ("a: b\nsops: {}\n", "sops-malformed"),
        (f"a: 1\n<<<<<<< x\n{WHOLE}", "sops-malformed"),
    ],
)
def test_what_is_no_sops_file_is_a_finding_and_no_exception(text: str, rule: str) -> None:
    assert rules(text) == [rule]


def test_metadata_that_sops_would_not_read_is_found() -> None:
    stamp = parse(WHOLE).metadata.lastmodified
    assert only(WHOLE.replace(f'"{stamp}"', stamp)).rule == "sops-metadata"
    assert only(WHOLE.replace("version: 3.13.3", "version: 3.10")).rule == "sops-malformed"
    quoted = WHOLE.replace("    version:", '    mac_only_encrypted: "false"\n    version:')
    assert only(quoted).rule == "sops-metadata"


def test_what_nobody_encrypts_in_a_block_is_told() -> None:
    found = only(WHOLE.replace("    version:", "    note: CANARY\n    version:"))
    assert (found.rule, found.severity) == ("sops-metadata", "warning")
    assert "CANARY" not in str(found)


def test_a_plain_comment_among_encrypted_values_is_told() -> None:
    found = only(WHOLE.replace("    one:", "    # CANARY\n    one:"))
    assert (found.rule, found.severity) == ("sops-comment", "warning")
    assert "CANARY" not in str(found)


def test_a_data_key_with_one_more_reader_is_found() -> None:
    stanza = parse(WHOLE).metadata.recipients[0]
    body = base64.b64decode("".join(stanza.enc.split("\n")[1:-2]))
    first = body.index(b"\n--- ") + 1
    for added, seen in (
        (b"-> ssh-ed25519 AAAA AAAA\nAAAA\n", True),
        (b"-> x-grease\nAAAA\n", False),
    ):
        text = base64.b64encode(body[:first] + added + body[first:]).decode()
        lines = [text[at : at + 64] for at in range(0, len(text), 64)]
        armor = "\n".join(stanza.enc.split("\n")[:1] + lines + stanza.enc.split("\n")[-2:])
        before, after = (
            "".join(f"            {one}\n" for one in each.split("\n")[:-1])
            for each in (stanza.enc, armor)
        )
        assert bool(rules(WHOLE.replace(before, after))) == seen


@pytest.mark.parametrize("text", ["a: \ud800\n", "\ud800", "a: b\nsops: {age: \udfff}\n"])
def test_text_that_is_no_unicode_is_a_finding(text: str) -> None:
    assert rules(text) == ["sops-malformed"]


def test_documents_share_one_bound_of_aliases() -> None:
    one = "---\na: &a [" + "1," * 20 + "]\nb: &b [" + "*a," * 20 + "]\nc: [" + "*b," * 20 + "]\n"
    assert "aliases" in only(one * 30).message


def test_many_comments_take_no_time() -> None:
    assert rules("# \n" * 200_000 + WHOLE) == []


def test_recipients_are_held_against_the_rule() -> None:
    missing, extra = verify(WHOLE, expected_recipients=[OTHER])
    assert (missing.rule, extra.rule) == ("sops-recipients", "sops-recipients")
    assert f"not encrypted for {OTHER}" in missing.message
    assert f"also encrypted for {RECIPIENT}" in extra.message
    both = encrypt(TREE, recipients=[RECIPIENT, OTHER], encrypted_regex="^data$")
    assert RECIPIENT in only(both, expected_recipients=[OTHER]).message
    assert verify(both, expected_recipients=[OTHER, RECIPIENT]) == []
    groups = KeyGroups(((OTHER,), (RECIPIENT,)))
    assert "key groups" in only(both, expected_recipients=groups).message


def test_another_rule_than_the_expected_is_found() -> None:
    found = only(WHOLE, expected_selector=Selector("encrypted_regex", "^data$"))
    lines = WHOLE.split("\n")
    assert found.rule == "sops-rule"
    assert lines[found.at.line - 1].startswith("    encrypted_regex")
    assert "^(data|stringData)$" in found.message


def test_a_rule_that_matches_nothing_is_found() -> None:
    text = encrypt({"a": "CANARY"}, recipients=[RECIPIENT], encrypted_regex="^data$")
    assert only(text).rule == "sops-rule"


def test_a_fully_encrypted_object_is_found() -> None:
    text = encrypt(TREE, recipients=[RECIPIENT])
    found = only(text)
    assert found.rule == "sops-rule"
    assert "kustomize" in found.message


def test_several_documents_are_found() -> None:
    text = encrypt([TREE, TREE], recipients=[RECIPIENT], encrypted_regex="^data$")
    assert only(text).rule == "sops-documents"
    later = text.rindex("one: ENC")
    plain = text[:later] + "one: CANARY\n    was: ENC" + text[later + len("one: ENC") :]
    assert "sops-plaintext" in rules(plain)


def test_kinds_of_keys_that_are_not_known_are_told() -> None:
    block = (
        emit({"quantum": [{"enc": "x"}]})
        .replace("quantum", "    quantum")
        .replace("\n    -", "\n        -")
    )
    found = only(WHOLE + block)
    assert (found.rule, found.severity) == ("sops-recipients", "warning")


def test_comments_are_not_taken_for_values() -> None:
    tree = headed(TREE, "# clear")
    for selector in (Selector("encrypted_regex", "."), Selector("encrypted_regex", "^data$")):
        text = encrypt(tree, recipients=[RECIPIENT], selector=selector)
        assert "sops-plaintext" not in rules(text)


def test_a_data_key_for_somebody_else_cannot_be_told_without_a_key() -> None:
    foreign = parse(encrypt(TREE, recipients=[OTHER])).metadata.recipients[0].enc
    own = parse(WHOLE).metadata.recipients[0].enc
    before, after = (
        "".join(f"            {one}\n" for one in text.split("\n")[:-1]) for text in (own, foreign)
    )
    assert verify(WHOLE.replace(before, after), expected_recipients=[RECIPIENT]) == []


def test_an_armor_that_holds_something_else_is_found() -> None:
    body = base64.b64encode(b"x" * 48).decode()
    own = parse(WHOLE).metadata.recipients[0].enc
    lines = [f"            {one}\n" for one in own.split("\n")[:-1]]
    text = WHOLE.replace("".join(lines), f"{lines[0]}            {body}\n{lines[-1]}")
    assert only(text).rule == "sops-data-key"


def test_many_unknown_fields_take_no_time() -> None:
    fields = "".join(f"    f{number}: 1\n" for number in range(40_000))
    assert len(rules(WHOLE + fields)) == 40_000
