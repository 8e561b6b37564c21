"""`regconf update-keys`: give every file the recipients that `regconf.yaml` names."""

from __future__ import annotations

import argparse
import os
from contextlib import nullcontext

from gitops_regconf import sops
from gitops_regconf.commands.cli import fleet_root
from gitops_regconf.commands.output import Output
from gitops_regconf.fleet import layout
from gitops_regconf.generate.apply import apply, locked
from gitops_regconf.generate.update_keys import KeyPlan, plan_keys
from gitops_regconf.source.worktree import WorkTree


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `regconf update-keys`."""
    parser.description = (
        "Encrypt every account file and Secret for the recipients that regconf.yaml names. "
        "Needs a private key that opens the files as they are. Whoever is removed gets a new "
        "data key, and the accounts that they have read are listed, to be changed."
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing, needing no key; exit 1 on differences"
    )


def run(options: argparse.Namespace, output: Output) -> int:
    """Plan, then write or report. 0 done or clean, 1 differences, 2 invalid input, 3 no key."""
    root = fleet_root(options)
    identities = sops.find_identities(os.environ)
    output.detail(f"private keys at hand: {', '.join(identities.recipients) or 'none'}")
    with nullcontext() if options.check else locked(root):
        with output.progress("management clusters") as progress:
            planned = plan_keys(WorkTree(root), identities, check=options.check, progress=progress)
        for error in planned.errors:
            output.error(error)
        broken = max((error.exit_code for error in planned.errors), default=0)
        if broken and not options.check:
            output.data(_as_json(planned))
            output.say("Nothing was written.")
            return broken
        # Before writing: whatever happens then, who has read what must not get lost.
        _report(planned, output, check=options.check)
        if not options.check:
            output.flush()
            apply(root, [*planned.rules, *(one.change for one in planned.changes)])
    # Whom an unknown kind of key is for cannot be checked.
    differs = int(options.check and bool(planned.changes or planned.rules))
    return max(broken, differs, 3 if planned.unknown else 0)


def _report(planned: KeyPlan, output: Output, *, check: bool) -> None:
    for one in planned.changes:
        output.result(f"~ {one.change.path}: {one.differs or one.change.reason}")
    for change in planned.rules:
        output.result(f"~ {change.path}: {change.reason}")
    output.data(_as_json(planned))
    for path, kinds in planned.unknown.items():
        output.say(
            f"note: {path}: {', '.join(kinds)} may name recipients that are not known here; kept"
        )
    if planned.rotate:
        output.result(
            "Removing a recipient does not take back what it has read: change these accounts at "
            "their registries, then store them with `regconf set-credentials`:"
        )
        for path in sorted(planned.rotate):
            output.result(f"  {path}")
    if planned.stale:
        output.say(f"Out of date in other ways, too: {', '.join(planned.stale)}.")
        output.say("Run `regconf regenerate`.")
    if check and (planned.changes or planned.rules) and not planned.errors:
        output.say("Run `regconf update-keys` and commit what it writes.")
    elif not planned.changes and not planned.rules and not planned.errors:
        output.say(
            f"Nothing to do: {planned.files} files are encrypted for whom {layout.FLEET_FILE} "
            "names."
        )


def _as_json(planned: KeyPlan) -> dict[str, object]:
    return {
        "changes": [
            {
                "path": one.change.path,
                "added": list(one.differs.added),
                "removed": list(one.differs.removed),
            }
            for one in planned.changes
        ],
        "rules": [change.path for change in planned.rules],
        "rotate": sorted(planned.rotate),
        "outOfDate": planned.stale,
        "unknown": {path: list(kinds) for path, kinds in planned.unknown.items()},
        "errors": [
            {"at": str(error.at or ""), "message": error.message, "mend": error.mend}
            for error in planned.errors
        ],
        "checked": {"files": planned.files},
    }
