"""Image references, read as containerd reads those of Pods.

That is `ParseDockerRef` of github.com/distribution/reference 0.6.0: the same
references are taken, with the same parts. Only the errors are in words of our own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from gitops_regconf.errors import InvalidInput
from gitops_regconf.source.position import Position

DOCKER_HUB = "docker.io"
_OLD_DOCKER_HUB = "index.docker.io"
_OFFICIAL = "library/"
_DEFAULT_TAG = "latest"
_LONGEST_REPOSITORY = 255
_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128}

# Runs of characters with separators between them: nothing can match in two ways,
# and the possessive quantifiers (`++`) keep no way back, however long the text is.
_HOST = re.compile(
    r"(?:[A-Za-z0-9]++(?:(?:\.|-++)[A-Za-z0-9]++)*+|\[[A-Fa-f0-9:]++\])(?::[0-9]++)?"
)
_REPOSITORY = re.compile(r"[a-z0-9]++(?:(?:[./]|_{1,2}+|-++)[a-z0-9]++)*+")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_HEX = re.compile(r"[0-9a-f]++")
_IDENTIFIER = re.compile(r"[0-9a-f]{64}")
_CAPITAL = re.compile(r"[A-Z]")
_SPACE = re.compile(r"\s")

_LONGEST_QUOTE = 80
_Fault = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Image:
    """An image by its full name, with either a tag or a digest.

    `registry` is empty where the first part of the name says that it is a host, and is none, but
    would do as a part of a repository: `my_registry.example.com/x`.
    """

    registry: str
    repository: str
    tag: str | None
    digest: str | None

    def __str__(self) -> str:
        registry = f"{self.registry}/" if self.registry else ""
        version = f"@{self.digest}" if self.digest else f":{self.tag}"
        return f"{registry}{self.repository}{version}"


def image(text: str, at: Position | None = None) -> Image:
    """The image that a reference names; a digest beats a tag.

    Raises InvalidInput, which quotes at most a short part of the text, and no password in it.
    """
    name, has_digest, digest = text.partition("@")
    registry, rest = _split(name)
    repository, has_tag, tag = rest.partition(":")
    if not _HOST.fullmatch(registry):
        registry, repository = "", f"{registry}/{repository}"
    # Nothing before the @ is quoted unless a digest follows it: it may be a password.
    faults = chain(
        _faults_of_text(text),
        _faults_of_digest(digest) if has_digest else (),
        _faults_of_repository(repository, has_host=bool(registry)),
        _faults_of_tag(tag) if has_tag else (),
    )
    for message, mend in faults:
        raise InvalidInput(message, at=at, mend=mend)
    if has_digest:
        return Image(registry, repository, None, digest)
    return Image(registry, repository, tag or _DEFAULT_TAG, None)


def _split(name: str) -> tuple[str, str]:
    """The registry, and what follows it."""
    first, slash, rest = name.partition("/")
    if not slash or not (first == "localhost" or _looks_like_host(first)):
        first, rest = DOCKER_HUB, name
    if first == _OLD_DOCKER_HUB:
        first = DOCKER_HUB
    if first == DOCKER_HUB and "/" not in rest:
        rest = _OFFICIAL + rest
    return first, rest


def _looks_like_host(first: str) -> bool:
    return "." in first or ":" in first or _CAPITAL.search(first) is not None


def _faults_of_text(text: str) -> Iterator[_Fault]:
    if not text:
        yield "the image reference is empty", "Write one like docker.io/library/nginx:1.29."
    if _SPACE.search(text):
        yield "the image reference has white space in it", "Remove it."
    if "://" in text:
        yield (
            "the image reference has a scheme, like https://",
            "Begin with the host of the registry.",
        )
    if _IDENTIFIER.fullmatch(text):
        yield (
            "the image reference is the ID of an image, 64 hexadecimal digits, and no name",
            "Name the repository; a digest goes after it, like nginx@sha256:….",
        )


def _faults_of_digest(digest: str) -> Iterator[_Fault]:
    algorithm, colon, digits = digest.partition(":")
    if "/" in digest or "@" in digest:
        yield (
            "the image reference has a user before its registry",
            "Remove all up to the @; store an account with `regconf set-credentials`.",
        )
    if not colon:
        yield "what follows the @ is no digest", "Write it like nginx@sha256:…."
    wanted = _DIGITS.get(algorithm)
    if not wanted:
        yield (
            f"{_quoted(algorithm)} is no algorithm of a digest",
            f"Known are {', '.join(_DIGITS)}.",
        )
    if len(digits) != wanted:
        yield (
            f"the digest has {len(digits)} digits after {algorithm}:, not {wanted}",
            "Copy all of it.",
        )
    if not _HEX.fullmatch(digits):
        yield "the digest is not hexadecimal in lower case", "It is of 0-9 and a-f alone."


def _faults_of_repository(repository: str, *, has_host: bool) -> Iterator[_Fault]:
    """What is wrong with it; without a host, that may be its first part."""
    first, _, _ = repository.partition("/")
    if not has_host and not _REPOSITORY.fullmatch(first):
        yield (
            f"{_quoted(first)} is no host of a registry",
            "Hosts are like example.com, example.com:5000 or [2001:db8::1]:5000.",
        )
    if len(repository) > _LONGEST_REPOSITORY:
        yield (
            f"the repository has {len(repository)} characters",
            f"The most are {_LONGEST_REPOSITORY}, with the {_OFFICIAL} of Docker Hub.",
        )
    written = repository.removeprefix(_OFFICIAL)
    if not written:
        yield (
            "the image reference has no repository",
            "Write one after the registry, like docker.io/library/nginx.",
        )
    if "" in written.split("/"):
        yield (
            f"the repository {_quoted(written)} has an empty part",
            "Write something before, between and after the slashes.",
        )
    if _CAPITAL.search(written):
        yield f"the repository {_quoted(written)} has capital letters", "Write it in lower case."
    if not _REPOSITORY.fullmatch(repository):
        yield (
            f"{_quoted(written)} is no repository",
            "Its parts are of a-z and 0-9, with '.', '_', '__' or dashes between them.",
        )


def _faults_of_tag(tag: str) -> Iterator[_Fault]:
    if not tag:
        yield "the tag is empty", "Write one after the colon, or remove the colon."
    if not _TAG.fullmatch(tag):
        yield (
            f"{_quoted(tag)} is no tag",
            "It is of at most 128 letters, digits, '_', '.' and '-', the first no '.' or '-'.",
        )


def _quoted(part: str) -> str:
    """At most the beginning of it, with nothing that a terminal would obey."""
    quoted = repr(part[: _LONGEST_QUOTE + 1])
    return quoted if len(quoted) <= _LONGEST_QUOTE else f"{quoted[:_LONGEST_QUOTE]}…"
