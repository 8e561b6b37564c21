"""Credentials that are known by their own look, whatever stands around them.

The forms are those that the services document: a prefix, a length, a checksum's place.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from gitops_regconf.lint.plaintext.engine import compiled
from gitops_regconf.lint.plaintext.leak import Leak, Net

if TYPE_CHECKING:
    from gitops_regconf.lint.plaintext.text import Text

TOKENS: Final = {
    "a Docker Hub access token": r"\bdckr_[po]at_[A-Za-z0-9_-]{20,64}",
    "a GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36,255}|\bgithub_pat_[A-Za-z0-9_]{60,255}",
    "a GitLab token": (
        r"\bgl(?:pat|dt|cbt|rt|ft|ptt|oas|soat|imt|agent|wt|ffct)-[A-Za-z0-9_=-]{20,300}"
        r"(?:\.[0-9a-z.]{9,20})?"
    ),
    "an AWS access key": r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b",
    "an Artifactory token": r"\bAKCp[A-Za-z0-9]{60,80}|\bcmVmdGtu[A-Za-z0-9]{50,64}",
    "a password of an Azure registry": r"\b[A-Za-z0-9+/]{42}\+ACR[A-Za-z0-9]{6}\b",
    "an Azure client secret": r"[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}",
    "an Azure account key": r"\bAccountKey=[A-Za-z0-9+/]{60,90}={0,2}",
    "a Google API key": r"\bAIza[A-Za-z0-9_-]{35}",
    "a Google access token": r"\bya29\.[A-Za-z0-9_-]{30,400}",
    "an npm token": r"\bnpm_[A-Za-z0-9]{36}",
    "a PyPI token": r"\bpypi-[A-Za-z0-9_-]{50,400}",
    "a Vault token": r"\bhv[sbr]\.[A-Za-z0-9_-]{24,400}",
    "a Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{20,250}",
    "a JWT": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{16,}",
    "a private age key": r"\bAGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]{50,}",
    "a hashed password": (
        r"\$2[abxy]?\$[0-9]{2}\$[./A-Za-z0-9]{53}|\$apr1\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22}"
        r"|\$[156y]\$(?:[a-z0-9=]{1,16}\$)?[./A-Za-z0-9]{1,32}\$[./A-Za-z0-9]{22,86}"
        r"|\{SS?HA\}[A-Za-z0-9+/]{27,48}={0,2}"
    ),
}
_ANY: Final = "|".join(f"({form})" for form in TOKENS.values())
_NAMES: Final = tuple(TOKENS)

_KEY_BEGINS: Final = (
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-[0-9]: [^\n\\]*"
)
# What comes before the body of a key: line breaks, which may be written as \\n, quotes and
# marks of comments, and headers. What only names the marker, as code does, has no body.
_KEY_BODY: Final = r"(?:\\[nrt]|[^A-Za-z0-9\\]|[A-Z][A-Za-z-]{2,20}: ?[^\n\\]*)*[A-Za-z0-9+/=]{40}"
_KEY_ENDS: Final = r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|Private-MAC: .*"
_BODY_WITHIN, _END_WITHIN = 600, 20_000

# The same by what is rare in them: short expressions are what makes a search fast.
CANDIDATE: Final = (
    r"dckr_[po]at_|gh[pousr]_[A-Za-z0-9]{8}|github_pat_|gl[a-z]{2,5}-[A-Za-z0-9_=-]{12}"
    r"|A(?:KIA|SIA|BIA|CCA)[A-Z2-7]{8}|AKCp[A-Za-z0-9]{8}|cmVmdGtu|\+ACR[A-Za-z0-9]{6}"
    r"|[0-9]Q~[A-Za-z0-9_~.-]{8}|AccountKey=|AIza[A-Za-z0-9_-]{8}|ya29\.|npm_[A-Za-z0-9]{8}"
    r"|pypi-[A-Za-z0-9_-]{12}|hv[sbr]\.[A-Za-z0-9_-]{8}|xox[abeoprs]-|eyJ[A-Za-z0-9_-]{10,}\.eyJ"
    r"|AGE-SECRET-KEY-|\$2[abxy]?\$|\$apr1\$|\$[156y]\$|\{SS?HA\}|PRIVATE KEY|PuTTY-User-Key"
)


def leaks(text: Text) -> Iterator[Leak]:
    """The tokens, hashes and private keys in a text."""
    for found in compiled(_ANY).finditer(text.content):
        if not _is_sample(found.group()):
            yield text.leak(found.span(), Net.TOKEN, _NAMES[_group(found)])
    ends = [found.end() for found in compiled(_KEY_ENDS).finditer(text.content)]
    for found in compiled(_KEY_BEGINS).finditer(text.content):
        start = found.end()
        body = compiled(_KEY_BODY).match(text.content[start : start + _BODY_WITHIN])
        if body:
            at = bisect_right(ends, start)
            following = ends[at : at + 1]
            near = following and following[0] < start + _END_WITHIN
            end = following[0] if near else start + body.end()
            yield text.leak((found.start(), end), Net.TOKEN, "a private key")


def _group(found: re.Match[str]) -> int:
    return next(index for index, one in enumerate(found.groups()) if one is not None)


def _is_sample(token: str) -> bool:
    """Whether a token is one that documentation makes up: EXAMPLE, or a few repeated characters."""
    return "EXAMPLE" in token.upper() or len(set(token[8:])) < 6
