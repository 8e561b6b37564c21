"""What is wrong with the `sops` block of a file, as far as no key is needed to see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from yaml.nodes import MappingNode, ScalarNode

from gitops_regconf.errors import InvalidInput
from gitops_regconf.findings import Finding
from gitops_regconf.sops.armor import problem_of_armor
from gitops_regconf.sops.metadata import SOPS_KEY, Metadata
from gitops_regconf.sops.recipients import KeyGroups, is_native, missing_and_extra
from gitops_regconf.sops.values import Ciphertext
from gitops_regconf.source import documents, scalars

if TYPE_CHECKING:
    from gitops_regconf.source.documents import Document

_MAC_BYTES: Final = 128  # SHA-512 in hexadecimal
# The type of each field in every sops; some versions take others, too.
_TYPES: Final = {
    "lastmodified": scalars.STR,
    "mac": scalars.STR,
    "version": scalars.STR,
    "mac_only_encrypted": scalars.BOOL,
}


def check_block(
    metadata: Metadata, document: Document, expected: Sequence[str] | KeyGroups | None
) -> Iterator[Finding]:
    """Findings on the block of `document`, whose metadata is read already.

    `expected` are the recipients that the rule for the file names.
    """
    yield from _fields(metadata, document)
    yield from _mac(metadata, document)
    yield from _data_keys(metadata, document)
    yield from _recipients(metadata, document, expected)


def _fields(metadata: Metadata, document: Document) -> Iterator[Finding]:
    """Fields of a type that not every sops takes, or that none knows."""
    block = documents.find(document.node, (SOPS_KEY,))
    unknown, kinds = set(metadata.unknown), set(metadata.unknown_kinds)
    for name, value in block.value if isinstance(block, MappingNode) else ():
        wanted = _TYPES.get(name.value)
        if wanted and isinstance(value, ScalarNode) and value.tag != wanted:
            text = wanted == scalars.STR
            yield Finding(
                "sops-metadata",
                documents.position(document.path, value),
                f"'{name.value}' is {'not quoted' if text else 'quoted'}, and so of a type "
                "that not every sops takes",
                f"{'Quote it' if text else 'Remove the quotes'}: sops does not open the file.",
            )
        if name.value in kinds:
            yield Finding(
                "sops-recipients",
                documents.position(document.path, name),
                f"'{name.value}' may name recipients of a kind that is not known here",
                "Look who they are: they may be able to open the file.",
                "warning",
            )
        elif name.value in unknown:
            yield Finding(
                "sops-metadata",
                documents.position(document.path, name),
                f"'{name.value}' is nothing that sops knows: it drops it with the next change",
                "Remove it, or keep it outside of the block.",
                "warning",
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
    listed = documents.find(document.node, (SOPS_KEY, "age"))
    for index, stanza in enumerate(metadata.recipients):
        problem = problem_of_armor(stanza.enc, native=is_native(stanza.recipient))
        if problem and listed:
            entry = documents.find(listed, (index, "enc"), nearest=True) or listed
            yield Finding(
                "sops-data-key",
                documents.position(document.path, entry),
                f"the data key for {stanza.recipient} {problem}",
                "Restore the file from Git, or encrypt it anew.",
            )


def _recipients(
    metadata: Metadata, document: Document, expected: Sequence[str] | KeyGroups | None
) -> Iterator[Finding]:
    at = document.key_at(SOPS_KEY)
    names = Counter(metadata.names)
    twice = sorted(name for name, times in names.items() if times > 1)
    problems = [f"is encrypted twice for {name}" for name in twice]
    if not names:
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
