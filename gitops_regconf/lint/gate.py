"""Rules over many files, and over the fleet that they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from gitops_regconf.errors import RegconfError, singly
from gitops_regconf.findings import Finding
from gitops_regconf.lint import marks
from gitops_regconf.lint.baseline import Baseline, Key, keyed
from gitops_regconf.lint.claims import Claims
from gitops_regconf.lint.doubles import without_doubles
from gitops_regconf.lint.file import MARK, File
from gitops_regconf.lint.outcome import Outcome
from gitops_regconf.lint.reading import Read
from gitops_regconf.lint.rule_set import OF_FILES, OF_INTERFACES, Check, Rules, Test, names
from gitops_regconf.source.files import Files

# Below this many files, starting processes takes longer than the work itself.
_WORTH_FORKING: Final = 500


@dataclass(frozen=True)
class Judge:
    """What files are judged by."""

    rules: Rules
    claims: Claims
    baseline: Baseline = field(default_factory=Baseline)

    @cached_property
    def tests(self) -> frozenset[Test]:
        """What tells of a file's bytes whether a rule may find anything there."""
        tests = (rule.is_candidate for rule in self.rules.values())
        return frozenset(test for test in tests if test)

    @cached_property
    def about_interfaces(self) -> bool:
        """Whether a rule is about registries, or the objects that they stand in."""
        return any(rule.looks_at(OF_INTERFACES) for rule in self.rules.values())


@dataclass
class Checked:
    """What came of some files."""

    files: int = 0
    findings: list[Finding] = field(default_factory=list)
    errors: list[RegconfError] = field(default_factory=list)
    known: set[Key] = field(default_factory=set)
    """What the baseline has of it."""
    checked: dict[str, int] = field(default_factory=dict)
    """What else was looked at."""
    excerpts: dict[Finding, str] = field(default_factory=dict)

    def add(self, other: Checked) -> None:
        """Take in what came of other files."""
        self.files += other.files
        self.findings += other.findings
        self.errors += other.errors
        self.known |= other.known
        self.excerpts |= other.excerpts

    def outcome(self) -> Outcome:
        """All of it in the order of files, each finding once."""
        findings = without_doubles(sorted(self.findings, key=lambda one: (one.at, one.rule)))
        # What one file cannot be read for, several rules say.
        errors: dict[object, RegconfError] = {}
        for error in self.errors:
            known = errors.setdefault(error.at or str(error), error)
            if error.exit_code > known.exit_code:
                errors[error.at or str(error)] = error
        checked = {"files": self.files, **self.checked}
        return Outcome(tuple(findings), tuple(errors.values()), checked, self.excerpts)


