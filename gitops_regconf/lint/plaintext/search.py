"""All nets over one file, and what they find as findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from gitops_regconf.errors import CannotCheck, InvalidInput
from gitops_regconf.findings import Finding
from gitops_regconf.lint.file import File
from gitops_regconf.lint.plaintext import demands, nets, unreadable
from gitops_regconf.lint.plaintext.assignments import Style, style_of
from gitops_regconf.lint.plaintext.candidate import is_candidate
from gitops_regconf.lint.plaintext.leak import Leak, distinct
from gitops_regconf.lint.plaintext.text import Text, breaks_of, position
from gitops_regconf.lint.rules.plaintext_credentials import ID
from gitops_regconf.source.encoding import LINE_END
from gitops_regconf.source.position import Position

_TO_THE_END = 1 << 20

_MEND = (
    "Encrypt it: an account with `regconf set-credentials`, any other file with sops. "
    "If it was ever pushed, replace the credential as well."
)


def search(file: File) -> Iterator[Finding]:
    """One finding for each credential in clear.

    Raises CannotCheck, after them, where a file that matters cannot be read.
    """
    leaks, problem = _leaks(file)
    yield from _findings(file, leaks)
    if problem:
        _refuse_unread(file, problem)


def columns(file: File) -> dict[int, list[tuple[int, int]]]:
    """Where credentials are, line by line: their beginnings and ends, counted from 0.

    Raises CannotCheck where a part of the file cannot be read.
    """
    leaks, problem = _leaks(file)
    if problem:
        _refuse_unread(file, problem)
    breaks = breaks_of(file.text)
    found: dict[int, list[tuple[int, int]]] = {}
    for leak in leaks:
        first, start = position(breaks, leak.start)
        last, end = position(breaks, max(leak.start, leak.end - 1))
        for line in range(first, last + 1):
            begin = start - 1 if line == first else 0
            found.setdefault(line, []).append((begin, end if line == last else _TO_THE_END))
    return found


@lru_cache(maxsize=1)
def _leaks(file: File) -> tuple[list[Leak], InvalidInput | None]:
    """They are asked for twice: what is found, and what its line may show."""
    rule = demands.demanding(file.claim, file.path)
    if rule is None and not is_candidate(file.content):
        return [], None
    text = Text(file.text)
    yaml, problem = _parsed(file, text)
    try:
        leaks = [*nets.of_text(text, yaml, style_of(file.path))]
        if rule and not problem:
            leaks += demands.leaks(rule, text, yaml.trees)
    except RecursionError:
        raise CannotCheck("its aliases lead too deep", at=Position(file.path)) from None
    return leaks, problem


def _parsed(file: File, text: Text) -> tuple[nets.Parsed, InvalidInput | None]:
    """The documents of a file; and what is wrong with it where it should be YAML and is not."""
    if style_of(file.path) is Style.CODE:
        return nets.Parsed(text), None
    if not file.is_yaml:
        return nets.parsed(text), None
    try:
        trees = [document.node for document in file.documents]
    except InvalidInput as error:
        yaml = nets.of_template(text)
        return yaml, None if yaml.trees else error
    return nets.Parsed(text, trees), None


def _findings(file: File, leaks: Iterable[Leak]) -> Iterator[Finding]:
    breaks = breaks_of(file.text)
    for leak in distinct(leaks):
        line, column = position(breaks, leak.start)
        line_end = LINE_END.search(file.text, leak.start, leak.end)
        length = (line_end.start() if line_end else leak.end) - leak.start
        yield Finding(
            ID, Position(file.path, line, column), f"{leak.what} is in clear", _MEND, length=length
        )


def _refuse_unread(file: File, problem: InvalidInput) -> None:
    """Raises CannotCheck where the file may hold what only its structure shows."""
    what = unreadable.matter(file)
    if not what and demands.demanding(file.claim, file.path):
        what = "what .sops.yaml encrypts"
    if what:
        raise CannotCheck(
            f"this file holds {what}, and cannot be read: {problem.message}",
            at=problem.at,
            mend=problem.mend or "Mend it, so that it can be checked.",
        )
