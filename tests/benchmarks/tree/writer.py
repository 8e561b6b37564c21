"""Text of files that nobody has written, the same each time."""

from __future__ import annotations

import random
from collections.abc import Iterator

_COMMON = """
    account agent alert annotation app backend base bucket cache capacity certificate chart claim
    cluster config container controller dashboard data database default deployment disk egress
    enabled endpoint event external fleet gateway graph group handler health host image ingress
    instance interval job label latency limit log management memory metric mirror module monitor
    namespace network node object operator option path peer permission pipeline platform policy
    pool port primary probe profile prometheus proxy pull queue quota rack region registry release
    replica request resource role route rule runner schema selector server service session shard
    source stage state storage stream subnet sync target team template tenant timeout topic trace
    traffic upgrade user value version volume watch webhook window worker zone
"""
#: They announce credentials, so that a scanner looks twice; one word in a hundred is enough.
_SPEAKING = "access api auth credential key login password secret token"
FIELDS = _COMMON.split()
WORDS = [*FIELDS * 9, *_SPEAKING.split()]
HOSTS = ("docker.io", "ghcr.io", "quay.io", "gsoci.azurecr.io", "registry.example.com")


class Writer:
    """Text of one file, from the random numbers of that file alone."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.random = random.Random(number)  # noqa: S311 - the same bytes each time

    def words(self, count: int, between: str = " ") -> str:
        return between.join(self.random.choices(WORDS, k=count))

    def name(self, parts: int = 2) -> str:
        return f"{self.words(parts, '-')}-{self.random.randrange(10**4):04}"

    def field(self) -> str:
        """What a plain value may stand beside without being a credential."""
        return self.random.choice(FIELDS)

    def hexadecimal(self, count: int) -> str:
        return self.random.randbytes(count // 2).hex()

    def image(self) -> str:
        host = self.random.choice(HOSTS)
        return f"{host}/{self.words(1)}/{self.name()}"

    def paragraph(self, sentences: int) -> str:
        lengths = [self.random.randrange(6, 18) for _ in range(sentences)]
        return "\n".join(f"{self.words(length).capitalize()}." for length in lengths)

    def settings(self, depth: int, indent: str = "") -> Iterator[str]:
        """A mapping as values files have it: scalars, lists, and mappings down to `depth`."""
        for key in dict.fromkeys(self.random.choices(WORDS, k=6)):
            kind = self.random.randrange(8 if depth else 6)
            match kind:
                case 0:
                    yield f"{indent}{self.field()}Count: {self.random.randrange(10**5)}"
                case 1:
                    yield f"{indent}{key}Ref: {{name: {self.name()}, key: {self.words(1)}}}"
                case 2:
                    yield f"{indent}# {self.words(9)}"
                    yield f"{indent}{key}Enabled: {self.random.choice(('true', 'false'))}"
                case 3:
                    yield f"{indent}{key}Name: {self.name()}"
                case 4:
                    yield f"{indent}{key}Image: {self.image()}@sha256:{self.hexadecimal(64)}"
                case 5:
                    yield f"{indent}{self.field()}List:"
                    for _ in range(3):
                        yield f"{indent}- {self.name()}"
                case _:
                    yield f"{indent}{key}:"
                    yield from self.settings(depth - 1, indent + "  ")


def indented(text: str, by: str) -> str:
    return "".join(f"{by}{line}\n" for line in text.splitlines())
