"""Keyless verification of SOPS files, shared by the rules that each name one kind of problem."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from gitops_regconf.findings import Finding
from gitops_regconf.lint.file import File

if TYPE_CHECKING:
    from gitops_regconf.source.documents import Document

# The block, in YAML or JSON, and what nothing but a SOPS file has in it.
_BLOCK: Final = re.compile(rb"""(?:^|[\s{,])["']?sops["']?[ \t]*:""")
_CIPHERTEXT: Final = b"ENC[AES256_GCM,"
_INSIDE: Final = re.compile(rb"""["']?(mac|lastmodified|encrypted_regex)["']?[ \t]*:""")


def is_candidate(content: bytes) -> bool:
    """Whether these may be the bytes of a SOPS file, or of what is left of one."""
    if b"\0" in content:  # UTF-16, which sops itself does not write, but which hides nothing
        from gitops_regconf.source.encoding import text_of

        content = text_of(content).encode("utf-8", "replace")
    if _CIPHERTEXT in content:
        return True
    return b"sops" in content and bool(_BLOCK.search(content) and _INSIDE.search(content))


def problems(file: File, rule: str) -> Iterator[Finding]:
    """The findings of one rule in a SOPS file; none in any other.

    Raises CannotCheck where a SOPS file is no YAML.
    """
    if file.is_yaml and is_candidate(file.content):
        yield from (finding for finding in _verified(file) if finding.rule == rule)


@lru_cache(maxsize=1)
def _verified(file: File) -> tuple[Finding, ...]:
    """Every rule asks for the same file in turn."""
    from gitops_regconf.errors import CannotCheck, InvalidInput
    from gitops_regconf.sops import verify

    problem: InvalidInput | None = None
    try:
        found = file.documents
    except InvalidInput as error:
        problem = error
    if problem:
        raise CannotCheck(problem.message, at=problem.at, mend=problem.mend)
    if not any(_is_encrypted(document) for document in found):
        return ()
    claim = file.claim
    return tuple(
        verify(
            file.text,
            path=file.path,
            expected_recipients=claim.groups if claim else None,
            expected_selector=claim.selector if claim else None,
        )
    )


def _is_encrypted(document: Document) -> bool:
    """Whether a document has the block of sops, or values that nothing but it can open."""
    from gitops_regconf.lint.plaintext.nodes import scalars_in
    from gitops_regconf.sops import is_ciphertext
    from gitops_regconf.source.documents import find

    if any(find(document.node, ("sops", name)) is not None for name in ("mac", "lastmodified")):
        return True
    return any(is_ciphertext(scalar.value) for scalar in scalars_in(document.node))
