"""The sops command line, for wrapping and unwrapping data keys of kinds that only it knows.

`sops updatekeys` opens the data key of a file and wraps it for the keys that a
config names, without a look at the values. So it is given a file that has no
values, and one side of the exchange is an age key that only exists meanwhile:
what is on disk or in an argument is always wrapped.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gitops_regconf.errors import CannotCheck, InvalidInput
from gitops_regconf.sops import exchange
from gitops_regconf.sops.errors import WrongKey
from gitops_regconf.sops.exchange import EphemeralKey
from gitops_regconf.sops.process import Ended, run, version
from gitops_regconf.sops.recipients import KeyGroups, check_recipient, of_block
from gitops_regconf.sops.redaction import redact
from gitops_regconf.sops.rule_keys import to_config_group

if TYPE_CHECKING:
    from gitops_regconf.source.position import Position

SECONDS: Final = 120.0  # a person may be asked for a PIN
_NO_DATA_KEY: Final = 128  # sops cmd/sops/codes
_INSTALL: Final = (
    "Install sops (https://github.com/getsops/sops/releases), so that it is on the PATH."
)


@dataclass(frozen=True)
class SopsCommand:
    """A sops binary and the environment in which it finds the user's keys.

    It is stopped when it has not ended within `seconds`.
    """

    program: str
    environ: Mapping[str, str] = field(repr=False)
    seconds: float = SECONDS

    @classmethod
    def find(cls, environ: Mapping[str, str]) -> SopsCommand:
        """The sops on the PATH of `environ`. Raises CannotCheck where there is none."""
        program = _found(environ)
        if program is None:
            raise CannotCheck(
                "'sops' is not on the PATH, and is needed for keys other than age X25519",
                mend=_INSTALL,
            )
        return cls(program, environ)

    @staticmethod
    def is_missing(environ: Mapping[str, str]) -> bool:
        """Whether `find` would find none."""
        return _found(environ) is None

    def unwrap(self, block: Mapping[str, Any], at: Position) -> bytes:
        """The data key that the key parts of a `sops` block wrap, by the user's own keys.

        Raises WrongKey where none of them opens it, CannotCheck where sops
        fails otherwise.
        """
        key = EphemeralKey()
        ended, result = self._exchanged(block, [{"age": [key.recipient]}], self.environ, at)
        if ended.code == _NO_DATA_KEY:
            raise WrongKey(
                f"sops opens the file with none of the keys at hand: {redact(ended.stderr)}",
                at=at,
                mend="Make one of the keys available that the message names, as for sops itself.",
            )
        data_key = key.opened(result) if ended.code == 0 else None
        if data_key is None:
            raise self._failed("unwrap the data key", ended, at)
        return data_key

    def wrap(self, data_key: bytes, groups: KeyGroups) -> dict[str, Any]:
        """The key parts of a `sops` block that wraps `data_key` for `groups`.

        Raises InvalidInput for a recipient that is none, CannotCheck where
        sops cannot wrap for all of them.
        """
        if not groups.groups or not all(groups.groups):
            raise InvalidInput("a key group without recipients cannot be encrypted for")
        for recipient in (name for group in groups.groups for name in group):
            check_recipient(recipient)
        key = EphemeralKey()
        block = key.block(data_key)
        if groups.threshold:
            block["shamir_threshold"] = groups.threshold
        config = [to_config_group(group) for group in groups.groups]
        with tempfile.TemporaryDirectory(prefix="regconf-") as empty:
            environ = exchange.environ_with(key, self.environ, Path(empty))
            ended, result = self._exchanged(block, config, environ)
        if ended.code:
            raise self._failed("wrap the data key", ended)
        # An older sops drops kinds of keys that it does not know, and says nothing.
        if result is None or not groups.met_by(of_block(result)):
            raise self._failed("wrap the data key for all of the recipients", ended)
        return result

    def _exchanged(
        self,
        block: Mapping[str, Any],
        key_groups: list[dict[str, Any]],
        environ: Mapping[str, str],
        at: Position | None = None,
    ) -> tuple[Ended, dict[str, Any] | None]:
        """How sops ended, and the key parts of the file afterwards, if it has any."""
        with tempfile.TemporaryDirectory(prefix="regconf-") as folder:
            file, config = Path(folder, "keys.yaml"), Path(folder, "config.yaml")
            exchange.write(file, config, block, key_groups)
            command = [self.program, "--config", str(config), "updatekeys", "--yes", str(file)]
            ended = run(command, environ, self.seconds, at)
            return ended, exchange.read(file)

    def _failed(self, what: str, ended: Ended, at: Position | None = None) -> CannotCheck:
        said = redact(ended.stderr)
        return CannotCheck(
            f"{version(self.program, self.environ)} could not {what} (exit code {ended.code})"
            + (f": {said}" if said else ""),
            at=at,
            mend="Try the same keys with 'sops' itself; newer versions know more kinds of keys.",
        )


def _found(environ: Mapping[str, str]) -> str | None:
    return shutil.which("sops", path=environ.get("PATH", ""))
