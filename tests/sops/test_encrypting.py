from __future__ import annotations

import pytest

from gitops_regconf.sops import (
    Identities,
    WrongKey,
    decrypt,
    encrypt,
    generate_key,
    headed,
    header_of,
    parse,
    rewrap,
)

SECRET, RECIPIENT = generate_key()
OTHER_SECRET, OTHER = generate_key()
IDENTITIES = Identities.of(SECRET)
TREE = {"name": "x", "data": {"a": "one", "n": 5}}
TEXT = encrypt(headed(TREE, "# head"), recipients=[RECIPIENT], encrypted_regex="^data$")


def test_public_keys_are_enough_to_encrypt() -> None:
    text = encrypt(TREE, recipients=[OTHER])
    assert decrypt(text, identities=Identities.of(OTHER_SECRET)).tree == TREE


def test_the_rule_of_the_previous_file_holds() -> None:
    after = parse(encrypt(TREE, recipients=[RECIPIENT], previous=TEXT, identities=IDENTITIES))
    assert after.metadata.selector == parse(TEXT).metadata.selector


def test_adding_a_recipient_only_adds_lines() -> None:
    after = rewrap(TEXT, recipients=[RECIPIENT, OTHER], identities=IDENTITIES)
    assert parse(after).tree == parse(TEXT).tree
    assert parse(after).metadata.mac == parse(TEXT).metadata.mac
    lines = iter(after.split("\n"))
    assert all(line in lines for line in TEXT.split("\n"))
    assert rewrap(after, recipients=[RECIPIENT, OTHER], identities=IDENTITIES) == after


def test_removing_one_encrypts_everything_anew() -> None:
    both = rewrap(TEXT, recipients=[RECIPIENT, OTHER], identities=IDENTITIES)
    after = rewrap(both, recipients=[OTHER], identities=IDENTITIES)
    assert parse(after).tree["data"]["a"] != parse(both).tree["data"]["a"]
    assert header_of(parse(after).tree) == ("# head",)
    assert decrypt(after, identities=Identities.of(OTHER_SECRET)).tree == TREE
    with pytest.raises(WrongKey):
        decrypt(after, identities=IDENTITIES)


def test_comments_and_layout_stay() -> None:
    text = TEXT.replace("data:\n", "data:\n    # mine\n\n")
    both = rewrap(text, recipients=[RECIPIENT, OTHER], identities=IDENTITIES)
    assert both.startswith(text[: text.index("sops:")])
    after = rewrap(both, recipients=[OTHER], identities=IDENTITIES)
    assert "    #ENC[" in after
    data = decrypt(after, identities=Identities.of(OTHER_SECRET)).tree["data"]
    assert data.comments == {"a": (" mine",)}
