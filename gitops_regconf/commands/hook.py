"""What the hooks that look at single files do: some rules, over what is staged.

On most files a hook has nothing to say, and that must cost little more than
starting Python: what judges files is imported when the first of them may need it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from gitops_regconf.commands.hook_arguments import helped, names_of_files
from gitops_regconf.errors import InvalidInput, RegconfError
from gitops_regconf.fleet.layout import SOPS_FILE
from gitops_regconf.lint.claims import Claims
from gitops_regconf.lint.file import BASELINE, MARK, File, stored_files
from gitops_regconf.source.disk import read_file, root_around
from gitops_regconf.source.git import Repository
from gitops_regconf.source.git_entries import SUBMODULE, Entry, is_stored_as
from gitops_regconf.source.git_files import GitFiles

if TYPE_CHECKING:
    from gitops_regconf.lint.outcome import Outcome

_USAGE = """usage: {name} [-h] [--] [FILE …]

{about}

Of each FILE what is staged is checked, and the file on disk where it differs;
without any, everything that is staged. On push, everything that is pushed.
Exit codes: 0 clean, 1 findings, 2 usage, 3 could not check.
"""


def main(
    name: str,
    about: str,
    rules: Callable[[], Iterable[str]],
    is_candidate: Callable[[bytes], bool],
    argv: Sequence[str] | None,
) -> int:
    """Run a hook in the repository around the current directory.

    `rules` gives the ids of its rules, of which none has anything to say about a
    file whose bytes are no candidate, and that no rule of `.sops.yaml` is for.
    """
    from gitops_regconf.commands.crash import guarded

    arguments = list(sys.argv[1:] if argv is None else argv)
    usage = _USAGE.format(name=name, about=about.strip())
    return guarded(
        lambda: 0 if helped(arguments, usage) else _checked(arguments, rules, is_candidate)
    )


def _checked(
    arguments: Sequence[str],
    rules: Callable[[], Iterable[str]],
    is_candidate: Callable[[bytes], bool],
) -> int:
    try:
        outcome = _outcome(names_of_files(arguments), rules, is_candidate)
    except RegconfError as error:
        from gitops_regconf.commands.hook_report import failed

        return failed(error)
    if outcome is None or not (outcome.findings or outcome.errors):
        return 0
    from gitops_regconf.commands.hook_report import said

    return said(outcome)


def _outcome(
    names: Sequence[str],
    rules: Callable[[], Iterable[str]],
    is_candidate: Callable[[bytes], bool],
) -> Outcome | None:
    """What comes of the files; None where there is nothing to judge."""
    # Baseline and rules of sops are those of the whole repository, wherever one stands in it.
    with Repository(root_around(os.getcwd())) as repository:  # noqa: PTH109  # hot
        files, state = _files(repository, names)
        stored = GitFiles(repository, state, "the index")
        claims = Claims(stored)
        worth = [
            file
            for file in files
            if is_candidate(file.content) or MARK in file.content or claims.may_be_for(file.path)
        ]
        if not worth and not claims.errors:
            return None
        return _judged(worth, claims, stored, rules())


def _judged(
    files: Iterable[File], claims: Claims, stored: GitFiles, rules: Iterable[str]
) -> Outcome:
    from gitops_regconf.lint import baseline, gate, rule_set

    judge = gate.Judge(rule_set.named(rules), claims, baseline.of(stored))
    return gate.over_files(files, judge).outcome()


def _files(repository: Repository, names: Sequence[str]) -> tuple[Iterable[File], Iterable[Entry]]:
    """The files to look at, and what is stored of those that they are judged by."""
    first, last = (os.environ.get(f"PRE_COMMIT_{end}_REF") for end in ("FROM", "TO"))
    if first and last:
        state = repository.tree(last)
        # Of a branch that is new, nothing is known to have come before.
        entries = repository.brought_in(first if repository.has(first) else None, last)
        return stored_files(repository, entries, frozenset(entry.stored for entry in state)), state
    if names:
        paths = [os.path.relpath(name, repository.root) for name in names]
        state = repository.index([*paths, *_read_besides(paths)])
        return _named(repository, paths, state), state
    entries = repository.staged()
    state = repository.index(list(_read_besides([entry.path for entry in entries])))
    return stored_files(repository, entries), state


def _read_besides(paths: Iterable[str]) -> set[str]:
    """What is read to judge files at these paths: the rules of sops above them, the baseline."""
    found = {BASELINE, SOPS_FILE}
    for path in paths:
        directory = os.path.dirname(path)  # noqa: PTH120  # hot
        while directory and f"{directory}/{SOPS_FILE}" not in found:
            found.add(f"{directory}/{SOPS_FILE}")
            directory = os.path.dirname(directory)  # noqa: PTH120
    return found


def _named(repository: Repository, paths: Sequence[str], index: Iterable[Entry]) -> Iterator[File]:
    """Each file as it is staged, and as it is on disk where that is something else."""
    staged: dict[str, list[Entry]] = {}
    for entry in index:
        staged.setdefault(entry.path, []).append(entry)
    for path in paths:
        place = os.path.join(repository.root, path)  # noqa: PTH118  # hot
        on_disk = read_file(place, path)
        entries = staged.get(path, [])
        if on_disk is not None and len(entries) == 1 and is_stored_as(on_disk, entries[0]):
            yield File(path, on_disk)
            continue
        for entry in entries:
            if entry.mode != SUBMODULE:
                yield File(path, repository.content(entry))
        if on_disk is None and not entries:
            if os.path.isdir(place):  # noqa: PTH112
                raise InvalidInput(f"{path} is a directory; name the files in it")
            raise InvalidInput(f"{path}: there is no such file, neither staged nor on disk")
        if on_disk is not None:
            origin = "on disk, and not staged like that" if entries else ""
            yield File(path, on_disk, origin=origin)
