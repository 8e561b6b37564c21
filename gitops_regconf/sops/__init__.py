"""The SOPS file format in Python, usable on its own: see docs/sops-format.md.

`decrypt` opens a file and always verifies its MAC; `encrypt` writes one, and as
the next version of a `previous` file changes only what changed; `rewrap` gives
a file other recipients; `verify` says what is wrong with one, without any key.
`parse` and `open_file` are their parts, `Draft` is `encrypt` in two steps, for
clear values that depend on the ciphertext.

Keys come from `find_identities`, or from `generate_key`; recipients are texts
(`check_recipient`), several groups of them `KeyGroups`. Trees are plain dicts
and lists; those that carry comments are `CommentedDict` and `CommentedList`,
and `headed` puts lines on top. `find_rules_file`, `parse_rules`, `first_match`
and `with_rules` find, read and edit `.sops.yaml`, `Selector` says what a rule
encrypts, and `emit` lays out YAML as sops does.

Each name is imported when it is asked for: most of what hooks see needs no cryptography.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gitops_regconf.sops.age import Stanza, generate_key
    from gitops_regconf.sops.comments import CommentedDict, CommentedList, headed, header_of
    from gitops_regconf.sops.draft import Draft
    from gitops_regconf.sops.emitter import emit
    from gitops_regconf.sops.encrypting import encrypt, rewrap
    from gitops_regconf.sops.errors import (
        MacMismatch,
        Malformed,
        NotEncrypted,
        Unsupported,
        WrongKey,
    )
    from gitops_regconf.sops.file import Form, SopsFile, parse
    from gitops_regconf.sops.gotypes import Comment, InlineComment, Tree
    from gitops_regconf.sops.identities import Identities
    from gitops_regconf.sops.key_sources import find_identities
    from gitops_regconf.sops.layout import Layout
    from gitops_regconf.sops.metadata import VERSION, Metadata
    from gitops_regconf.sops.opening import Decrypted, Opened, decrypt, open_file
    from gitops_regconf.sops.recipients import KeyGroups, check_recipient
    from gitops_regconf.sops.rules import Rule, first_match, parse_rules
    from gitops_regconf.sops.rules_edit import with_rules
    from gitops_regconf.sops.rules_file import find_rules_file, name_in_rules
    from gitops_regconf.sops.rules_text import GeneratedRule
    from gitops_regconf.sops.selector import Selector
    from gitops_regconf.sops.values import is_ciphertext
    from gitops_regconf.sops.verification import verify
    from gitops_regconf.sops.wrapping import selected

_HOME = {
    "Comment": "gotypes",
    "CommentedDict": "comments",
    "CommentedList": "comments",
    "Decrypted": "opening",
    "Draft": "draft",
    "Form": "file",
    "GeneratedRule": "rules_text",
    "Identities": "identities",
    "InlineComment": "gotypes",
    "KeyGroups": "recipients",
    "Layout": "layout",
    "MacMismatch": "errors",
    "Malformed": "errors",
    "Metadata": "metadata",
    "NotEncrypted": "errors",
    "Opened": "opening",
    "Rule": "rules",
    "Selector": "selector",
    "SopsFile": "file",
    "Stanza": "age",
    "Tree": "gotypes",
    "Unsupported": "errors",
    "VERSION": "metadata",
    "WrongKey": "errors",
    "check_recipient": "recipients",
    "decrypt": "opening",
    "emit": "emitter",
    "encrypt": "encrypting",
    "find_identities": "key_sources",
    "find_rules_file": "rules_file",
    "first_match": "rules",
    "generate_key": "age",
    "headed": "comments",
    "header_of": "comments",
    "is_ciphertext": "values",
    "name_in_rules": "rules_file",
    "open_file": "opening",
    "parse": "file",
    "parse_rules": "rules",
    "rewrap": "encrypting",
    "selected": "wrapping",
    "verify": "verification",
    "with_rules": "rules_edit",
}

__all__ = [
    "VERSION",
    "Comment",
    "CommentedDict",
    "CommentedList",
    "Decrypted",
    "Draft",
    "Form",
    "GeneratedRule",
    "Identities",
    "InlineComment",
    "KeyGroups",
    "Layout",
    "MacMismatch",
    "Malformed",
    "Metadata",
    "NotEncrypted",
    "Opened",
    "Rule",
    "Selector",
    "SopsFile",
    "Stanza",
    "Tree",
    "Unsupported",
    "WrongKey",
    "check_recipient",
    "decrypt",
    "emit",
    "encrypt",
    "find_identities",
    "find_rules_file",
    "first_match",
    "generate_key",
    "headed",
    "header_of",
    "is_ciphertext",
    "name_in_rules",
    "open_file",
    "parse",
    "parse_rules",
    "rewrap",
    "selected",
    "verify",
    "with_rules",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = found
    return found
