"""Account files: credentials encrypted for the team, and read back with its key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_regconf import sops
from gitops_regconf.credentials.credentials import Credentials, checked
from gitops_regconf.errors import InvalidInput
from gitops_regconf.fleet.accounts import SELECTOR
from gitops_regconf.fleet.model import Account
from gitops_regconf.registries.model import Placeholder
from gitops_regconf.source.position import Position


def account_text(
    name: str,
    credentials: Credentials,
    *,
    recipients: tuple[str, ...],
    owner: str | None,
    expires: str | None,
    schema: str,
) -> str:
    """The text of an account file under a new data key; needs public keys alone.

    `schema` is the path of the JSON Schema as seen from the file.
    """
    clear = {"expires": expires, "owner": owner}
    tree = {
        "apiVersion": "regconf/v1alpha1",
        "kind": "RegistryAccount",
        "metadata": {"name": name},
        "spec": {
            **credentials.fields(),
            **{key: value for key, value in clear.items() if value is not None},
        },
    }
    modeline = f"# yaml-language-server: $schema={schema}"
    return sops.encrypt(sops.headed(tree, modeline), selector=SELECTOR, recipients=recipients)


class Vault:
    """The credentials of an MC's accounts, each decrypted once and only when it is asked for."""

    def __init__(self, accounts: Mapping[str, Account], identities: sops.Identities):
        self._accounts = accounts
        self._identities = identities
        self._specs: dict[str, Mapping[str, Any]] = {}

    def reveal(self, placeholder: Placeholder) -> str:
        """The value that belongs in a placeholder.

        Raises MissingKey where no identity opens the account's file, and
        InvalidInput where the file was changed past sops.
        """
        if placeholder.account not in self._specs:
            self._specs[placeholder.account] = self._decrypted(self._accounts[placeholder.account])
        return str(self._specs[placeholder.account][placeholder.field])

    def _decrypted(self, account: Account) -> Mapping[str, Any]:
        try:
            decrypted = sops.open_file(account.file, self._identities).decrypted
        except sops.MacMismatch as error:
            raise InvalidInput(
                "the file was changed without sops: its MAC does not fit",
                at=error.at or Position(account.path),
                mend="Undo the change and use `sops edit`, or store the account again with "
                "`regconf set-credentials`.",
            ) from None
        spec: Mapping[str, Any] = decrypted.tree["spec"]
        values = {field: spec[field] for field in account.fields}
        for field, value in values.items():
            if not isinstance(value, str):
                raise InvalidInput(
                    f"spec.{field} is not a string",
                    at=Position(account.path),
                    mend="Store it in quotes with `sops edit`, or use `regconf set-credentials`.",
                )
        problem = _problem(values)
        if problem:
            raise InvalidInput(
                problem, at=Position(account.path), mend="Use `regconf set-credentials`."
            )
        return spec


def _problem(values: dict[str, str]) -> str | None:
    """What keeps credentials that were stored with sops alone from being accepted anywhere."""
    try:
        checked(Credentials(**values))
    except InvalidInput as error:
        return error.message
    return None
