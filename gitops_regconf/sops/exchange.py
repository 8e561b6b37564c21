"""The two files of an exchange with sops, and the age key that lives no longer than it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import yaml

from gitops_regconf.sops.emitter import emit
from gitops_regconf.sops.errors import Malformed
from gitops_regconf.sops.recipients import FILE_KINDS, of_block

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_GROUPS: Final = "key_groups"
_THRESHOLD: Final = "shamir_threshold"
_KEY_PARTS: Final = (_THRESHOLD, _GROUPS, *FILE_KINDS)
# What every sops asks for, and updatekeys does not use.
_FORMAL: Final = {"lastmodified": "2000-01-01T00:00:00Z", "mac": "", "version": "3.9.0"}
_PROTECTED: Final = (b"age-encryption", b"-----BEGIN AGE")


class EphemeralKey:
    """An age key that is only in memory, and in the environment of the sops that needs it."""

    def __init__(self) -> None:
        import pyrage

        self._identity = pyrage.x25519.Identity.generate()
        self.recipient = str(self._identity.to_public())

    def block(self, data_key: bytes) -> dict[str, Any]:
        """The key parts of a block that wraps `data_key` for this key."""
        import pyrage

        enc = pyrage.encrypt(data_key, [self._identity.to_public()], armored=True)
        return {"age": [{"recipient": self.recipient, "enc": enc.decode("ascii")}]}

    def opened(self, block: Mapping[str, Any] | None) -> bytes | None:
        """The data key that a block wraps for this key; None where it does not."""
        import pyrage

        try:
            (entry,) = (block or {})["age"]
            return bytes(pyrage.decrypt(entry["enc"].encode(), [self._identity]))
        except (pyrage.DecryptError, KeyError, TypeError, ValueError, AttributeError):
            return None

    def secret(self) -> str:
        """For an environment, and nothing else."""
        return str(self._identity)


def environ_with(key: EphemeralKey, environ: Mapping[str, str], empty: Path) -> dict[str, str]:
    """`environ` with `key` as its only age key.

    sops would ask for the passphrase of a protected `keys.txt` even if it is of
    no use; only then the `empty` folder stands in for the one that it is in.
    """
    from gitops_regconf.sops.key_sources import default_key_file

    kept = {name: value for name, value in environ.items() if not name.startswith("SOPS_AGE_")}
    default = default_key_file(environ)
    if default and _is_protected(default):
        kept["XDG_CONFIG_HOME"] = str(empty)
    return {**kept, "SOPS_AGE_KEY": key.secret()}


def _is_protected(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(14) in _PROTECTED
    except OSError:
        return False


def write(
    file: Path, config: Path, block: Mapping[str, Any], key_groups: list[dict[str, Any]]
) -> None:
    """A SOPS file with the key parts of `block` and no values, and the config for its new keys."""
    parts = {name: block[name] for name in _KEY_PARTS if block.get(name)}
    if _GROUPS in parts:
        # Without one, sops puts a wrong data key together from too few groups.
        parts.setdefault(_THRESHOLD, len(parts[_GROUPS]))
    file.write_text(emit({"sops": parts | _FORMAL}), encoding="utf-8")
    config.write_text(emit({"creation_rules": [{_GROUPS: key_groups}]}), encoding="utf-8")


def read(file: Path) -> dict[str, Any] | None:
    """The key parts of the block as sops wrote them, without empty lists; None without any."""
    try:
        # All scalars as text: the types of this YAML are not quite those of sops.
        data = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
        parts = {name: data["sops"][name] for name in _KEY_PARTS if data["sops"].get(name)}
        if _THRESHOLD in parts:
            parts[_THRESHOLD] = int(parts[_THRESHOLD])
        of_block(parts)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError, Malformed):
        return None
    return parts
