"""Ways in which a file can be changed past sops, and who sees it.

The table in docs/sops-format.md has a row for each; a test holds them together.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gitops_regconf.sops import encrypt, generate_key

SECRET, RECIPIENT = generate_key()
TREE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "x", "namespace": "default"},
    "data": {"one": "first", "two": "second", "number": 5, "list": ["a", "b"]},
}


def whole() -> str:
    """A file that nobody has changed."""
    return encrypt(TREE, recipients=[RECIPIENT], encrypted_regex="^(data|stringData)$")


WHOLE = whole()


@dataclass(frozen=True)
class Tampering:
    """`change` makes of a whole file one that was tampered with."""

    name: str
    change: Callable[[str], str]
    seen_without_key: bool
    seen_by_sops: bool = True

    def __str__(self) -> str:
        return self.name

    def __call__(self, text: str) -> str:
        changed = self.change(text)
        assert changed != text
        return changed


def line(text: str, key: str) -> str:
    """The line of a key."""
    return next(one for one in text.split("\n") if one.lstrip().startswith(f"{key}:"))


def with_line(key: str, new: Callable[[str], str | None]) -> Callable[[str], str]:
    """Replaces the line of a key; None removes it."""

    def change(text: str) -> str:
        old = line(text, key)
        changed = new(old)
        return text.replace(f"{old}\n", "" if changed is None else f"{changed}\n")

    return change


def value(new: str) -> Callable[[str], str]:
    """The line with another value."""
    return lambda old: old[: old.index(":") + 1] + new


def swapped_items(text: str) -> str:
    lines = text.split("\n")
    at = lines.index("    list:")
    lines[at + 1], lines[at + 2] = lines[at + 2], lines[at + 1]
    return "\n".join(lines)


def swapped_keys(text: str) -> str:
    one, two = line(text, "one"), line(text, "two")
    return text.replace(f"{one}\n{two}", f"{two}\n{one}")


def swapped_values(text: str) -> str:
    one, two = (line(text, key).split(": ", 1)[1] for key in ("one", "two"))
    return text.replace(one, "?").replace(two, one).replace("?", two)


def truncated_tag(old: str) -> str:
    return re.sub("tag:[^,]*,", "tag:AAAA,", old)


def flipped(old: str) -> str:
    """Another valid base64 text of the same length."""
    return re.sub("data:(.)", lambda found: f"data:{'B' if found[1] == 'A' else 'A'}", old)


def doubled(text: str) -> str:
    mac = line(text, "mac")
    return text.replace(mac, f"{mac}\n{mac}")


TAMPERINGS = (
    Tampering("two items of a list swapped", swapped_items, False),
    Tampering("two keys swapped", swapped_keys, False),
    Tampering("the values of two keys swapped", swapped_values, False),
    Tampering(
        "an encrypted key renamed", with_line("one", lambda old: old.replace("one", "x")), False
    ),
    Tampering("a clear key renamed", lambda t: t.replace("namespace:", "nspace:"), False, False),
    Tampering("a clear value changed", lambda t: t.replace("name: x", "name: y"), False),
    Tampering(
        "the type of a clear value changed", lambda t: t.replace("name: x", "name: 1"), False
    ),
    Tampering("a clear value added", lambda t: t.replace("kind:", "more: x\nkind:"), False),
    Tampering("an encrypted value blanked", with_line("one", value(' ""')), False),
    Tampering("an encrypted value made null", with_line("one", value(" null")), False),
    Tampering("an encrypted key dropped", with_line("one", lambda _old: None), False),
    Tampering("an encrypted value replaced by plaintext", with_line("one", value(" CANARY")), True),
    Tampering("an encrypted number replaced by a number", with_line("number", value(" 5")), True),
    Tampering("the tag of a value truncated", with_line("one", truncated_tag), True),
    Tampering(
        "the base64 of a value broken", with_line("one", lambda o: o.replace("iv:", "iv:=")), True
    ),
    Tampering("a bit of a value flipped", with_line("one", flipped), False),
    Tampering(
        "a value from another file", with_line("one", lambda _old: line(whole(), "one")), False
    ),
    Tampering(
        "ciphertext moved to where the rule says clear",
        lambda t: t.replace("    name: x", line(t, "one").replace("one:", "name:")),
        True,
    ),
    Tampering(
        "the block of another file",
        lambda t: t[: t.index("sops:")] + whole()[whole().index("sops:") :],
        False,
    ),
    Tampering("the moment changed", lambda t: re.sub('(lastmodified: ")2', r"\g<1>1", t), False),
    Tampering(
        "the MAC of another file", with_line("mac", lambda _old: line(whole(), "mac")), False
    ),
    Tampering("the MAC blanked", with_line("mac", value(' ""')), True),
    Tampering("the MAC removed", with_line("mac", lambda _old: None), True),
    Tampering("the MAC there twice, as after a merge", doubled, True),
    Tampering(
        "the halves of a merge conflict",
        lambda t: t.replace("    one:", "<<<<<<< HEAD\n    one:"),
        True,
    ),
    Tampering(
        "a second selector",
        lambda t: t.replace(
            "    encrypted_regex:", "    encrypted_suffix: x\n    encrypted_regex:"
        ),
        True,
    ),
    Tampering("the selector widened", with_line("encrypted_regex", value(" ^(data|kind)$")), True),
    Tampering("the selector narrowed", with_line("encrypted_regex", value(" ^stringData$")), True),
    Tampering(
        "the wrapped data key cut",
        lambda t: re.sub("(BEGIN AGE.*\n)(.*\n)", r"\1", t, count=1),
        True,
    ),
)
