"""Generated documents, written here and read by the real sops, and the other way round.

The number of documents is that of `make test`; `make test-long` sets
REGCONF_DOCUMENTS to many more. They are split evenly over versions and directions.
"""

from __future__ import annotations

import json
import os
import re
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
    CommentedList,
    Identities,
    Selector,
    decrypt,
    emit,
    encrypt,
    generate_key,
    verify,
)
from gitops_regconf.sops.nodes import trees_of
from gitops_regconf.source.documents import documents
from tests.interop.conftest import peer, versions

SECRET, RECIPIENT = generate_key()
IDENTITIES = Identities.of(SECRET)
DIRECTIONS = 2
DOCUMENTS = int(os.environ.get("REGCONF_DOCUMENTS", "2100"))
EXAMPLES = -(-DOCUMENTS // (DIRECTIONS * len(versions("sops"))))
SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="REGCONF_DOCUMENTS" not in os.environ,
    database=None,
)


@dataclass(frozen=True)
class Sops:
    """One version of the real sops in a folder of its own."""

    program: str
    version: tuple[int, ...]
    folder: Path

    def run(self, *args: str, text: str, rule: dict[str, Any]) -> str:
        done = self.result(*args, text=text, rule=rule)
        assert done.returncode == 0, (done.stderr, text)
        assert "unencrypted comment" not in done.stderr, text
        return done.stdout

    def result(
        self, *args: str, text: str, rule: dict[str, Any]
    ) -> subprocess.CompletedProcess[str]:
        (self.folder / ".sops.yaml").write_text(json.dumps({"creation_rules": [rule]}))
        (self.folder / "file.yaml").write_text(text, encoding="utf-8", newline="")
        return subprocess.run(
            [self.program, *args, "file.yaml"],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "SOPS_AGE_KEY": SECRET},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )


@pytest.fixture(scope="module", params=versions("sops"))
def sops(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Sops:
    version = tuple(map(int, request.param.split(".")))
    return Sops(peer("sops", request.param), version, tmp_path_factory.mktemp("sops"))


# Documents

CONTROL = re.compile("[\x7f-\x84\x86-\x9f]")
KEYS = ["a", "b", "data", "on", "12", "x y", "a:b", "n_unencrypted", "s_enc", "é", "-", "#"]
LINES = ["one", " two", "", "# three", "k: v", "- item", "'", '"', "\\", "ä"]
WORDS = st.sampled_from(
    ["plain", "yes", "null", "~", "1:30", "0x1", "1_0", "2020-01-01", "---", "!x", "&a", "*a", "%"]
)
TEXTS = (
    WORDS
    | st.lists(st.sampled_from(LINES), min_size=1, max_size=4).map("\n".join)
    | st.text(st.characters(exclude_characters="\u2028\u2029", codec="utf-8"), max_size=12)
).filter(lambda text: text[:1] not in (" ", "\n", "\t") or "\n" not in text)
SCALARS = (
    TEXTS
    | st.integers(-(2**63), 2**63 - 1)
    # Larger ones without a fraction are integers in what sops prints as JSON.
    | st.floats(-1e15, 1e15).filter(lambda value: value != int(value))
    | st.booleans()
    | st.none()
    | st.just("")
)
COMMENTS = st.lists(
    st.sampled_from([" note", "note", " k: v", "", " - x", " secret", " clear"]).map(Comment),
    max_size=2,
).map(tuple)


@st.composite
def mappings(draw: st.DrawFn, below: st.SearchStrategy[Any]) -> CommentedDict:
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True, min_size=1, max_size=4))
    tree = CommentedDict({key: draw(below) for key in keys})
    comments = {key: draw(COMMENTS) for key in draw(st.sets(st.sampled_from(keys), max_size=2))}
    tree.comments = {key: comments[key] for key in keys if comments.get(key)}
    return tree


@st.composite
def lists(draw: st.DrawFn, below: st.SearchStrategy[Any]) -> CommentedList:
    items = draw(st.lists(below, min_size=1, max_size=4))
    tree = CommentedList(items)
    # Comments of a mapping that begins on the line of the dash belong to the list for readers.
    for index, item in enumerate(items):
        comments = draw(COMMENTS) if not isinstance(item, (dict, list)) else ()
        if comments:
            tree.comments[index] = comments
        elif isinstance(item, CommentedDict):
            item.comments.pop(next(iter(item)), None)
        elif isinstance(item, CommentedList):
            item.comments.pop(0, None)
    return tree


VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS | st.just({}) | st.just([]), lambda below: mappings(below) | lists(below), max_leaves=12
)
TREES = mappings(VALUES)
SELECTORS = st.sampled_from(
    [
        None,
        Selector("encrypted_regex", "^(data|a)$"),
        Selector("encrypted_regex", "."),
        Selector("unencrypted_regex", "^(data|b)$"),
        Selector("encrypted_suffix", "_enc"),
        Selector("unencrypted_suffix", "ta"),
        Selector("encrypted_comment_regex", "^ secret$"),
        Selector("unencrypted_comment_regex", "^ clear$"),
    ]
)


