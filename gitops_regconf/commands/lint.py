"""`regconf lint`: every rule, over the tree, the index, or what a range of commits brings in."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from gitops_regconf.commands.cli import directory
from gitops_regconf.commands.crash import guarded
from gitops_regconf.commands.output import Output
from gitops_regconf.errors import InvalidInput
from gitops_regconf.fleet import layout
from gitops_regconf.generate.apply import apply, locked
from gitops_regconf.generate.changes import Step, file_change
from gitops_regconf.lint import baseline, gate, reading, rule_set
from gitops_regconf.lint.baseline import Baseline
from gitops_regconf.lint.claims import Claims
from gitops_regconf.lint.documentation import documented_rules
from gitops_regconf.lint.file import BASELINE
from gitops_regconf.lint.fleet import of_fleet
from gitops_regconf.lint.gate import Judge
from gitops_regconf.lint.outcome import Outcome
from gitops_regconf.lint.rule_set import OF_FLEETS, Rules
from gitops_regconf.report import as_json, github, markdown, rules, sarif, text
from gitops_regconf.report.summary import counted
from gitops_regconf.source.files import Files
from gitops_regconf.source.git import Entry, Repository
from gitops_regconf.source.git_files import GitFiles
from gitops_regconf.source.sparse import SparseWorkTree
from gitops_regconf.source.worktree import WorkTree

_FORMATS = ("text", "json", "sarif", "github", "markdown")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument("path", nargs="*", metavar="PATH", help="only files at and below these")
    parser.add_argument("--staged", action="store_true", help="what the next commit brings in")
    parser.add_argument(
        "--from-ref", metavar="A", help="everything that commits of B bring in and A does not have"
    )
    parser.add_argument("--to-ref", metavar="B", help="the end of the range (default: HEAD)")
    parser.add_argument(
        "--format", choices=_FORMATS, help="default: text; in GitHub Actions github"
    )
    parser.add_argument(
        "--rule", action="append", metavar="RULE", help="only this rule (can be given again)"
    )
    parser.add_argument("--list-rules", action="store_true", help="print the rules and end")
    parser.add_argument(
        "--write-baseline",
        action="store_true",
        help=f"take note of all findings in {BASELINE}: they are not reported any more",
    )
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="default: all cores"
    )


def run(options: argparse.Namespace, output: Output) -> int:
    """Lint. 0 clean, 1 findings, 2 usage, 3 what could not be checked."""
    return guarded(lambda: _run(options, output))


def _run(options: argparse.Namespace, output: Output) -> int:
    if options.list_rules:
        listed = documented_rules().values()
        if options.json or options.format == "json":
            data = [{"id": rule.id, "what": rule.what} for rule in listed]
            output.document(json.dumps({"rules": data}, indent=2, ensure_ascii=False))
        else:
            output.document(rules.rule_list(listed))
        return 0
    _check_usage(options)
    root = directory(options).resolve()
    chosen = _chosen(options.rule)
    with ExitStack() as open_things:
        scope = _scope(options, root, open_things)
        known = Baseline() if options.write_baseline else _baseline(scope.files)
        judge = Judge(chosen, Claims(scope.files), known)
        checked = gate.over(scope.things, scope.read, judge, options.jobs)
        if scope.with_fleet and any(rule.looks_at(OF_FLEETS) for rule in chosen.values()):
            gate.add(of_fleet(scope.files, options.jobs), scope.files, judge, checked)
        outcome = checked.outcome()
        if options.write_baseline:
            return _write_baseline(root, outcome, scope.files, output)
    _print(outcome, options, output)
    stale = len(known.known - checked.known) if not options.rule and scope.is_all else 0
    if stale:
        verb = "is" if stale == 1 else "are"
        output.say(f"note: {counted(stale, 'findings')} of the baseline {verb} not there any more")
    return outcome.exit_code


@dataclass(frozen=True, slots=True)
class _Scope:
    """What to lint: files as they stand for themselves, and the state they belong to."""

    files: Files
    things: Sequence[Any]
    read: reading.Read
    with_fleet: bool
    is_all: bool = False


def _check_usage(options: argparse.Namespace) -> None:
    ways = (bool(options.path), options.staged, bool(options.from_ref or options.to_ref))
    if sum(ways) > 1:
        raise InvalidInput("give either PATHs, or --staged, or --from-ref and --to-ref")
    if options.to_ref and not options.from_ref:
        raise InvalidInput("--to-ref needs --from-ref: where the range begins")
    if options.write_baseline and (any(ways) or options.rule):
        raise InvalidInput("--write-baseline takes note of everything in the tree, or of nothing")
    if options.jobs < 1:
        raise InvalidInput("--jobs takes a number from 1")


def _chosen(named: Sequence[str] | None) -> Rules:
    for rule in named or ():
        if rule not in rule_set.names():
            raise InvalidInput(
                f"there is no rule {rule!r}", mend="They are in `regconf lint --list-rules`."
            )
    return rule_set.named(named) if named else rule_set.all_rules()


def _scope(options: argparse.Namespace, root: Path, open_things: ExitStack) -> _Scope:
    repository = Repository.around(str(root))
    if repository is None and (options.staged or options.from_ref):
        raise InvalidInput(f"{root} is in no Git repository")
    if repository is None:
        files = WorkTree(root)
        return _on_disk(options, root, list(files.files_below("")))
    open_things.enter_context(repository)
    if options.staged:
        files_of_index = GitFiles(repository, repository.index(), "the index")
        return _in_git(files_of_index, repository.staged(), reading.stored(str(root)))
    if options.from_ref:
        last = options.to_ref or "HEAD"
        tree = repository.tree(last)
        entries = repository.brought_in(options.from_ref, last)
        read = reading.stored(str(root), frozenset(tree))
        return _in_git(GitFiles(repository, tree, last), entries, read)
    left_out = {entry.path: entry for entry in repository.not_checked_out()}
    paths = repository.work_tree()
    if not left_out:
        return _on_disk(options, root, paths)
    stored = GitFiles(repository, left_out.values(), "what is not checked out")
    return _on_disk(options, root, paths, SparseWorkTree(root, stored), left_out)


def _in_git(files: Files, entries: Sequence[Entry], read: reading.Read) -> _Scope:
    # What a fleet lacks since a file was deleted, no entry shows: its rules are always run.
    return _Scope(files, entries, read, _has_fleet(files))


def _on_disk(
    options: argparse.Namespace,
    root: Path,
    paths: list[str],
    files: Files | None = None,
    left_out: Mapping[str, Entry] | None = None,
) -> _Scope:
    """The work tree. `left_out` are those of its files that are staged and not on disk."""
    files = files or WorkTree(root)
    chosen = below(paths, options.path, root) if options.path else paths
    things = [(left_out or {}).get(path, path) for path in chosen]
    with_fleet = not options.path and _has_fleet(files)
    return _Scope(files, things, reading.work_tree(str(root)), with_fleet, is_all=not options.path)


def _has_fleet(files: Files) -> bool:
    return layout.FLEET_FILE in files.names("")


def below(paths: Sequence[str], wanted: Sequence[str], root: Path) -> list[str]:
    """Those of `paths` that are at or below what is wanted, and files wanted that Git ignores.

    Raises InvalidInput where something wanted does not exist, or is not below `root`.
    """
    places = {_within(root, name): name for name in wanted}
    chosen: list[str] = []
    met: set[str] = set()
    for path in paths:
        above = {place for place in _and_above(path) if place in places}
        if above:
            chosen.append(path)
            met |= above
    for place, name in places.items():
        if place in met or (root / place).is_dir():
            continue
        if not os.path.lexists(root / place):
            raise InvalidInput(f"{name} does not exist")
        chosen.append(place)
    return chosen


def _within(root: Path, name: str) -> str:
    """What a file or directory is called from the root; the root itself is empty."""
    place = os.path.abspath(name)  # noqa: PTH100  # a link stays what it is
    if not Path(place).is_relative_to(root):
        raise InvalidInput(f"{name} is not in {root}")
    path = Path(place).relative_to(root).as_posix()
    return "" if path == "." else path


def _and_above(path: str) -> Iterator[str]:
    """A path, and every directory that it is in, up to the root."""
    while path:
        yield path
        path = path.rpartition("/")[0]
    yield ""


def _baseline(files: Files) -> Baseline:
    found = files.text(BASELINE)
    return Baseline() if found is None else baseline.read(found)


def _write_baseline(root: Path, outcome: Outcome, files: Files, output: Output) -> int:
    for error in outcome.errors:
        output.error(error)
    if outcome.errors:
        output.say("Nothing was written: what cannot be checked cannot be taken note of.")
        return outcome.exit_code
    keys = gate.keys(outcome.findings, files)
    before = files.text(BASELINE)
    with locked(root):
        apply(root, file_change(Step.CONTENT, BASELINE, before, baseline.written(keys), ""))
    count = counted(len(keys), "findings") or "no findings"
    output.say(f"{BASELINE} takes note of {count}, warnings included. Commit it.")
    return 0


def _print(outcome: Outcome, options: argparse.Namespace, output: Output) -> None:
    in_actions = os.environ.get("GITHUB_ACTIONS") == "true"
    chosen = options.format or ("json" if options.json else "github" if in_actions else "text")
    if chosen == "text":
        output.document(text.report(outcome, color=output.color))
    elif chosen == "json":
        output.document(as_json.report(outcome))
    elif chosen == "github":
        output.document(github.report(outcome))
    elif chosen == "markdown":
        output.document(markdown.report(outcome))
    else:
        known = version("gitops-regconf")
        output.document(sarif.report(outcome, documented_rules(), known))
