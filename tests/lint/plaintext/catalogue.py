"""How the catalogues of leaks and look-alikes are written: texts with marks for made-up secrets.

No credential is committed, not even one of no account: `«password»`, `«github»` and
the like stand in a text for values that are made from the id of the form, the same
in every process.
"""

from __future__ import annotations

import base64
import gzip
import json
import random
import re
import string
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

_MARK = re.compile("«([a-z0-9-]+)»")
_LETTERS = string.ascii_letters + string.digits
_UPPER = string.ascii_uppercase + string.digits


@dataclass(frozen=True)
class Form:
    """One form of a leak: a file, and the places that must be found in it, no more and no less.

    `lines` has the line of each credential, `columns` its column, 0 where only the line
    is specified. `secret` are the texts that nothing may repeat.
    """

    id: str
    path: str
    content: bytes
    lines: tuple[int, ...]
    columns: tuple[int, ...]
    secret: tuple[str, ...]


@dataclass(frozen=True)
class LookAlike:
    """A file without any credential."""

    id: str
    path: str
    content: bytes


class Maker:
    """Credentials of no account, the same for the same seed."""

    def __init__(self, seed: str):
        self._random = random.Random(seed)  # noqa: S311  # reproducible is what they have to be
        self.made: list[str] = []

    def of(self, letters: str, length: int) -> str:
        """Random characters out of `letters`."""
        return "".join(self._random.choice(letters) for _ in range(length))

    def password(self) -> str:
        """A password as a generator makes it, which no scanner knows by its look."""
        made = self.of(string.ascii_letters, 1) + self.of(_LETTERS, 8) + self.of("23456789", 1)
        made += self.of(string.ascii_lowercase, 2) + self.of(string.ascii_uppercase, 2)
        self.made.append(made)
        return made

    def bytes(self, length: int) -> bytes:
        """Random bytes."""
        return self._random.randbytes(length)

    def token(self, *parts: str | tuple[str, int]) -> str:
        """A token of fixed and random parts."""
        made = "".join(part if isinstance(part, str) else self.of(*part) for part in parts)
        self.made.append(made)
        return made


def b64(text: str | bytes) -> str:
    """The base64 of a text."""
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def docker_config(maker: Maker) -> str:
    """A docker configuration with one `auth`."""
    auth = b64(f"robot:{maker.password()}")
    return json.dumps({"auths": {"registry.example.com": {"auth": auth}}})


def pem(maker: Maker, label: str = "RSA") -> str:
    """A private key in armor, as no key of any account."""
    body = textwrap.wrap(b64(maker.bytes(240)), 64)
    maker.made += body
    marks = [
        f"-----{word} {label} PRIVATE KEY-----".replace("  ", " ") for word in ("BEGIN", "END")
    ]
    return "\n".join([marks[0], *body, marks[1]])


