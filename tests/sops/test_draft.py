from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops import (
    Comment,
    CommentedDict,
    Draft,
    Identities,
    MacMismatch,
    Selector,
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

SECRET, RECIPIENT = generate_key()
OTHER_SECRET, OTHER = generate_key()
IDENTITIES = Identities.of(SECRET)
DATA = Selector("encrypted_regex", "^data$")
THEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TREE: dict[str, Any] = {
    "metadata": {"annotations": {"digest": ""}},
    "data": {"a": "one", "b": ["x", "x", 1], "e": "", "n": None},
}


def written(tree: Any = TREE, recipients: tuple[str, ...] = (RECIPIENT,), **more: Any) -> str:
    options: dict[str, Any] = {"selector": DATA, "now": THEN} | more
    return encrypt(tree, recipients=recipients, **options)


def again(previous: str, tree: Any = TREE, **more: Any) -> str:
    return written(tree, previous=previous, identities=IDENTITIES, **({"now": None} | more))


def test_two_steps_let_a_clear_value_depend_on_the_ciphertext() -> None:
    draft = Draft.of(TREE, selector=DATA, recipients=[RECIPIENT])
    assert draft.tree["data"]["a"].startswith("ENC[")
    digest = str(hash(draft.tree["data"]["a"]))
    text = draft.with_clear(("metadata", "annotations", "digest"), digest).seal().to_yaml()
    tree = decrypt(text, identities=IDENTITIES).tree
    assert tree["metadata"]["annotations"]["digest"] == digest
    assert tree["data"] == TREE["data"]
    assert draft.tree["metadata"] == TREE["metadata"]  # a draft is never changed itself


def test_a_new_clear_key_comes_last_and_may_need_new_mappings() -> None:
    draft = Draft.of(TREE, selector=DATA, recipients=[RECIPIENT]).with_clear(("x", "y"), "z")
    assert list(decrypt(draft.seal().to_yaml(), identities=IDENTITIES).tree) == [
        "metadata",
        "data",
        "x",
    ]


@pytest.mark.parametrize("path", [("data", "a"), ("metadata", "annotations", "digest", "x")])
def test_clear_values_only_stand_where_they_can(path: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput):
        Draft.of(TREE, selector=DATA, recipients=[RECIPIENT]).with_clear(path, "z")


def test_neither_drafts_nor_files_show_what_they_hold() -> None:
    draft = Draft.of({"data": "CANARY"}, selector=DATA, recipients=[RECIPIENT])
    opened = open_file(draft.seal(), IDENTITIES)
    for shown in (draft, draft.seal(), opened, opened.decrypted, IDENTITIES):
        assert "CANARY" not in repr(shown)
        assert SECRET.split("\n")[2] not in repr(shown)


def test_nothing_changed_is_the_same_file() -> None:
    tree = headed(TREE, "# head")
    text = written(tree)
    assert again(text, tree) == text
    # also where the layout is another one
    other = text.replace("data:\n", "data:\n\n").replace('e: ""', "e: ''")
    assert again(other, tree) == other


def test_comments_are_those_that_the_tree_carries() -> None:
    text = written().replace("    a: ENC", "    # mine\n    a: ENC").replace("b:", "b: # list")
    tree = decrypt(text, identities=IDENTITIES).tree
    assert again(text, tree) == text
    changed = again(text, {**tree, "data": tree["data"] | {"n": "x"}})
    assert "mine" not in changed  # the union of dicts is a plain one
    tree["data"]["n"] = "x"
    changed = again(text, tree)
    lines = changed.split("\n")
    assert lines[lines.index("data:") + 1].startswith("    #ENC[")
    assert decrypt(changed, identities=IDENTITIES).tree["data"].comments["a"] == (" mine",)


def test_unchanged_leaves_keep_their_ciphertext_wherever_they_stand() -> None:
    text = written()
    before = parse(text).tree["data"]
    tree = {"data": {"new": "one", "b": ["x", "y", "x", "x"], "a": "one"}, "metadata": {}}
    file = parse(again(text, tree))
    after = file.tree["data"]
    assert after["a"] == before["a"]
    assert after["new"] not in (before["a"], after["a"])  # another path
    assert [after["b"][0], after["b"][2]] == before["b"][:2]
    assert after["b"][3] not in before["b"]
    assert len({*after["b"]}) == 4
    assert decrypt(file.to_yaml(), identities=IDENTITIES).tree == tree


def test_types_count_as_change() -> None:
    text = written({"data": {"a": 1, "b": True, "c": "1"}})
    changed = parse(again(text, {"data": {"a": True, "b": "True", "c": 1}})).tree["data"]
    kept = parse(text).tree["data"]
    assert not {*changed.values()} & {*kept.values()}


def test_order_counts_as_change_for_the_mac_only() -> None:
    text = written({"data": {"a": "1", "b": "2"}})
    after = again(text, {"data": {"b": "2", "a": "1"}})
    assert parse(after).tree == parse(text).tree
    assert parse(after).metadata.mac != parse(text).metadata.mac
    assert decrypt(after, identities=IDENTITIES)


def test_a_changed_leaf_gets_a_fresh_iv() -> None:
    first = written()
    second = again(first, {**TREE, "data": {**TREE["data"], "a": "two"}})
    third = again(second)
    texts = [parse(text).tree["data"]["a"] for text in (first, second, third)]
    assert len({*texts}) == 3


def test_recipients_leave_the_mac_alone() -> None:
    text = written()
    metadata = parse(text).metadata
    after = parse(again(text, recipients=(OTHER, RECIPIENT))).metadata
    assert (after.mac, after.lastmodified) == (metadata.mac, metadata.lastmodified)


def test_recipients_stand_in_the_given_order_and_keep_their_stanza() -> None:
    text = written()
    after = parse(again(text, recipients=(OTHER, RECIPIENT, OTHER))).metadata
    assert after.ages == (OTHER, RECIPIENT)
    assert after.recipients[1] == parse(text).metadata.recipients[0]
    assert parse(again(text, recipients=(RECIPIENT, OTHER))).metadata.ages == (RECIPIENT, OTHER)


def test_a_removed_recipient_makes_a_new_data_key() -> None:
    text = written(recipients=(OTHER, RECIPIENT))
    after = parse(again(text))
    assert after.metadata.ages == (RECIPIENT,)
    assert after.metadata.recipients[0] not in parse(text).metadata.recipients
    assert after.tree["data"]["a"] != parse(text).tree["data"]["a"]
    old = open_file(parse(text), Identities.of(OTHER_SECRET)).data_key
    assert open_file(after, IDENTITIES).data_key != old


def test_encrypted_header_comments_are_kept_too() -> None:
    everything = Selector("unencrypted_suffix", "_clear")
    tree = headed(TREE, "# one", "#")
    text = written(tree, selector=everything)
    first, second = header_of(parse(text).tree)
    assert first.startswith("#ENC[")
    assert second == "#"
    assert header_of(decrypt(text, identities=IDENTITIES).tree) == ("# one", "#")
    assert again(text, tree, selector=None) == text


def test_moment_and_version() -> None:
    metadata = parse(written()).metadata
    assert (metadata.lastmodified, metadata.version) == ("2026-01-02T03:04:05Z", "3.13.3")
    old = written().replace("version: 3.13.3", "version: 3.9.4")
    after = parse(again(old, {"data": "x"}, now=datetime(2027, 1, 1, tzinfo=UTC))).metadata
    assert (after.lastmodified, after.version) == ("2027-01-01T00:00:00Z", "3.9.4")


def test_a_previous_file_must_be_whole_and_open() -> None:
    text = written({"name": "x", "data": "y"})
    with pytest.raises(MacMismatch):
        again(text.replace("name: x", "name: y"))
    with pytest.raises(WrongKey):
        written(previous=text)
    with pytest.raises(WrongKey):
        written(previous=text, identities=Identities.of(OTHER_SECRET))


def with_pgp(text: str) -> str:
    entry = emit({"pgp": [{"created_at": "2026-01-02T03:04:05Z", "enc": "x\n", "fp": "AB"}]})
    return text + "".join(f"    {line}\n" for line in entry.split("\n")[:-1])


def test_other_keys_are_kept_while_their_data_key_is() -> None:
    text = with_pgp(written())
    names = (RECIPIENT, "pgp:AB")
    assert again(text, recipients=names) == text
    assert parse(again(text, {"data": "x"}, recipients=names)).metadata.names == names


def test_kinds_not_known_yet_are_kept_and_never_dropped() -> None:
    text = with_pgp(written(recipients=(OTHER, RECIPIENT))).replace("pgp:", "quantum:")
    assert again(text, recipients=(OTHER, RECIPIENT)) == text
    after = parse(again(text, {"data": "x"}, recipients=(OTHER, RECIPIENT))).metadata
    assert after.unknown_kinds == ("quantum",)
    with pytest.raises(Unsupported, match="quantum"):
        again(text)


@pytest.mark.parametrize(
    ("tree", "options", "named"),
    [
        ({"sops": 1}, {}, "reserved"),
        ({"a": object()}, {}, "object"),
        ({"data": 2**64}, {}, "too large"),
        ({"data": {1: 2}}, {}, "strings"),
        (TREE, {"recipients": ()}, "at least one recipient"),
        (TREE, {"recipients": ("age1x",)}, "'age1x'"),
        ((), {}, "at least one document"),
        (headed(TREE, "# a\nb: c"), {}, "comment"),
        (TREE, {"encrypted_regex": "x"}, "only one selector"),
        (TREE, {"selector": Selector("encrypted_regex", "(")}, "RE2"),
    ],
)
def test_what_cannot_be_written_is_named(tree: Any, options: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        written(tree, **options)


def test_a_key_of_azure_whose_version_is_left_open_is_kept() -> None:
    entry = {"created_at": "2026-01-02T03:04:05Z", "enc": "x", "name": "k", "version": "7"}
    block = emit({"azure_kv": [{**entry, "vault_url": "https://v.example"}]})
    text = written() + "".join(f"    {line}\n" for line in block.split("\n")[:-1])
    for name in ("https://v.example/keys/k", "https://v.example/keys/k/7"):
        names = (RECIPIENT, f"azure_keyvault:{name}")
        assert again(text, recipients=names) == text
        assert 'version: "7"' in again(text, {"data": "x"}, recipients=names)


BY_COMMENT = Selector("encrypted_comment_regex", "secret")


def test_a_copy_without_its_comments_does_not_lay_secrets_bare() -> None:
    tree = headed({"password": "CANARY", "name": {"a": "x"}}, "# secret")
    text = encrypt(tree, recipients=[RECIPIENT], selector=BY_COMMENT)
    opened = decrypt(text, identities=IDENTITIES).tree
    for copy in ({**opened}, {**opened, "password": "CANARY2"}):
        with pytest.raises(InvalidInput, match="password was encrypted"):
            again(text, copy, selector=None)
    for copy in (opened.copy(), opened | {"name": "y"}, {"name": "y"} | opened):
        assert "CANARY" not in again(text, copy, selector=None)


def test_two_stanzas_for_one_recipient_are_not_kept() -> None:
    """One of them may be anybody's."""
    text = written(recipients=(RECIPIENT, OTHER)).replace(OTHER, RECIPIENT)
    after = again(text)
    assert parse(after).metadata.ages == (RECIPIENT,)
    assert decrypt(after, identities=IDENTITIES).tree == TREE
    with pytest.raises(WrongKey):
        decrypt(after, identities=[OTHER_SECRET])


def test_json_is_read_and_not_written() -> None:
    file = parse(written())
    text = json.dumps({**file.tree, "sops": file.metadata.to_tree()})
    assert decrypt(text, identities=IDENTITIES).tree == TREE
    with pytest.raises(Unsupported, match="JSON"):
        again(text, {"data": "x"})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((), "x"),
        (("sops",), "x"),
        (("sops", "mac"), "x"),
        (("metadata",), "x"),
        (("metadata", "annotations"), "x"),
        (("x",), Comment("x")),
    ],
)
def test_clear_values_are_only_values(path: tuple[str, ...], value: Any) -> None:
    with pytest.raises(InvalidInput):
        Draft.of(TREE, selector=DATA, recipients=[RECIPIENT]).with_clear(path, value)


