"""Which places of an object hold credentials, whatever the values there look like."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final, NamedTuple

from gitops_regconf.source.limits import MAX_DEPTH

# The kinds whose data are secret, in any case, as whoever writes them by hand may.
KINDS: Final = r"(?i:(?:sops)?secret(?:list)?)"
OF_A_SECRET: Final = rf"(?i:\bkind)[\"']?\s*:\s*(?:(?:[&!*|>]\S*|#[^\n]*\n)\s*)*[\"']?{KINDS}\b"
"""What says, in YAML or JSON, that an object is one of them."""

# What a registry takes; a user name alone opens nothing.
CREDENTIAL_KEYS: Final = frozenset(("password", "auth", "identitytoken", "registrytoken"))
SECRET: Final = "a Secret"  # noqa: S105  # is what it says
REGISTRY: Final = "the credentials of a registry"
DOCKER: Final = "a docker configuration"
_FIELDS: Final = frozenset(("data", "stringData", "binaryData"))
_REGISTRIES: Final = frozenset(("auths", "containerRegistries"))
# In a schema, what is below the name of a field says what the field is.
_SCHEMA: Final = frozenset(("properties", "dependentSchemas", "dependentRequired", "$defs"))
_DOCKER_FILES: Final = ("dockerconfigjson", "dockercfg", "dockerconfig")
# Ciphertext, and what other tools verify.
_CIPHERTEXT: Final = frozenset(("encryptedData",))
_PROSE: Final = frozenset(("description", "title", "summary", "help", "$comment", "message"))


class Place(NamedTuple):
    """Where in an object a value stands, and what follows from the keys that lead to it.

    `held` says what every leaf here is part of, and is empty where names decide.
    `name` is the name that the value goes by, which is its key, or beside it. `sample`
    is for what documentation shows, where placeholders are none but in their look.
    """

    path: tuple[str, ...] = ()
    name: str = ""
    held: str = ""
    secret: bool = False
    registry: bool = False
    ciphertext: bool = False
    prose: bool = False
    sample: bool = False

    def below(self, key: str) -> Place:
        """The place of the value of `key`."""
        path = (*self.path, key)
        if self.held == SECRET or self.ciphertext:
            return self._replace(path=path, name=key)
        return Place(
            path=path,
            name=key,
            held=self._held(key),
            # Objects do not nest: what is below spec is no Secret any more.
            registry=self._is_registry(key),
            ciphertext=key in _CIPHERTEXT,
            prose=key in _PROSE or (self.prose and key not in CREDENTIAL_KEYS),
            sample=self.sample,
        )

    def _held(self, key: str) -> str:
        if key in _FIELDS and (self.secret or (key == "stringData" and not self.path)):
            return SECRET
        if self.registry and (key in CREDENTIAL_KEYS or self._is_of_credentials(key)):
            return REGISTRY
        if "ocker" in key or "OCKER" in key:
            bare = key.lower().replace("_", "").replace("-", "")
            return DOCKER if bare.endswith(_DOCKER_FILES) else ""
        return ""

    def _is_of_credentials(self, key: str) -> bool:
        """Whatever stands under `credentials`, a misspelt key too; a user name opens nothing."""
        is_schema = "properties" in self.path or key in _SCHEMA or key.startswith("$")
        return self.name == "credentials" and key != "username" and not is_schema

    def _is_registry(self, key: str) -> bool:
        """Below `auths` and `containerRegistries`, whatever the hosts are called."""
        return key in _REGISTRIES or (self.registry and key not in _SCHEMA)


def place_at(keys: Iterable[str], *, secret: bool) -> Place:
    """Where a path leads to in an object, which may be a Secret."""
    here = Place(secret=secret)
    for key in islice(keys, MAX_DEPTH):
        here = here.below(key)
        if "credentials" in here.path[:-1]:
            here = here._replace(registry=True)
    if "credentials" in here.path[:-1] and here.name in CREDENTIAL_KEYS:
        here = here._replace(held=REGISTRY)
    return here
