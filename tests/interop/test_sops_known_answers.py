"""The known answers in docs/sops-format.md are those of the real sops, in every version."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gitops_regconf.sops import generate_key
from gitops_regconf.sops.age import wrap
from gitops_regconf.sops.emitter import emit
from gitops_regconf.sops.values import encrypt_value
from tests.interop.conftest import Run, peer, versions
from tests.sops.test_docs import KEY, KNOWN

SECRET, RECIPIENT = generate_key()
MOMENT = "2026-01-02T03:04:05Z"


def encrypted(node: object, path: tuple[str, ...]) -> object:
    if isinstance(node, dict):
        return {key: encrypted(value, (*path, key)) for key, value in node.items()}
    if isinstance(node, list):
        return [encrypted(item, path) for item in node]
    return None if node is None else encrypt_value(node, KEY, ":".join((*path, "")))  # type: ignore[arg-type]


def file(tree: dict[str, object], mac: str, **settings: object) -> str:
    """A SOPS file under the known data key, with the MAC as it is given."""
    stanza = wrap(KEY, RECIPIENT)
    block = {
        "age": [{"enc": stanza.enc, "recipient": RECIPIENT}],
        "lastmodified": MOMENT,
        "mac": encrypt_value(mac, KEY, MOMENT),
        "version": "3.13.3",
        **settings,
    }
    return emit({**tree, "sops": block})


@pytest.mark.parametrize("version", versions("sops"))
@pytest.mark.parametrize("field", ["mac", "mac_only_encrypted"])
def test_sops_accepts_the_known_mac(version: str, field: str, run: Run) -> None:
    plain = KNOWN["tree"]
    tree = {**plain, "data": encrypted(plain["data"], ("data",))}
    settings = {"encrypted_regex": KNOWN["encrypted_regex"]}
    if field == "mac_only_encrypted":
        settings["mac_only_encrypted"] = True
    assert json.loads(decrypted(run, version, file(tree, KNOWN[field], **settings))) == plain


def known_to(version: str) -> list[Any]:
    """The values whose type this sops has: `time` is younger than 3.9."""
    old = version.startswith("3.9.")
    return [known for known in KNOWN["values"] if not (old and "type:time" in known["text"])]


@pytest.mark.parametrize(
    ("version", "known"),
    [(version, known) for version in versions("sops") for known in known_to(version)],
)
def test_sops_opens_the_known_values(version: str, known: Any, run: Run) -> None:
    tree: object = [known["text"]] if "comment" in known["text"] else known["text"]
    for key in reversed(known["path"]):
        tree = {key: tree}
    assert isinstance(tree, dict)
    text = file(tree, "0" * 128)
    printed = decrypted(run, version, text, "--ignore-mac")
    value = json.loads(printed)
    for key in known["path"]:
        value = value[key]
    if isinstance(value, list):
        assert value == []  # a comment, which JSON cannot hold
    else:
        assert value == (float(known["plain"]) if "float" in known["text"] else known["plain"])


def decrypted(run: Run, version: str, text: str, *flags: str) -> str:
    done = run(
        peer("sops", version),
        *("decrypt", *flags, "--input-type", "yaml", "--output-type", "json", "/dev/stdin"),
        environ={"SOPS_AGE_KEY": SECRET},
        stdin=text,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
