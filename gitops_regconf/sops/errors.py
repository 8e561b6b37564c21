"""What can be wrong with a SOPS file, its keys or its rules.

None of these ever carries plaintext, or anything that decrypting yielded: they
name the file, the position and the key that leads there. They are raised
outside of any `except` block, so that no cause or context holds it either.
"""

from __future__ import annotations

from gitops_regconf.errors import InvalidInput, MissingKey


class Malformed(InvalidInput):
    """The file is not a well-formed SOPS file. Exit code 2."""


class NotEncrypted(Malformed):
    """The file is YAML without a `sops` block. Exit code 2."""


class MacMismatch(InvalidInput):
    """The file was changed past sops: a value or the MAC does not authenticate. Exit code 2."""


class Unsupported(InvalidInput):
    """A well-formed file uses something that only the sops command line can do. Exit code 2."""


class WrongKey(MissingKey):
    """None of the private keys at hand opens the file. Exit code 3."""
