"""The Secret that a cluster App takes in, and the digest of what it was made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_regconf import sops
from gitops_regconf.fleet.model import Account, Output
from gitops_regconf.registries.model import Placeholder
from gitops_regconf.render.values import filled

DIGEST = "regconf/inputs-digest"
SELECTOR = sops.Selector("encrypted_regex", "^(data|stringData)$")
# Counted up whenever the same inputs give another file.
RENDERER = 2


@dataclass(frozen=True, slots=True)
class Secret:
    """One Secret to be: everything but the credentials themselves."""

    path: str
    source: str
    name: str
    output: Output
    values: Mapping[str, Any]
    recipients: tuple[str, ...]

    def accounts(self) -> tuple[str, ...]:
        """The names of the accounts whose credentials it holds."""
        names: dict[str, None] = {}
        filled(self.values, lambda placeholder: names.setdefault(placeholder.account) or "")
        return tuple(names)


@dataclass(frozen=True, slots=True)
class Digest:
    """What a Secret was made from, without a secret in it.

    Written as `r<renderer>.<config>.<accounts>.<own>.<all>`. `all` is the
    SHA-256 of everything: the values document with the ciphertext of the
    account files' leaves in place of the credentials, the recipients, and
    `own`. `own` (128 bits) is that of what stands in the Secret itself: the
    ciphertext of its leaf and the wrapped data key. The two short ones before
    it (48 bits) only tell which of the inputs has changed.
    """

    renderer: str
    config: str
    accounts: str
    own: str
    everything: str

    def __str__(self) -> str:
        parts = (self.renderer, self.config, self.accounts, self.own, self.everything)
        return ".".join(parts)

    @classmethod
    def parse(cls, text: str) -> Digest | None:
        """The digest in an annotation; None where it is none."""
        parts = text.split(".")
        return cls(*parts) if len(parts) == 5 else None


def tree(secret: Secret, leaf: str, digest: str) -> dict[str, Any]:
    """The Secret as an object; `leaf` is the value of its one data key."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": secret.name,
            "namespace": secret.output.namespace,
            "annotations": {DIGEST: digest},
        },
        "data": {secret.output.key: leaf},
    }


def own_digest(ciphertext: str, wrapped_keys: Mapping[str, Any]) -> str:
    """The part of the digest that only depends on the Secret itself."""
    return _sha256([ciphertext, wrapped_keys])[:32]


def digest(
    secret: Secret,
    accounts: Mapping[str, Account],
    ciphertext: str,
    wrapped_keys: Mapping[str, Any],
) -> Digest:
    """The digest of a Secret whose own leaf is `ciphertext`. Needs no key."""
    config = filled(secret.values, lambda found: f"{found.account}/{found.field}")
    used = filled(secret.values, lambda found: _ciphertext(accounts, found))
    own = own_digest(ciphertext, wrapped_keys)
    renderer = f"r{RENDERER}"
    return Digest(
        renderer,
        _sha256([config])[:12],
        _sha256([used])[:12],
        own,
        _sha256([renderer, used, sorted(secret.recipients), own]),
    )


def _ciphertext(accounts: Mapping[str, Account], placeholder: Placeholder) -> str:
    return accounts[placeholder.account].ciphertext(placeholder.field)


def _sha256(parts: Sequence[object]) -> str:
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
