"""What is wrong with the `sops` block of a file, as far as no key is needed to see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from yaml.nodes import MappingNode, ScalarNode

from gitops_regconf.errors import InvalidInput
from gitops_regconf.findings import Finding
from gitops_regconf.sops.armor import problem_of_armor
from gitops_regconf.sops.metadata import SOPS_KEY, Metadata
from gitops_regconf.sops.recipients import KeyGroups, is_native, missing_and_extra
from gitops_regconf.sops.values import Ciphertext
from gitops_regconf.source import scalars

if TYPE_CHECKING:
    from gitops_regconf.source.documents import Document

_MAC_BYTES: Final = 128  # SHA-512 in hexadecimal
_TEXTS: Final = ("lastmodified", "mac", "version")


def check_block(
    metadata: Metadata, document: Document, expected: Sequence[str] | KeyGroups | None
) -> Iterator[Finding]:
    """Findings on the block of `document`, whose metadata is read already.

    `expected` are the recipients that the rule for the file names.
    """
    yield from _unquoted(document)
    yield from _mac(metadata, document)
    yield from _data_keys(metadata, document)
    yield from _recipients(metadata, document, expected)


def _unquoted(document: Document) -> Iterator[Finding]:
    for key, block in document.node.value:
        if key.value != SOPS_KEY or not isinstance(block, MappingNode):
            continue
        for name, value in block.value:
            if name.value in _TEXTS and isinstance(value, ScalarNode) and value.tag != scalars.STR:
                yield Finding(
                    "sops-metadata",
                    document.at(SOPS_KEY, name.value),
                    f"'{name.value}' is not quoted, and is read as another type than text",
                    "Quote it: sops 3.13 does not open the file otherwise.",
                )


def _mac(metadata: Metadata, document: Document) -> Iterator[Finding]:
    problem = ""
    try:
        mac = Ciphertext.parse(metadata.mac)
        if mac.kind != "str" or len(mac.data) != _MAC_BYTES:
            problem = "it has not the length or type of a MAC"
    except InvalidInput as error:
        problem = error.message
    if problem:
        yield Finding(
            "sops-metadata",
            document.at(SOPS_KEY, "mac"),
            f"'mac' is no encrypted MAC: {problem}",
            "Restore the file from Git.",
        )


def _data_keys(metadata: Metadata, document: Document) -> Iterator[Finding]:
    for index, stanza in enumerate(metadata.recipients):
        problem = problem_of_armor(stanza.enc, native=is_native(stanza.recipient))
        if problem:
            yield Finding(
                "sops-data-key",
                document.at(SOPS_KEY, "age", index, "enc"),
                f"the data key for {stanza.recipient} {problem}",
                "Restore the file from Git, or encrypt it anew.",
            )


def _recipients(
    metadata: Metadata, document: Document, expected: Sequence[str] | KeyGroups | None
) -> Iterator[Finding]:
    at = document.key_at(SOPS_KEY)
    for kind in metadata.unknown_kinds:
        yield Finding(
            "sops-recipients",
            document.key_at(SOPS_KEY, kind),
            f"'{kind}' may name recipients of a kind that is not known here",
            "Look who they are: they may be able to open the file.",
            "warning",
        )
    twice = sorted({name for name in metadata.names if metadata.names.count(name) > 1})
    problems = [f"is encrypted twice for {name}" for name in twice]
    if not metadata.names:
        problems.append("names nobody who could open it")
    if expected is not None:
        wanted = expected if isinstance(expected, KeyGroups) else KeyGroups.of(*expected)
        problems += _differences(metadata.groups, wanted)
    for problem in problems:
        yield Finding("sops-recipients", at, f"the file {problem}", "Run `regconf update-keys`.")


def _differences(found: KeyGroups, wanted: KeyGroups) -> Iterator[str]:
    if len(found.groups) > 1 or len(wanted.groups) > 1:
        if not wanted.met_by(found):
            yield "is encrypted for other key groups than the rule for it names"
        return
    missing, extra = missing_and_extra(wanted.groups[0], found.groups[0])
    if missing:
        yield f"is not encrypted for {', '.join(sorted(missing))}"
    if extra:
        yield f"is also encrypted for {', '.join(sorted(extra))}, whom no rule names"
