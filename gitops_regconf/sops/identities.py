"""The private age keys at hand, and opening a file with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from gitops_regconf.sops.command import SopsCommand
from gitops_regconf.sops.errors import Unsupported, WrongKey
from gitops_regconf.sops.recipients import is_native

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gitops_regconf.sops.age import Stanza
    from gitops_regconf.sops.metadata import Metadata
    from gitops_regconf.source.position import Position

_OTHER_KINDS: Final = ("AGE-PLUGIN-", "AGE-SECRET-KEY-PQ-1")


class KeyCommand(Protocol):
    """Something that yields the private key for a recipient when it is asked."""

    def output(self, recipient: str) -> tuple[str, str]:
        """What a key file would hold, and the problem; one of them is empty."""


class Identities:
    """Private keys, which are never shown, and what is known about those that are missing.

    `skipped` counts keys of kinds not supported here; `problems` says which
    source could not be read and why, without repeating what it holds.
    `environ` is where the sops command line finds the keys that only it can
    use; None keeps it out.
    """

    def __init__(self) -> None:
        self._keys: dict[str, Any] = {}  # by recipient
        self._by_command: dict[str, dict[str, Any]] = {}
        self.command: KeyCommand | None = None
        self.skipped = 0
        self.problems: list[str] = []
        self.environ: Mapping[str, str] | None = None
        self._in_vain: set[tuple[str, ...]] = set()

    @classmethod
    def of_any(cls, identities: Identities | Iterable[str]) -> Identities:
        """`identities`, where they are not only texts of private keys, or one text."""
        if isinstance(identities, str):
            return cls.of(identities)
        return identities if isinstance(identities, Identities) else cls.of(*identities)

    @classmethod
    def of(cls, *texts: str) -> Identities:
        """The private keys in `texts`, each the content of a key file or a bare key."""
        identities = cls()
        for text in texts:
            identities.add(text.split("\n"), "the given text")
        return identities

    def __bool__(self) -> bool:
        return bool(self._keys or self.command)

    def __repr__(self) -> str:
        return f"<Identities for {', '.join(self._keys) or 'nothing'}>"

    @property
    def recipients(self) -> tuple[str, ...]:
        """The public keys, without those that a command would yield."""
        return tuple(self._keys)

    def add(self, lines: Iterable[str], source: str) -> None:
        """Take in the keys of a key file; `source` names it in `problems` where it is none."""
        self._keys |= self._parsed(lines, source)

    def data_key(self, metadata: Metadata, at: Position) -> bytes:
        """The data key of a file.

        Opened here with an age X25519 key, where one is at hand; otherwise, if
        the file has keys of other kinds, by the sops command line. Raises
        WrongKey where no key opens it, CannotCheck where sops is needed and
        cannot be had, Unsupported where it is kept out.
        """
        refused: WrongKey | None = None
        try:
            return self.unwrap(metadata.recipients, at)
        except WrongKey as error:
            refused = error
        names = metadata.names
        if all(map(is_native, names)) and len(metadata.groups.groups) == 1:
            raise refused
        if self.environ is None:
            raise Unsupported(
                f"only the sops command line can open the file, for {', '.join(names)}",
                at=at,
                mend="Take the identities from find_identities.",
            )
        if names in self._in_vain:  # it may ask a person, or wait for a network, each time
            raise refused
        self._in_vain.add(names)
        if metadata.recipients and SopsCommand.is_missing(self.environ):
            raise refused
        key = SopsCommand.find(self.environ).unwrap(metadata.keys_block(), at)
        self._in_vain.discard(names)
        return key

    def unwrap(self, stanzas: Iterable[Stanza], at: Position) -> bytes:
        """The data key of a file. Raises WrongKey where no key at hand opens a stanza."""
        stanzas = tuple(stanzas)
        keys = list(self._keys.values())
        for stanza in sorted(stanzas, key=lambda stanza: stanza.recipient not in self._keys):
            data_key = _decrypt(stanza, keys)
            if data_key is not None:
                return data_key
        for stanza in stanzas:
            data_key = _decrypt(stanza, self._asked_for(stanza.recipient))
            if data_key is not None:
                return data_key
        raise self._wrong_key(stanzas, at)

    def _asked_for(self, recipient: str) -> list[Any]:
        """The keys that the command yields for `recipient`; it is run once for each."""
        if self.command is None:
            return []
        if recipient not in self._by_command:
            text, problem = self.command.output(recipient)
            if problem:
                self.problems.append(problem)
            source = "the output of SOPS_AGE_KEY_CMD"
            self._by_command[recipient] = self._parsed(text.split("\n"), source)
        return list(self._by_command[recipient].values())

    def _parsed(self, lines: Iterable[str], source: str) -> dict[str, Any]:
        import pyrage

        keys = {}
        for number, line in enumerate(lines, 1):
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            if text.startswith(_OTHER_KINDS):
                self.skipped += 1
                continue
            try:
                identity = pyrage.x25519.Identity.from_str(text)
            except (pyrage.IdentityError, UnicodeEncodeError):
                self.problems.append(f"{source} is not an age key file: see its line {number}")
                return {}  # as sops: the whole source counts for nothing
            keys[str(identity.to_public())] = identity
        return keys

    def _wrong_key(self, stanzas: Sequence[Stanza], at: Position) -> WrongKey:
        names = ", ".join(stanza.recipient for stanza in stanzas) or "no age recipient"
        lacking = "none of the private keys at hand opens" if self else "no private key to open"
        notes = list(dict.fromkeys(self.problems))
        if self.skipped:
            kinds = "are of kinds (plugins, post-quantum) that need the sops command line"
            notes.append(f"{self.skipped} keys {kinds}")
        return WrongKey(
            "; ".join([f"{lacking} the file, which is encrypted for {names}", *notes]),
            at=at,
            mend="Set SOPS_AGE_KEY_FILE to the file with the private key, as for sops.",
        )


def _decrypt(stanza: Stanza, keys: list[Any]) -> bytes | None:
    if not keys:
        return None
    import pyrage

    try:
        return bytes(pyrage.decrypt(stanza.enc.encode(), keys))
    except pyrage.DecryptError:
        return None
