"""Files written here and by the real sops, read and changed by the other one."""

from __future__ import annotations

import difflib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitops_regconf.sops import (
    Comment,
    CommentedDict,
    Identities,
    Selector,
    decrypt,
    emit,
    encrypt,
    generate_key,
    headed,
    header_of,
    open_file,
    parse,
    rewrap,
)
from gitops_regconf.sops.gotypes import Tree
from tests.interop.conftest import peer, versions
from tests.sops.tampering import SECRET as TAMPERED_SECRET
from tests.sops.tampering import TAMPERINGS, WHOLE, Tampering

SECRET, RECIPIENT = generate_key()
OTHER_SECRET, OTHER = generate_key()
IDENTITIES = Identities.of(SECRET)
DATA = "^(data|stringData)$"
TREE: Tree = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "x", "annotations": {"regconf/inputs-digest": "0"}, "n": 3, "on": True},
    "data": {
        "values.yaml": "aGVsbG8=",
        "other": "two",
        "number": 5,
        "float": 1.5,
        "flag": False,
        "empty": "",
        "nothing": None,
        "none": {},
        "list": ["a", "b", 7, ["c"], {"d": "e"}],
        "text": "line\n  two\n",
    },
}


@dataclass(frozen=True)
class Bench:
    """A folder with one file, and the real sops with nothing else around it."""

    sops: str
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "file.yaml"

    def run(self, *args: str, text: str | None = None, code: int = 0, **environ: str) -> str:
        if text is not None:
            self.file.write_text(text, encoding="utf-8", newline="")
        home = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "SOPS_AGE_KEY": SECRET}
        done = subprocess.run(
            [self.sops, *args],
            cwd=self.folder,
            env=home | environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stdout

    def opens(self, secret: str) -> bool:
        """Whether sops decrypts the file."""
        home = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "SOPS_AGE_KEY": secret}
        command = [self.sops, "decrypt", "file.yaml"]
        done = subprocess.run(command, cwd=self.folder, env=home, capture_output=True, check=False)
        return done.returncode == 0

    def decrypted(self, text: str | None = None) -> Any:
        return json.loads(self.run("decrypt", "--output-type", "json", "file.yaml", text=text))

    def encrypted(self, plain: str, *args: str) -> str:
        return self.run("encrypt", "--age", RECIPIENT, *args, "file.yaml", text=plain)

    def text(self) -> str:
        return self.file.read_text(encoding="utf-8")


@pytest.fixture
def bench(sops: str, tmp_path: Path) -> Bench:
    return Bench(sops, tmp_path)


