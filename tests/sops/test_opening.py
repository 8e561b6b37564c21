from __future__ import annotations

import base64
import json
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from gitops_regconf.errors import CannotCheck, InvalidInput, RegconfError
from gitops_regconf.sops import (
    Identities,
    MacMismatch,
    Malformed,
    Unsupported,
    WrongKey,
    decrypt,
    emit,
    encrypt,
    generate_key,
    headed,
    header_of,
    open_file,
    parse,
)
from gitops_regconf.sops.comments import CommentedDict
from gitops_regconf.sops.gotypes import Comment
from gitops_regconf.sops.metadata import Metadata
from gitops_regconf.sops.selector import Selector
from gitops_regconf.sops.values import encrypt_value

SECRET, RECIPIENT = generate_key()
IDENTITIES = Identities.of(SECRET)
TREE: dict[str, Any] = {
    "name": "clear",
    "data": {"password": "CANARY", "number": 777001, "list": ["CANARY", "x"]},
}
TEXT = encrypt(headed(TREE, "# head"), recipients=[RECIPIENT], encrypted_regex="^data$")
LINES = {line.strip().split(":")[0]: line for line in TEXT.split("\n")}


def test_plaintext_comments_and_metadata() -> None:
    opened = decrypt(TEXT, identities=IDENTITIES)
    assert (opened.tree, header_of(opened.tree)) == (TREE, ("# head",))
    assert isinstance(opened.metadata, Metadata)


def test_wrong_keys_exit_with_3_and_the_others_with_2() -> None:
    assert issubclass(WrongKey, CannotCheck)
    for kind in (MacMismatch, Malformed, Unsupported):
        assert issubclass(kind, InvalidInput)
        assert kind.exit_code == 2
    with pytest.raises(WrongKey, match=RECIPIENT) as caught:
        decrypt(TEXT, identities=Identities.of(generate_key()[0]), path="f.yaml")
    assert caught.value.exit_code == 3
    assert str(caught.value).startswith("f.yaml:2:1: ")