def rule_for(selector: Selector | None, *, only_encrypted: bool) -> dict[str, Any]:
    chosen = {selector.kind: selector.value} if selector else {}
    return {"age": RECIPIENT, "mac_only_encrypted": only_encrypted, **chosen}


# Written here, read there


@SETTINGS
@given(trees=st.lists(TREES, min_size=1, max_size=2), selector=SELECTORS, only=st.booleans())
def test_sops_reads_what_is_written_here(
    sops: Sops, trees: list[Any], selector: Selector | None, only: bool
) -> None:
    text = encrypt(trees, recipients=[RECIPIENT], selector=selector, mac_only_encrypted=only)
    rule = rule_for(selector, only_encrypted=only)
    printed = sops.run("decrypt", "--output-type", "json", text=text, rule=rule)
    assert json.loads(printed) == trees[0]  # of several documents, JSON has the first
    read = decrypt(text, identities=IDENTITIES)
    assert list(read.trees) == trees
    again = encrypt(list(read.trees), recipients=[RECIPIENT], previous=text, identities=IDENTITIES)
    assert again == text


# Written there, read here

# Without a clear -0.0: sops writes it as an integer, and then does not read it itself.
NUMBERS = ["0o17", "0777", "1e3", "1_000", "+1", "-0", ".5", "5.", "1e21", "0b11", "0x1F", "0.1e1"]
OTHERS = ["1:30", "on", "~", "", "'q'", '"d\\n"', "[1, a, 'b']", "{x: y, z: }", "! x", "!!str 1"]
BLOCKS = ["|\n  a\n  b", ">-\n  a\n\n  b", "!!float 1", "!!binary aGk=", "1.50", "12e03"]
RAW = st.sampled_from([*NUMBERS, *OTHERS, *BLOCKS])
MOMENTS = st.sampled_from(
    ["2020-01-02", "2020-01-02T03:04:05Z", "2020-1-2 3:04:05", "2020-01-02T03:04:05.6+02:00"]
)
RAW_COMMENTS = st.sampled_from(["", "", "", " # inline", "\n# above the next", "\n\n  # odd"])


@st.composite
def raw_documents(draw: st.DrawFn, *, moments: bool) -> str:
    """YAML as a person might write it, not as an emitter does."""
    scalars = RAW | MOMENTS if moments else RAW
    lines = []
    for name in draw(st.lists(st.sampled_from(KEYS[:4]), unique=True, min_size=1)):
        value = draw(scalars)
        tail = draw(RAW_COMMENTS)
        if value[:1] in "|>" and not tail.startswith("\n"):
            tail = ""
        lines.append(f"{name}: {value}{tail}\n")
    for name in draw(st.lists(st.sampled_from(["m", "enc_enc"]), unique=True)):
        below = "".join(f"  k{n}: {draw(RAW)}\n".replace("\n  ", "\n    ") for n in range(2))
        lines.append(f"{name}:\n{below}" if draw(st.booleans()) else f"{name}: [1, 'x', {{}}]\n")
    return "".join(lines)


@SETTINGS
@given(data=st.data(), selector=SELECTORS, only=st.booleans(), crlf=st.booleans())
def test_what_sops_writes_is_read_here(
    sops: Sops, data: st.DataObject, selector: Selector | None, only: bool, crlf: bool
) -> None:
    moments = sops.version >= (3, 10)  # it has no type for them before
    raw = data.draw(st.lists(raw_documents(moments=moments), min_size=1, max_size=2))
    plain = data.draw(
        st.sampled_from(["---\n".join(raw)])
        | TREES.map(emit)
        | TREES.map(lambda tree: json.dumps(tree, indent=1, ensure_ascii=False)).filter(
            lambda text: CONTROL.search(text) is None  # JSON may hold them, YAML may not
        )
    )
    text = sops.run("encrypt", text=plain, rule=rule_for(selector, only_encrypted=only))
    printed = sops.result("decrypt", text=text, rule={"age": RECIPIENT})
    if printed.returncode:
        # sops makes an item of the second of two comments, and forgets the first one by it.
        assert selector is not None
        assert selector.by_comment, printed.stderr
        return
    read = decrypt(text.replace("\n", "\r\n") if crlf else text, identities=IDENTITIES)
    roots = [one.node for one in documents(printed.stdout, "printed")]
    assert list(read.trees) == trees_of(roots, "printed", {})
    same_again = encrypt(
        list(read.trees), recipients=[RECIPIENT], previous=text, identities=IDENTITIES
    )
    assert same_again == text
    found = [one.rule for one in verify(text, expected_recipients=[RECIPIENT])]
    assert set(found) <= {"sops-documents", "sops-rule"}
