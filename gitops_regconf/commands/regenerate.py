"""`regconf regenerate`: write the generated files, or check them."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Mapping
from pathlib import Path

from gitops_regconf import sops
from gitops_regconf.commands.cli import fleet_root
from gitops_regconf.commands.output import Output
from gitops_regconf.credentials.masked import masked_pair
from gitops_regconf.errors import CannotCheck, InvalidInput, RegconfError
from gitops_regconf.generate.apply import apply, locked
from gitops_regconf.generate.changes import Change
from gitops_regconf.generate.plan import Plan, Settings
from gitops_regconf.generate.run import Scope, plan
from gitops_regconf.report.diff import diffs
from gitops_regconf.source.files import Files
from gitops_regconf.source.worktree import WorkTree

_SHARD = re.compile(r"([1-9][0-9]*)/([1-9][0-9]*)")
_KEY_VARIABLES = ("SOPS_AGE_KEY", "SOPS_AGE_KEY_FILE", "SOPS_AGE_KEY_CMD")
_SIGNS = {"create": "+", "update": "~", "delete": "-"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `regconf regenerate`."""
    parser.add_argument("mc", nargs="*", metavar="MC", help="only these management clusters")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 on drift")
    parser.add_argument("--diff", action="store_true", help="show the changes, masked")
    parser.add_argument(
        "--prune", action="store_true", help="remove Secrets that no cluster takes in any more"
    )
    parser.add_argument("--jobs", type=_jobs, default=1, metavar="N", help="plan in N processes")
    parser.add_argument(
        "--shard", type=_shard, default=(1, 1), metavar="I/N", help="only the I-th of N shards"
    )


def run(options: argparse.Namespace, output: Output) -> int:
    """Plan, then apply or report. 0 done or clean, 1 drift, 2 invalid input, 3 no key."""
    if options.mc and options.shard != (1, 1):
        raise InvalidInput("--shard chooses among all management clusters, so none can be named")
    root = fleet_root(options)
    scope = Scope(tuple(options.mc), options.shard)
    if options.check:
        return check(WorkTree(root), scope, options, output)
    identities = _identities(output)
    with locked(root):
        planned = _planned(WorkTree(root), scope, options, output, identities)
        return _written(planned, root, options, output, identities)


def check(source: Files, scope: Scope, options: argparse.Namespace, output: Output) -> int:
    """Report what is not as the inputs give, in any state of a fleet; 0, 1, 2 or 3 as above."""
    identities = _identities(output)
    planned = _planned(source, scope, options, output, identities)
    return _checked(planned, options, output, identities)


def _identities(output: Output) -> sops.Identities:
    identities = sops.find_identities(os.environ)
    output.detail(f"private keys at hand: {', '.join(identities.recipients) or 'none'}")
    for problem in identities.problems:
        output.detail(f"note: {problem}")
    return identities


def _planned(
    source: Files,
    scope: Scope,
    options: argparse.Namespace,
    output: Output,
    identities: sops.Identities,
) -> Plan:
    with output.progress("management clusters") as progress:
        planned = plan(
            source,
            identities,
            scope,
            Settings(check=options.check, prune=options.prune, diff=options.diff),
            jobs=options.jobs,
            progress=progress,
        )
    for note in planned.notes:
        output.say(f"note: {note.at}: {note.message}")
    return planned


def _written(
    planned: Plan,
    root: Path,
    options: argparse.Namespace,
    output: Output,
    identities: sops.Identities,
) -> int:
    errors = [*planned.errors, *_as_errors(planned)]
    for error in errors:
        output.error(error)
    if errors:
        output.data(_as_json(planned, {}))
        output.say("Nothing was written.")
        return max(error.exit_code for error in errors)
    apply(root, planned.changes)
    _report(planned, options, output, identities)
    if not planned.changes:
        output.say("Nothing to do: every generated file is what the inputs give.")
    return 0


def _checked(
    planned: Plan, options: argparse.Namespace, output: Output, identities: sops.Identities
) -> int:
    _report(planned, options, output, identities)
    for error in planned.errors:
        output.error(error)
    drift = bool(planned.changes or planned.gaps)
    unusable = _unusable_key(planned, identities)
    if planned.changes:
        flag = " --prune" if options.prune else ""
        output.say(f"Run `regconf regenerate{flag}` and commit what it writes.")
    elif not planned.gaps and not planned.errors and not unusable:
        output.say(f"No drift: {_extent(planned)}.")
    if unusable:
        output.error(unusable)
        return 3
    return max([int(drift), *(error.exit_code for error in planned.errors)])


def _unusable_key(planned: Plan, identities: sops.Identities) -> CannotCheck | None:
    """What to say where the environment names a private key that could verify nothing.

    A check without a key is one thing; a check that was given a key and
    silently did without it would look like more than it is.
    """
    if not any(os.environ.get(name) for name in _KEY_VARIABLES):
        return None
    if planned.verified or not planned.secrets or planned.changes:
        return None
    problems = "; ".join(identities.problems) or "it opens none of the Secrets"
    return CannotCheck(
        f"the private key that the environment names could not be used: {problems}",
        mend=f"Correct or unset {', '.join(_KEY_VARIABLES)}.",
    )


def _report(
    planned: Plan, options: argparse.Namespace, output: Output, identities: sops.Identities
) -> None:
    for change in planned.changes:
        output.result(f"{_SIGNS[change.action]} {change.path}: {change.reason}")
    for gap in planned.gaps:
        output.result(f"? {gap.path}: {gap.reason}\n    {gap.mend}")
    shown: dict[str, list[str]] = {}
    for change in planned.changes if options.diff else ():
        lines = list(diffs(change, lambda old, new: masked_pair(old, new, identities)))
        shown[change.path] = lines
        for line in lines:
            output.diff_line(line)
    output.data(_as_json(planned, shown))


def _as_json(planned: Plan, shown: Mapping[str, list[str]]) -> dict[str, object]:
    def row(change: Change) -> dict[str, object]:
        plain: dict[str, object] = {
            "path": change.path,
            "action": change.action,
            "reason": change.reason,
        }
        return {**plain, "diff": shown[change.path]} if change.path in shown else plain

    return {
        "changes": [row(change) for change in planned.changes],
        "missing": [
            {"path": gap.path, "reason": gap.reason, "mend": gap.mend} for gap in planned.gaps
        ],
        "notes": [{"at": str(note.at), "message": note.message} for note in planned.notes],
        "errors": [
            {"at": str(error.at or ""), "message": error.message, "mend": error.mend}
            for error in planned.errors
        ],
        "checked": {"secrets": planned.secrets, "verifiedWithKey": planned.verified},
    }


def _extent(planned: Plan) -> str:
    """What was proved, and what only a key can prove."""
    total, verified = planned.secrets, planned.verified
    secrets = "1 Secret" if total == 1 else f"{total} Secrets"
    if verified == total:
        return f"{secrets}, every MAC verified with a key"
    some = "" if verified == 0 else f"{total - verified} of them "
    return (
        f"{secrets} consistent with the inputs "
        f"({some}checked without a key, which cannot prove who wrote them)"
    )


def _as_errors(planned: Plan) -> list[RegconfError]:
    return [InvalidInput(f"{gap.path}: {gap.reason}", mend=gap.mend) for gap in planned.gaps]


def _jobs(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError("a number from 1 to 256 is expected")
    return int(text)


def _shard(text: str) -> tuple[int, int]:
    found = _SHARD.fullmatch(text)
    if not found or int(found[1]) > int(found[2]):
        raise argparse.ArgumentTypeError("I/N is expected, with I from 1 to N")
    return int(found[1]), int(found[2])