def over(things: Sequence[Any], read: Read, judge: Judge, jobs: int = 1) -> Checked:
    """Judge files, each read from what stands for it in `things`."""

    def work(some: Sequence[Any]) -> Checked:
        return over_files(read(some), judge)

    if jobs == 1 or len(things) < _WORTH_FORKING:
        return work(things)
    from gitops_regconf.workers import in_parallel

    judge.claims.of("")  # read once, before there are many processes
    total = Checked()
    size = max(1, len(things) // (jobs * 8))
    chunks = [things[at : at + size] for at in range(0, len(things), size)]
    for checked in in_parallel(work, chunks, jobs):
        total.add(checked)
    return total


def over_files(files: Iterable[File], judge: Judge) -> Checked:
    """Judge files, however they come."""
    result = Checked()
    try:
        for file in files:
            of_file(file, judge, result)
    except RegconfError as error:
        result.errors.append(error)
    result.errors += judge.claims.errors
    return result


def of_file(file: File, judge: Judge, result: Checked) -> None:
    """Judge one file, and add what comes of it."""
    result.files += 1
    fits = {test: test(file.content) for test in judge.tests}
    if any(fits.values()) or judge.claims.may_be_for(file.path):
        file = file.under(judge.claims.of(file.path))
    findings, errors = _found(file, judge, fits)
    result.errors += [_of_history(error, file.origin) for error in errors]
    if MARK in file.content or b"\0" in file.content:
        findings = _heeding_ignores(file, findings, judge.rules, is_whole=not errors)
    if findings:
        _report(file, findings, judge, result)


def add(outcome: Outcome, files: Files, judge: Judge, result: Checked) -> None:
    """Add what rules over more than one file have found, without what is ignored or known."""
    result.errors += outcome.errors
    result.checked |= outcome.checked
    for path, of_path in _by_path(outcome.findings).items():
        chosen = [finding for finding in of_path if finding.rule in judge.rules]
        file = _file(files, path)
        if file is None:
            result.findings += chosen
            continue
        if MARK in file.content:
            from gitops_regconf.lint import ignores

            chosen = ignores.without_ignored(chosen, ignores.ignores(file.text, path))
        file = file.under(judge.claims.of(path))
        others = [finding for finding in result.findings if finding.at.path == path]
        _report(file, chosen, judge, result, others)


def keys(findings: Iterable[Finding], files: Files) -> set[Key]:
    """What a baseline names findings by."""
    found: set[Key] = set()
    for path, of_path in _by_path(findings).items():
        file = _file(files, path)
        found |= {key for _, key in keyed(file.text if file else "", of_path)}
    return found


def _by_path(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.at.path, []).append(finding)
    return found


def _file(files: Files, path: str) -> File | None:
    """The file that findings are about; None where they are about a directory, or a link."""
    try:
        content = files.content(path) if path else None
    except RegconfError:
        return None
    return None if content is None else File(path, content)


def _report(
    file: File,
    findings: list[Finding],
    judge: Judge,
    result: Checked,
    others: Sequence[Finding] = (),
) -> None:
    """Add the findings of one file, in which `others` are known, each with its line as shown."""
    if judge.baseline.known:
        findings, known = judge.baseline.without_known(file.text, findings)
        result.known |= known
    if findings:
        from gitops_regconf.lint.excerpts import excerpts

        told = [_told(finding, file.origin) for finding in findings]
        result.excerpts |= excerpts(file, told, others)
        result.findings += told


def _found(
    file: File, judge: Judge, fits: dict[Test, bool]
) -> tuple[list[Finding], list[RegconfError]]:
    checks: list[Check] = []
    for rule in judge.rules.values():
        is_candidate = rule.is_candidate is None or fits[rule.is_candidate] or file.claim
        if is_candidate and (rule.in_history or not file.past):
            checks += (rule.checks[subject] for subject in OF_FILES if subject in rule.checks)
    if judge.about_interfaces and not file.past and marks.is_candidate(file.content):
        from gitops_regconf.lint.runner import of_interfaces

        checks.append(of_interfaces)
    findings: list[Finding] = []
    errors: list[RegconfError] = []
    for check in checks:
        try:
            for finding in check(file):
                findings.append(finding)  # noqa: PERF402  # those before an error count
        except RegconfError as error:
            errors += singly([error])
    # The rules about interfaces are run together, those that were not asked for as well.
    chosen = (finding for finding in findings if finding.rule in judge.rules)
    return without_doubles(chosen), errors


def _told(finding: Finding, origin: str) -> Finding:
    return replace(finding, message=f"{finding.message} ({origin})") if origin else finding


def _of_history(error: RegconfError, origin: str) -> RegconfError:
    if not origin:
        return error
    of_origin = copy(error)
    of_origin.message = f"{error.message} ({origin})"
    return of_origin


def _heeding_ignores(
    file: File, findings: Iterable[Finding], rules: Rules, *, is_whole: bool
) -> list[Finding]:
    """The findings that no ignore covers, and those about ignores where all of it was read."""
    from gitops_regconf.lint import ignores

    found = ignores.ignores(file.text, file.path)
    left = ignores.without_ignored(findings, found)
    if file.past or not is_whole:
        return left
    # Of rules over more than one file it cannot be told here whether an ignore has an effect.
    of_one_file = (*OF_FILES, *OF_INTERFACES)
    judged = {name for name, rule in rules.items() if rule.looks_at(of_one_file)}
    about = (*ignores.without_reason(found), *ignores.without_effect(found, names(), judged))
    return [*left, *(finding for finding in about if finding.rule in rules)]