def test_clear_values_need_one_document_and_a_selector_by_keys() -> None:
    for tree, selector in (([TREE, TREE], DATA), (TREE, BY_COMMENT)):
        with pytest.raises(InvalidInput):
            Draft.of(tree, selector=selector, recipients=[RECIPIENT]).with_clear(("x",), "y")


def test_endless_trees_and_odd_text_are_refused() -> None:
    endless: dict[str, Any] = {}
    endless["a"] = endless
    for tree in (endless, {"\ud800": "x"}, headed({"a": "x"}, "# \ud800")):
        for selector in (DATA, BY_COMMENT, Selector("encrypted_regex", ".")):
            with pytest.raises(InvalidInput) as caught:
                encrypt(tree, recipients=[RECIPIENT], selector=selector)
            assert caught.value.__context__ is None


def test_comments_of_empty_collections_stay_where_they_are() -> None:
    tree = {"data": CommentedDict(comments={None: (Comment(" c"),)}), "x": "y"}
    text = written(tree)
    assert text.startswith("data: {\n    #ENC[")
    after = again(text, decrypt(text, identities=IDENTITIES).tree | {"x": "z"})
    assert decrypt(after, identities=IDENTITIES).tree["data"].comments == {None: (" c",)}


def test_the_merge_key_with_a_value_is_quoted() -> None:
    text = written({"data": {"<<": "x"}, "<<": {"a": "b"}})
    assert '    "<<": ENC[' in text
    assert "!!merge <<:\n" in text
    assert decrypt(text, identities=IDENTITIES).tree == {"data": {"<<": "x"}, "<<": {"a": "b"}}


def test_breaks_that_only_yaml_sees_are_no_obstacle() -> None:
    text = written().replace("\n", "\r")
    after = again(text, recipients=(RECIPIENT, OTHER))
    assert decrypt(after, identities=[OTHER_SECRET]).tree == TREE
