"""`regconf set-credentials`: store or replace one account."""

from __future__ import annotations

import argparse
import getpass
import io
import os
import sys
from datetime import date
from typing import Any

from gitops_regconf.commands.cli import fleet_root
from gitops_regconf.commands.output import Output
from gitops_regconf.credentials.accounts import account_text
from gitops_regconf.credentials.credentials import Credentials, checked
from gitops_regconf.credentials.sources import from_environment, from_stdin
from gitops_regconf.errors import InvalidInput
from gitops_regconf.fleet import layout
from gitops_regconf.fleet.load import load, names_of_management_clusters
from gitops_regconf.fleet.names import check_name
from gitops_regconf.generate.apply import apply, locked
from gitops_regconf.generate.changes import Step, file_change
from gitops_regconf.source.documents import document
from gitops_regconf.source.worktree import WorkTree

_STDIN = {
    "password_stdin": "password",
    "auth_stdin": "auth",
    "identitytoken_stdin": "identitytoken",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `regconf set-credentials`. None of them takes a secret."""
    parser.add_argument("mc", metavar="MC")
    parser.add_argument("account", metavar="ACCOUNT")
    parser.add_argument("--username", metavar="U")
    source = parser.add_mutually_exclusive_group(required=True)
    for name, field in _STDIN.items():
        source.add_argument(
            f"--{name.replace('_', '-')}",
            action="store_true",
            help=f"read the {field} from standard input",
        )
    source.add_argument(
        "--from-env",
        metavar="PREFIX",
        help="read PREFIX_USERNAME, PREFIX_PASSWORD, PREFIX_AUTH and PREFIX_IDENTITYTOKEN",
    )
    parser.add_argument("--expires", metavar="DATE", help="YYYY-MM-DD, stored in clear")
    parser.add_argument("--owner", metavar="O", help="whose account it is, stored in clear")


def run(options: argparse.Namespace, output: Output) -> int:
    """Encrypt the account for the team with public keys alone, and write its file."""
    check_name(options.account, "an account")
    root = fleet_root(options)
    source = WorkTree(root)
    fleet, _ = load(source, ())
    if options.mc not in names_of_management_clusters(source):
        raise InvalidInput(
            f"there is no management cluster {options.mc!r}", mend="Make it with `regconf add-mc`."
        )
    path = layout.account_file(options.mc, options.account)
    credentials = checked(_credentials(options))  # before the lock: somebody may be typing
    with locked(root):
        before = source.text(path)
        kept = _clear_fields(before, path)
        after = account_text(
            options.account,
            credentials,
            recipients=fleet.recipients,
            owner=_owner(options.owner) or kept.get("owner"),
            expires=_expires(options.expires) or kept.get("expires"),
            schema=f"{layout.to_root(path.rpartition('/')[0])}/{layout.SCHEMAS}/registry-account.schema.json",
        )
        apply(root, file_change(Step.INPUT, path, before, after, "set"))
    output.result(f"{'+' if before is None else '~'} {path}")
    output.data({"changed": [path]})
    output.say(
        "Next: `regconf regenerate` (with the team's key) takes it into the Secrets that use it."
    )
    return 0


def _credentials(options: argparse.Namespace) -> Credentials:
    if options.from_env:
        return from_environment(os.environ, options.from_env, options.username)
    field = next(field for name, field in _STDIN.items() if getattr(options, name))
    if sys.stdin.isatty():
        typed = getpass.getpass(f"{field}: ", stream=sys.stderr)
        return from_stdin(io.BytesIO(typed.encode()), field, options.username)
    return from_stdin(sys.stdin.buffer, field, options.username)


def _clear_fields(text: str | None, path: str) -> dict[str, Any]:
    """`owner` and `expires` of the file that is replaced; a broken file has none."""
    try:
        spec = document(text or "", path).data["spec"]
        return {key: spec[key] for key in ("owner", "expires") if isinstance(spec.get(key), str)}
    except (InvalidInput, KeyError, TypeError, AttributeError):
        return {}


def _expires(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise InvalidInput(f"{text!r} is no date", mend="Write it as YYYY-MM-DD.") from None


def _owner(text: str | None) -> str | None:
    if text is not None and (not text.strip() or not text.isprintable()):
        raise InvalidInput("the owner is empty or holds a control character")
    return text
