"""Whether a Secret's file is what the inputs give, and making it so."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Mapping
from dataclasses import replace

from gitops_regconf import sops
from gitops_regconf.credentials.accounts import Vault
from gitops_regconf.errors import InvalidInput, MissingKey
from gitops_regconf.fleet.model import Account
from gitops_regconf.render.header import header
from gitops_regconf.render.secret import (
    DIGEST,
    SELECTOR,
    Digest,
    Secret,
    digest,
    own_digest,
    tree,
)
from gitops_regconf.render.values import filled
from gitops_regconf.sops.armor import problem_of_armor
from gitops_regconf.sops.recipients import is_native, missing_and_extra


def drift(secret: Secret, accounts: Mapping[str, Account], text: str | None) -> str | None:
    """Why the file's `text` is not what the inputs give; None where it is. Needs no key.

    Everything is compared byte for byte but the encrypted data keys, the MAC
    and its date; the encrypted leaf is bound by the digest.
    """
    if text is None:
        return "missing"
    try:
        file = sops.parse(text, secret.path)
    except sops.NotEncrypted:
        return "not encrypted: take the credentials in it for leaked, and change them"
    except InvalidInput as error:
        return f"not a well-formed SOPS file: {error.message}"
    leaf = _leaf_of(file.trees[0], secret.output.key)
    if leaf is None:
        return f"data.{secret.output.key} is not encrypted"
    digested = digest(secret, accounts, leaf, file.metadata.wrapped_keys)
    expected = _expected(secret, file, leaf, str(digested))
    if expected == text:
        return _data_keys(file)
    return (
        _data_keys(file)
        or _recipients(secret, file)
        or _inputs(file, digested)
        or _line(expected, text)
    )


def _leaf_of(tree: sops.Tree, key: str) -> str | None:
    """The ciphertext under the one data key; None where it is none."""
    data = tree.get("data")
    leaf = data.get(key) if isinstance(data, dict) else None
    return leaf if isinstance(leaf, str) and sops.is_ciphertext(leaf) else None


def _data_keys(file: sops.SopsFile) -> str | None:
    for stanza in file.metadata.recipients:
        problem = problem_of_armor(stanza.enc, native=is_native(stanza.recipient))
        if problem:
            return f"the data key for {stanza.recipient} {problem}"
    return None


def untouched(file: sops.SopsFile, key: str) -> bool:
    """Whether ciphertext and wrapped data key of a Secret are those that regconf wrote."""
    leaf, found = _leaf_of(file.trees[0], key), _annotated(file)
    if leaf is None or found is None:
        return False
    return found.own == own_digest(leaf, file.metadata.wrapped_keys)


def not_encrypted(text: str, path: str) -> str | None:
    """Why a Secret's file is not one whose every value is encrypted; None where it is."""
    try:
        trees = sops.parse(text, path).trees
    except InvalidInput as error:
        return f"not a well-formed SOPS file: {error.message}"
    data = trees[0].get("data") if len(trees) == 1 else None
    if not isinstance(data, dict) or not all(map(sops.is_ciphertext, data.values())):
        return "its values are not encrypted"
    return None


def verified(
    secret: Secret, vault: Vault, identities: sops.Identities, text: str
) -> tuple[bool, str | None]:
    """What only a key can tell of a file without drift: was its MAC verified, what is wrong.

    An MC's key opens its Secrets but no account: then the values cannot be compared.
    """
    try:
        decrypted = sops.decrypt(text, identities=identities, path=secret.path)
    except MissingKey:
        return False, None
    except (sops.MacMismatch, sops.Malformed):
        return True, "its MAC does not fit: it was changed without sops"
    try:
        wanted = _leaf(secret, vault)
    except MissingKey:
        return True, None
    if decrypted.tree["data"][secret.output.key] != wanted:
        return True, "it holds other values than the inputs give"
    return True, None


def sealed(
    secret: Secret,
    accounts: Mapping[str, Account],
    vault: Vault,
    identities: sops.Identities,
    previous: str | None,
) -> str:
    """The text of the Secret's file; what is unchanged in `previous` stays as it is there.

    Where `previous` was changed past regconf, it is written under a new data
    key: somebody may know the old one. Raises MissingKey where an account
    cannot be opened.
    """
    leaf = _leaf(secret, vault)
    if previous is not None:
        text = None
        with contextlib.suppress(InvalidInput, MissingKey):
            file = sops.parse(previous, secret.path)
            if untouched(file, secret.output.key):
                text = _sealed(secret, accounts, leaf, sops.open_file(file, identities))
        if text is not None and drift(secret, accounts, text) is None:
            return text
    # Nothing of the previous file can be kept: it is written under a new data key.
    return _sealed(secret, accounts, leaf, None)