@pytest.fixture(scope="module")
def shared(sops: str, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """One bench for all examples of a property."""
    return Bench(sops, tmp_path_factory.mktemp("bench"))


def ours(tree: Tree = TREE, **options: Any) -> str:
    return encrypt(tree, **({"recipients": [RECIPIENT], "encrypted_regex": DATA} | options))


def changed_lines(before: str, after: str) -> list[str]:
    """The keys of the lines that differ."""
    lines = difflib.ndiff(before.split("\n"), after.split("\n"))
    return sorted({line[2:].strip().split(":")[0] for line in lines if line[0] in "+-"})


# Written here, read there


@pytest.mark.parametrize(
    "selector",
    [
        Selector("encrypted_regex", DATA),
        Selector("unencrypted_regex", "^metadata$"),
        Selector("encrypted_suffix", "ata"),
        Selector("unencrypted_suffix", "ata"),
        None,
    ],
)
def test_sops_reads_what_is_written_here(bench: Bench, selector: Selector | None) -> None:
    text = encrypt(headed(TREE, "# one", "#"), recipients=[OTHER, RECIPIENT], selector=selector)
    assert bench.decrypted(text) == TREE
    assert bench.run("decrypt", "file.yaml").startswith("# one\n#\n")
    assert header_of(decrypt(text, identities=IDENTITIES).tree) == ("# one", "#")


def test_mac_over_encrypted_values_only(bench: Bench) -> None:
    (bench.folder / ".sops.yaml").write_text(
        f"creation_rules:\n  - {{age: {RECIPIENT}, encrypted_regex: {DATA!r}, "
        "mac_only_encrypted: true}\n"
    )
    bench.run("encrypt", "-i", "file.yaml", text=emit(TREE))
    text = bench.text().replace("name: x", "name: another")
    assert decrypt(text, identities=IDENTITIES).tree["metadata"]["name"] == "another"
    plain = decrypt(text, identities=IDENTITIES).tree
    plain["data"]["other"] = "three"
    again = encrypt(plain, recipients=[RECIPIENT], previous=text, identities=IDENTITIES)
    assert bench.decrypted(again) == plain
    assert "mac_only_encrypted: true" in again


def test_set_changes_one_line_and_the_mac(bench: Bench) -> None:
    text = ours(headed(TREE, "# generated"))
    bench.run("set", "file.yaml", '["data"]["other"]', '"changed"', text=text)
    after = bench.text()
    assert set(changed_lines(text, after)) <= {"other", "mac", "lastmodified"}
    assert decrypt(after, identities=IDENTITIES).tree["data"]["other"] == "changed"


def test_our_next_version_of_what_sops_set_is_the_same_file(bench: Bench) -> None:
    bench.run("set", "file.yaml", '["data"]["other"]', '"changed"', text=ours(headed(TREE, "# g")))
    after = bench.text()
    opened = decrypt(after, identities=IDENTITIES)
    assert ours(opened.tree, previous=after, identities=IDENTITIES) == after


def test_a_change_here_keeps_what_sops_wrote(bench: Bench) -> None:
    text = bench.encrypted(emit(TREE), "--encrypted-regex", DATA)
    tree = {**TREE, "data": {"first": "new", **TREE["data"], "other": "changed"}}
    after = ours(tree, previous=text, identities=IDENTITIES)
    assert set(changed_lines(text, after)) <= {"first", "other", "mac", "lastmodified"}
    assert bench.decrypted(after) == tree


def test_rotate_and_edit_come_back(bench: Bench) -> None:
    editor = bench.folder / "editor"
    editor.write_text('#!/bin/sh\nsed -i "s/two$/edited/" "$1"\n')
    editor.chmod(0o755)
    text = ours(headed(TREE, "# g"))
    bench.run("rotate", "-i", "file.yaml", text=text)
    assert decrypt(bench.text(), identities=IDENTITIES).tree == TREE
    bench.run("edit", "file.yaml", text=text, EDITOR=str(editor))
    after = bench.text()
    assert decrypt(after, identities=IDENTITIES).tree["data"]["other"] == "edited"
    assert set(changed_lines(text, after)) <= {"other", "text", "mac", "lastmodified"}


def test_updatekeys_come_back(bench: Bench) -> None:
    (bench.folder / ".sops.yaml").write_text(f"creation_rules:\n  - age: {RECIPIENT},{OTHER}\n")
    bench.run("updatekeys", "--yes", "file.yaml", text=ours())
    text = bench.text()
    assert parse(text).metadata.ages == (RECIPIENT, OTHER)
    assert decrypt(text, identities=Identities.of(OTHER_SECRET)).tree == TREE


def test_a_rewrapped_file_opens_for_those_it_names(bench: Bench) -> None:
    text = ours()
    both = rewrap(text, recipients=[RECIPIENT, OTHER], identities=IDENTITIES)
    assert set(changed_lines(text, both)) & {"mac", "lastmodified", "other"} == set()
    bench.run("decrypt", "file.yaml", text=both, SOPS_AGE_KEY=OTHER_SECRET)
    one = rewrap(both, recipients=[OTHER], identities=IDENTITIES)
    bench.run("decrypt", "file.yaml", text=one, SOPS_AGE_KEY=OTHER_SECRET)
    bench.run("decrypt", "file.yaml", code=128)


# Through every sops and back

NOTED = CommentedDict(
    {**TREE, "data": CommentedDict(TREE["data"], comments={"other": (Comment(" a note"),)})},
    comments={"data": (Comment(" clear"),)},
)


@pytest.fixture(params=versions("sops"))
def every(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """Each version of the real sops; its editor changes one value."""
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i "s/two$/changed/" "$1"\n')
    editor.chmod(0o755)
    rules = f"creation_rules:\n  - age: {RECIPIENT},{OTHER}\n"
    (tmp_path / ".sops.yaml").write_text(rules)
    return Bench(peer("sops", request.param), tmp_path)


@pytest.mark.parametrize(
    ("command", "changes"),
    [
        (["set", "file.yaml", '["data"]["other"]', '"changed"'], True),
        (["rotate", "-i", "file.yaml"], False),
        (["updatekeys", "--yes", "file.yaml"], False),
        (["edit", "file.yaml"], True),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_files_come_back_from_every_sops(every: Bench, command: list[str], changes: bool) -> None:
    before = parse(ours(NOTED))
    every.run(*command, text=before.to_yaml(), EDITOR=str(every.folder / "editor"))
    after = open_file(parse(every.text()), IDENTITIES)
    data = TREE["data"] | ({"other": "changed"} if changes else {})
    if command[0] == "edit":  # the editor's sed also finds the second line of the text
        data |= {"text": "line\n  changed\n"}
    assert after.decrypted.tree == {**TREE, "data": data}
    assert after.decrypted.tree["data"].comments == {"other": (" a note",)}
    assert after.decrypted.tree.comments == {"data": (" clear",)}
    old = {text for _, _, text in open_file(before, IDENTITIES).leaves if text}
    gone = len(old - {text for _, _, text in after.leaves})
    assert gone == {"set": 1, "edit": 2, "rotate": len(old), "updatekeys": 0}[command[0]]
    again = ours(after.decrypted.tree, previous=every.text(), identities=IDENTITIES)
    assert parse(again).metadata.ages == (RECIPIENT,)
    assert every.decrypted(again) == after.decrypted.tree


# Written there, read here

PLAIN = """\
# head
top_unencrypted: clear
count: 0o17
float: 1e3
huge: 1e21
tiny: 0.00001
inf: .inf
minus: -7
date: 2020-01-02
when: 2020-01-02T03:04:05.60+02:00
yes: yes
quoted: "12"
empty: ""
none: ~
"a:b": colon
<<: {m: 1}
data:
  # inside
  password: s3cret  # behind
  list:
    # first
    - one
    - two  # second
    - [3, 4.5, true, null, ""]
    - {}
  block: |
    line

    # no comment
  stamp: 2020-01-02
stringData: {a: b, "n": 1}
"""


@pytest.mark.parametrize("only_encrypted", [False, True])
@pytest.mark.parametrize(
    "selector",
    [
        {},
        {"encrypted_regex": DATA},
        {"unencrypted_regex": "^(data|date)$"},
        {"encrypted_suffix": "ata"},
        {"unencrypted_suffix": "e"},
        {"encrypted_comment_regex": "first|inside"},
        {"unencrypted_comment_regex": "first|inside"},
    ],
)
def test_what_sops_writes_is_read_here(
    bench: Bench, selector: dict[str, str], only_encrypted: bool
) -> None:
    rule = {"age": RECIPIENT, "mac_only_encrypted": only_encrypted, **selector}
    (bench.folder / ".sops.yaml").write_text(json.dumps({"creation_rules": [rule]}))
    plain = PLAIN.replace("inf: .inf\n", "")  # JSON has none
    text = bench.run("encrypt", "file.yaml", text=plain)
    assert decrypt(text, identities=IDENTITIES).tree == bench.decrypted(text)
    assert dict(bench.decrypted(), sops=0).keys() == {*parse(text).tree, "sops"}


def test_infinity_and_crlf(bench: Bench) -> None:
    text = bench.encrypted(PLAIN, "--encrypted-regex", "^inf$")
    assert decrypt(text, identities=IDENTITIES).tree["inf"] == float("inf")
    crlf = text.replace("\n", "\r\n")
    assert decrypt(crlf, identities=IDENTITIES).tree["inf"] == float("inf")


scalars = st.one_of(
    st.text(max_size=12),
    st.text("ab01:#-?,[]{}&*!|>'\"%@` \n.~=<_\\yY+e/", max_size=12),
    st.sampled_from(
        ["yes", "null", "1_0", "0x1", "<<", "1:30", "2020-01-01", "---", "a\n\n", "\n"]
    ),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(-1e15, 1e15),  # larger ones are integers in what sops prints as JSON
    st.booleans(),
    st.none(),
)
# `<<` is left out: sops writes it as `!!merge <<`, and then only reads mappings below it.
keys = st.text(max_size=9) | st.sampled_from(["data", "true", "12", "k" * 140, "two\nlines"])
trees = st.recursive(
    scalars, lambda below: st.lists(below, max_size=3) | st.dictionaries(keys, below, max_size=3)
)
examples = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@examples
@given(value=trees)
def test_any_tree_comes_back_from_sops(shared: Bench, value: Any) -> None:
    tree = {"clear": value, "data": value}
    text = ours(tree)
    assert shared.decrypted(text) == tree
    opened = decrypt(text, identities=IDENTITIES).tree
    assert opened == tree
    for known in (tree, opened):
        assert ours(known, previous=text, identities=IDENTITIES) == text


any_text = st.text(
    st.characters(exclude_characters="\u2028\u2029", exclude_categories=["Cs"]), max_size=20
) | st.text("ab01:#-?,[]{}&*!|>'\"%@` \n.~=<_\\yY+e/\t", max_size=20)
# A block that begins with a tab is written by sops, and not read again.
texts = any_text.filter(lambda text: text[:1] != "\t" or "\n" not in text)


@examples
@given(
    values=st.lists(texts, max_size=8),
    # sops writes an indentation hint into lists that makes another text of such items.
    items=st.lists(texts.filter(lambda text: text[:1] not in (" ", "\n")), max_size=8),
    names=st.dictionaries(texts, texts, max_size=8),
)
def test_sops_would_lay_it_out_alike(
    shared: Bench, values: list[str], items: list[str], names: dict[str, str]
) -> None:
    numbered = {f"k{number}": value for number, value in enumerate(values)}
    tree = {"clear": numbered, "items": items, "names": names, "data": {"a": "one", "b": "two"}}
    text = ours(tree)
    shared.run("set", "file.yaml", '["data"]["b"]', '"three"', text=text)
    assert set(changed_lines(text, shared.text())) <= {"b", "mac", "lastmodified"}


# Changed past both


@pytest.mark.parametrize("how", TAMPERINGS, ids=str)
def test_tampering_is_caught_there_too(bench: Bench, how: Tampering) -> None:
    bench.file.write_text(how(WHOLE), encoding="utf-8")
    assert bench.opens(TAMPERED_SECRET) != how.seen_by_sops