# Put together here, so that no scanner takes this file for a leak.
TOKENS: dict[str, Callable[[Maker], str]] = {
    "password": Maker.password,
    "docker-hub": lambda m: m.token("dckr", "_pat_", (_LETTERS, 27)),
    "docker-hub-org": lambda m: m.token("dckr", "_oat_", (_LETTERS, 32)),
    "github": lambda m: m.token("gh", "p_", (_LETTERS, 36)),
    "github-server": lambda m: m.token("gh", "s_", (_LETTERS, 36)),
    "github-fine": lambda m: m.token("github", "_pat_", (_LETTERS, 22), "_", (_LETTERS, 59)),
    "gitlab": lambda m: m.token("gl", "pat-", (_LETTERS, 20)),
    "gitlab-deploy": lambda m: m.token("gl", "dt-", (_LETTERS, 20)),
    "gitlab-job": lambda m: m.token("gl", "cbt-", (_LETTERS, 24)),
    "aws-id": lambda m: m.token("AK", "IA", ("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)),
    "aws-secret": lambda m: m.token((_LETTERS + "/+", 39), "k"),
    "artifactory": lambda m: m.token("AK", "Cp", (_LETTERS, 69)),
    "artifactory-reference": lambda m: m.token("cmVm", "dGtu", (_LETTERS, 56)),
    "acr": lambda m: m.token((_LETTERS, 42), "+AC", "R", (_LETTERS, 6)),
    "azure-client": lambda m: m.token((_LETTERS, 3), "8Q", "~", (_LETTERS, 34)),
    "google-api": lambda m: m.token("AI", "za", (_LETTERS, 35)),
    "npm": lambda m: m.token("np", "m_", (_LETTERS, 36)),
    "pypi": lambda m: m.token("py", "pi-", (_LETTERS, 80)),
    "vault": lambda m: m.token("hv", "s.", (_LETTERS, 40)),
    "slack": lambda m: m.token("xo", "xb-", (string.digits, 12), "-", (_LETTERS, 24)),
    "jwt": lambda m: m.token(
        "ey", "J", (_LETTERS, 30), ".", "ey", "J", (_LETTERS, 40), ".", (_LETTERS, 43)
    ),
    "age": lambda m: m.token("AGE-SECRET", "-KEY-1", (_UPPER, 58)),
    "age-hybrid": lambda m: m.token("AGE-SECRET", "-KEY-PQ-1", (_UPPER, 58)),
    "bcrypt": lambda m: m.token("$2", "y$05$", (_LETTERS, 53)),
    "apr1": lambda m: m.token("$ap", "r1$", (_LETTERS, 8), "$", (_LETTERS, 22)),
    "sha": lambda m: m.token("{S", "HA}", (_LETTERS, 27), "="),
    "crypt": lambda m: m.token("$", "6$", (_LETTERS, 12), "$", (_LETTERS, 86)),
    "digits": lambda m: m.token(("123456789", 8)),
    "fake-ciphertext": lambda m: f"ENC[AES256_GCM,data:{m.password()}]",
    "quay": lambda m: m.token((_UPPER, 64)),
    "harbor": lambda m: m.token((_LETTERS, 32)),
    "hex": lambda m: m.token(("0123456789abcdef", 40)),
    "uuid": lambda m: m.token(
        ("0123456789abcdef", 8), "-4a1b-4c2d-8e3f-", ("0123456789abcdef", 12)
    ),
}
# Packed or wrapped: only their lines are specified.
PACKED: dict[str, Callable[[Maker], str]] = {
    "b64-password": lambda m: b64(m.password()),
    "b64-user-password": lambda m: b64(f"robot:{m.password()}"),
    "b64-values": lambda m: b64(f"registry:\n  password: {m.password()}\n"),
    "b64-b64-values": lambda m: b64(b64(f"registry:\n  password: {m.password()}\n")),
    "b64-env": lambda m: b64(f"export REGISTRY_PASSWORD={m.password()}\n"),
    "b64-pem": lambda m: b64(pem(m)),
    "b64-age": lambda m: b64(TOKENS["age"](m)),
    "b64-docker-config": lambda m: b64(docker_config(m)),
    "url-safe-values": lambda m: (
        base64.urlsafe_b64encode(f"password: {m.password()} # ???>>>~~~\n".encode())
        .decode()
        .rstrip("=")
    ),
    "docker-config": docker_config,
    "escaped-docker-config": lambda m: json.dumps(docker_config(m))[1:-1],
    "pem": pem,
    "pem-ec": lambda m: pem(m, "EC"),
    "pem-openssh": lambda m: pem(m, "OPENSSH"),
    "pem-pkcs8": lambda m: pem(m, ""),
    "escaped-pem": lambda m: pem(m).replace("\n", "\\n"),
    "pgp": lambda m: "\n".join(
        [
            "-----BEGIN PGP PRIVATE " + "KEY BLOCK-----",
            "",
            *textwrap.wrap(b64(m.bytes(300)), 64),
            "-----END PGP PRIVATE " + "KEY BLOCK-----",
        ]
    ),
    "putty": lambda m: "\n".join(
        [
            "PuTTY-User-" + "Key-File-3: ssh-ed25519",
            "Encryption: none",
            "Comment: robot",
            "Public-Lines: 2",
            *textwrap.wrap(b64(m.bytes(80)), 64),
            "Private-Lines: 1",
            b64(m.bytes(36)),
            "Private-MAC: " + m.of("0123456789abcdef", 64),
        ]
    ),
    "ciphertext": lambda m: (
        f"ENC[AES256_GCM,data:{b64(m.bytes(12))},iv:{b64(m.bytes(32))},tag:{b64(m.bytes(16))}"
        ",type:str]"
    ),
    "gzip": lambda m: b64(gzip.compress(m.bytes(200), mtime=0)),
    "random": lambda m: b64(m.bytes(300)),
}


def leak(id: str, path: str, text: str, *, rest: str = "") -> Form:  # noqa: A002
    """A form whose marks are what has to be found. `rest` follows it, with nothing to find."""
    maker = Maker(id)
    lines: list[int] = []
    columns: list[int] = []
    packed: list[str] = []
    done = ""
    at = 0
    for mark in _MARK.finditer(text):
        done += text[at : mark.start()]
        at = mark.end()
        column = len(done) - done.rfind("\n")
        lines.append(done.count("\n") + 1)
        kind = mark.group(1)
        columns.append(column if kind in TOKENS or kind.startswith("pem") else 0)
        value = (TOKENS | PACKED)[kind](maker)
        packed.append(value)
        # What has several lines stands below its first line.
        done += value.replace("\n", "\n" + _indentation(done))
    content = done + text[at:] + rest
    return Form(id, path, content.encode(), tuple(lines), tuple(columns), (*maker.made, *packed))


def look_alike(id: str, path: str, text: str) -> LookAlike:  # noqa: A002
    """A file in which nothing may be found; its marks are made up as those of leaks."""
    maker = Maker(id)
    content = _MARK.sub(lambda mark: (TOKENS | PACKED)[mark.group(1)](maker), text)
    return LookAlike(id, path, content.encode())


def _indentation(text: str) -> str:
    line = text[text.rfind("\n") + 1 :]
    return line if not line.strip(" #") else line[: len(line) - len(line.lstrip(" "))]