BROKEN = {
    "clear value": TEXT.replace("name: clear", "name: other"),
    "new key": TEXT.replace("name: clear", "name: clear\nmore: x"),
    "plaintext": TEXT.replace(LINES["password"], "    password: CANARY"),
    "number": TEXT.replace(LINES["number"], "    number: 777001"),
    "renamed": TEXT.replace("    password:", "    passwort:"),
    "removed": TEXT.replace(LINES["number"] + "\n", ""),
    "blanked": TEXT.replace(LINES["password"], '    password: ""'),
    "nulled": TEXT.replace(LINES["password"], "    password: null"),
    "cut": TEXT.replace(LINES["password"], LINES["password"].replace("tag:", "tag:AA")),
    "mac": TEXT.replace(LINES["mac"], LINES["mac"].replace("data:", "data:A")),
    "mac in clear": TEXT.replace(LINES["mac"], "    mac: CANARY"),
    "moment": TEXT.replace('lastmodified: "2', 'lastmodified: "1'),
    "stanza": TEXT.replace("-----BEGIN AGE", "-----BEGIN"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_errors_never_hold_plaintext(how: str) -> None:
    assert BROKEN[how] != TEXT
    with pytest.raises(RegconfError) as caught:
        decrypt(BROKEN[how], identities=IDENTITIES)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert "CANARY" not in shown
    assert "777001" not in shown
    seen: BaseException | None = caught.value
    while seen:
        assert "CANARY" not in str(seen.args)
        seen = seen.__context__ or seen.__cause__
    assert caught.value.at is not None


def test_the_position_of_a_broken_leaf_is_said() -> None:
    with pytest.raises(Malformed, match=r"data\.password") as caught:
        decrypt(BROKEN["plaintext"], identities=IDENTITIES, path="f.yaml")
    assert str(caught.value.at) == "f.yaml:4:15"
    assert "sops edit" in (caught.value.mend or "")


def sealed(tree: dict[str, Any], mac_over: str, key: bytes, metadata: Metadata) -> str:
    """A file with the given leaves, whose MAC is right for the bytes in `mac_over`."""
    import hashlib

    mac = hashlib.sha512(mac_over.encode()).hexdigest().upper()
    block = metadata.to_tree() | {"mac": encrypt_value(mac, key, metadata.lastmodified)}
    return emit({**tree, "sops": block})


def test_comment_items_are_comments() -> None:
    opened = open_file(parse(TEXT), IDENTITIES)
    key, metadata = opened.data_key, opened.decrypted.metadata
    items = [encrypt_value(text, key, "data:") for text in (Comment("note"), "a", "b")]
    text = sealed({"data": items}, "ab", key, metadata)
    again = open_file(parse(text), IDENTITIES)
    assert again.decrypted.tree == {"data": ["a", "b"]}
    assert again.decrypted.tree["data"].comments == {0: ("note",)}


@pytest.mark.parametrize(
    ("selector", "comment", "tampered"),
    [
        (Selector("encrypted_comment_regex", "secret"), "# secret", lambda text: text[9:]),
        (Selector("unencrypted_comment_regex", "clear"), "", lambda text: f"# clear\n{text}"),
    ],
)
def test_a_comment_that_decides_cannot_be_changed(
    selector: Selector, comment: str, tampered: Callable[[str], str]
) -> None:
    tree: dict[str, Any] = {"password": "CANARY", "name": "x"}
    whole = headed(tree, comment) if comment else tree
    text = encrypt(whole, recipients=[RECIPIENT], selector=selector)
    assert "CANARY" not in text
    assert decrypt(text, identities=IDENTITIES).tree == tree
    with pytest.raises(InvalidInput):
        decrypt(tampered(text), identities=IDENTITIES)


def test_a_comment_of_an_outer_collection_can_be_read_and_written_again() -> None:
    """As sops leaves it: it attaches a comment to another collection than it was encrypted for."""
    tree = {"a": CommentedDict({"b": ["x"]}, comments={None: (Comment(" c"),)}), "d": "1"}
    text = encrypt(tree, recipients=[RECIPIENT]).replace("\n    #ENC", "\n        #ENC")
    opened = decrypt(text, identities=IDENTITIES).tree
    assert opened["a"]["b"].comments == {1: (" c",)}
    for value in ("2", "3"):
        opened["d"] = value
        text = encrypt(opened, recipients=[RECIPIENT], previous=text, identities=IDENTITIES)
        opened = decrypt(text, identities=IDENTITIES).tree
        assert opened["a"]["b"].comments == {1: (" c",)}


def test_an_undecryptable_header_comment_counts_as_clear() -> None:
    tree = headed({"a": "x"}, "# one")
    text = encrypt(tree, recipients=[RECIPIENT])
    opened = decrypt(text.replace("#ENC", "# clear ENC"), identities=IDENTITIES)
    assert header_of(opened.tree)[0].startswith("# clear ENC")
    (foreign,) = header_of(parse(encrypt(tree, recipients=[RECIPIENT])).tree)
    (own,) = header_of(parse(text).tree)
    swapped = text.replace(own, foreign)
    assert header_of(decrypt(swapped, identities=IDENTITIES).tree) == (foreign,)


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ({"pgp": [{"fp": "AB"}]}, "pgp:AB"),
        ({"key_groups": [{"pgp": [{"fp": "A"}]}, {"pgp": [{"fp": "B"}]}]}, "pgp:A, pgp:B"),
        ({"kms": [{"arn": "x"}], "gcp_kms": [{"resource_id": "y"}]}, "kms:x, gcp_kms:y"),
    ],
)
def test_files_without_age_keys_are_named(keys: dict[str, Any], named: str) -> None:
    block = {"lastmodified": "2026-01-02T03:04:05Z", "mac": "x", "version": "3.9.4", **keys}
    with pytest.raises(Unsupported, match=named):
        decrypt(emit({"a": "b", "sops": block}), identities=IDENTITIES)
    assert parse(emit({"a": "b", "sops": block})).metadata.names == tuple(named.split(", "))


def test_a_data_key_of_another_length_is_malformed() -> None:
    from gitops_regconf.sops.age import wrap

    stanza = wrap(b"short", RECIPIENT)
    text = TEXT.replace(
        _armor(TEXT), "".join(f"            {line}\n" for line in stanza.enc.split("\n")[:-1])
    )
    with pytest.raises(Malformed, match="32 bytes"):
        decrypt(text, identities=IDENTITIES)


def _armor(text: str) -> str:
    start = text.index("            -----BEGIN")
    return text[start : text.index("          recipient")]


def test_values_of_secrets_survive_base64_and_json() -> None:
    value = base64.b64encode(json.dumps({"a": "ä"}).encode()).decode()
    text = encrypt({"data": {"values.yaml": value}}, recipients=[RECIPIENT])
    assert decrypt(text, identities=IDENTITIES).tree["data"]["values.yaml"] == value