def rewrapped(
    text: str,
    path: str,
    key: str,
    *,
    recipients: tuple[str, ...],
    identities: sops.Identities,
    new_data_key: bool,
) -> str:
    """A Secret with the values that it has, for other recipients; its digest knows of it.

    `key` is the one data key. What it was made from stays as out of date as it
    is. Raises as `sops.rewrap` does.
    """
    opened = sops.open_file(sops.parse(text, path), identities)
    draft = sops.Draft.of(
        opened.decrypted.trees, recipients=recipients, previous=opened, new_data_key=new_data_key
    )
    found, leaf = _annotated(opened.file), _leaf_of(draft.trees[0], key)
    if found and leaf and draft.selector == SELECTOR and len(draft.trees) == 1:
        digested = replace(found, own=own_digest(leaf, draft.wrapped_keys))
        draft = draft.with_clear(("metadata", "annotations", DIGEST), str(digested))
    return draft.seal().to_yaml()


def _sealed(
    secret: Secret, accounts: Mapping[str, Account], leaf: str, previous: sops.Opened | None
) -> str:
    draft = sops.Draft.of(
        sops.headed(tree(secret, leaf, ""), header(secret.source)),
        selector=SELECTOR,
        recipients=secret.recipients,
        previous=previous,
        mac_only_encrypted=False,
    )
    ciphertext = draft.tree["data"][secret.output.key]
    digested = str(digest(secret, accounts, ciphertext, draft.wrapped_keys))
    sealed_file = draft.with_clear(("metadata", "annotations", DIGEST), digested).seal()
    return _laid_out(sealed_file)


def _laid_out(file: sops.SopsFile) -> str:
    """The file in the layout of sops 3.13, however it was laid out where it was read."""
    metadata = replace(file.metadata, layout=sops.Layout.SORTED)
    return replace(
        file, metadata=metadata, text=None, documents=(), known_form=sops.Form()
    ).to_yaml()


def _leaf(secret: Secret, vault: Vault) -> str:
    """The value of the one data key: base64, which Flux's substitution cannot mangle."""
    document = sops.emit(filled(dict(secret.values), vault.reveal), indent=2)
    return base64.b64encode(document.encode()).decode()


def _expected(secret: Secret, file: sops.SopsFile, leaf: str, digested: str) -> str:
    wrapped = sops.selected(file.metadata, secret.recipients)
    expected = replace(
        file,
        trees=(sops.headed(tree(secret, leaf, digested), header(secret.source)),),
        metadata=replace(
            file.metadata,
            recipients=wrapped.stanzas,
            other=wrapped.other,
            selector=SELECTOR,
            mac_only_encrypted=False,
            version=sops.VERSION,
        ),
    )
    return _laid_out(expected)


def _recipients(secret: Secret, file: sops.SopsFile) -> str | None:
    if len(file.metadata.groups.groups) > 1:
        return "encrypted for key groups, of which no one opens it alone"
    missing, extra = map(sorted, missing_and_extra(secret.recipients, file.metadata.names))
    reasons = []
    if missing:
        reasons.append(f"not encrypted for {', '.join(missing)}")
    if extra:
        reasons.append(f"also encrypted for {', '.join(extra)}, which regconf.yaml does not name")
    if file.metadata.unknown:
        reasons.append(f"its metadata has {', '.join(file.metadata.unknown)}")
    return "; ".join(reasons) or None


def _inputs(file: sops.SopsFile, expected: Digest) -> str | None:
    found = _annotated(file)
    if found is None:
        return f"the annotation {DIGEST} is missing or was edited"
    if found.renderer != expected.renderer:
        return f"written by another renderer ({found.renderer}; this is {expected.renderer})"
    reasons = {
        "config": "the registries, endpoints or accounts in use have changed",
        "accounts": "the credentials of an account have changed",
        "own": "its encrypted value or its wrapped data key were changed without regconf",
        "everything": "its recipients or its digest were edited",
    }
    for part, reason in reasons.items():
        if getattr(found, part) != getattr(expected, part):
            return reason
    return None


def _annotated(file: sops.SopsFile) -> Digest | None:
    metadata = file.trees[0].get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return Digest.parse(str(annotations.get(DIGEST))) if isinstance(annotations, dict) else None


def _line(expected: str, text: str) -> str:
    """The first line in which the file differs; no line of it holds plaintext."""
    pairs = enumerate(zip(expected.splitlines(), text.splitlines(), strict=False), start=1)
    number = next((number for number, (left, right) in pairs if left != right), None)
    return f"edited by hand at line {number}" if number else "edited by hand at its end"
