"""`regconf lint`: every rule, over the tree, the index, or what a range of commits brings in."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

from gitops_regconf.commands.cli import directory
from gitops_regconf.commands.crash import guarded
from gitops_regconf.commands.lint_scope import scope
from gitops_regconf.commands.output import Output
from gitops_regconf.errors import InvalidInput
from gitops_regconf.generate.apply import apply, locked
from gitops_regconf.generate.changes import Step, file_change
from gitops_regconf.lint import baseline, gate, rule_set
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
        looked_at = scope(options, root, open_things)
        known = Baseline() if options.write_baseline else baseline.of(looked_at.files)
        judge = Judge(chosen, Claims(looked_at.files), known)
        checked = gate.over(looked_at.things, looked_at.read, judge, options.jobs)
        if looked_at.with_fleet and any(rule.looks_at(OF_FLEETS) for rule in chosen.values()):
            gate.add(of_fleet(looked_at.files, options.jobs), looked_at.files, judge, checked)
        outcome = checked.outcome()
        if options.write_baseline:
            return _write_baseline(root, outcome, looked_at.files, output)
    _print(outcome, options, output)
    stale = len(known.known - checked.known) if not options.rule and looked_at.is_all else 0
    if stale:
        verb = "is" if stale == 1 else "are"
        output.say(f"note: {counted(stale, 'findings')} of the baseline {verb} not there any more")
    return outcome.exit_code


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
