"""The stored accounts of an MC, as far as they can be read without a key."""

from __future__ import annotations

from gitops_regconf import sops
from gitops_regconf.errors import InvalidInput
from gitops_regconf.fleet import layout
from gitops_regconf.fleet.model import Account
from gitops_regconf.fleet.validate import validate
from gitops_regconf.registries.model import COMPLETE_CREDENTIALS, CREDENTIAL_KEYS
from gitops_regconf.source.files import Files
from gitops_regconf.source.position import Position

SUFFIX = ".enc.yaml"
SELECTOR = sops.Selector("encrypted_regex", f"^({'|'.join(CREDENTIAL_KEYS)})$")


def load_accounts(source: Files, mc: str) -> dict[str, Account]:
    """The accounts of an MC by name. Raises InvalidInput."""
    directory = layout.accounts_directory(mc)
    for name in source.names(directory):
        if name.startswith(".") and name.endswith(SUFFIX):
            raise InvalidInput(
                "a hidden file is no account: nothing takes it in, or encrypts it anew",
                at=Position(f"{directory}/{name}"),
                mend="Remove it, or give it a name without the leading dot.",
            )
        if not name.endswith(SUFFIX) and not name.startswith(".") and name != "README.md":
            raise InvalidInput(
                f"this is no account: the files of accounts end in {SUFFIX}",
                at=Position(f"{directory}/{name}"),
                mend="Move it elsewhere. If it holds a password in clear, take that for leaked.",
            )
    return {
        name.removesuffix(SUFFIX): _account(source, f"{directory}/{name}")
        for name in source.names(directory)
        if name.endswith(SUFFIX) and not name.startswith(".")
    }


def _account(source: Files, path: str) -> Account:
    document = source.document(path)
    if not isinstance(document.data, dict) or "sops" not in document.data:
        raise InvalidInput(
            "this account is not encrypted",
            at=Position(path),
            mend="Take it for leaked: change the password at its registry, remove the file from "
            "Git's history, and store the new one with `regconf set-credentials`.",
        )
    data = validate(document, "RegistryAccount")
    name = path.rsplit("/", 1)[1].removesuffix(SUFFIX)
    if data["metadata"]["name"] != name:
        raise InvalidInput(
            f"the account is called {data['metadata']['name']!r} here and {name!r} by its file",
            at=document.at("metadata", "name"),
        )
    file = sops.parse(document.text, path)
    spec = data["spec"]
    fields = tuple(field for field in CREDENTIAL_KEYS if spec.get(field))
    for field in fields:
        if not sops.is_ciphertext(spec[field]):
            raise InvalidInput(
                f"spec.{field} is not encrypted",
                at=document.at("spec", field),
                mend="Take it for leaked: change it at the registry, then store the new one with "
                "`regconf set-credentials`.",
            )
    if file.metadata.selector != SELECTOR:
        raise InvalidInput(
            "the rule by which this file is encrypted is not that of accounts",
            at=document.at("sops"),
            mend="Store it again with `regconf set-credentials`.",
        )
    if set(fields) not in COMPLETE_CREDENTIALS:
        raise InvalidInput(
            f"{' and '.join(fields) or 'nothing'} cannot be sent to a registry",
            at=document.at("spec"),
            mend="An account holds a user name with a password, or auth, or an identity token: "
            "store it again with `regconf set-credentials`.",
        )
    return Account(name, path, fields, spec.get("owner"), spec.get("expires"), file)
