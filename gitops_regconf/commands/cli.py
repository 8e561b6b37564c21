"""The command line: global flags, and the subcommand's module loaded when it is called."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from gitops_regconf.commands.output import Output, silence
from gitops_regconf.errors import InvalidInput, RegconfError
from gitops_regconf.fleet import layout
from gitops_regconf.source.disk import root_around

COMMANDS = {
    "init": "lay down a new fleet repository",
    "add-mc": "add a management cluster",
    "add-wc": "add a workload cluster",
    "set-credentials": "store or replace one account, encrypted; needs no private key",
    "regenerate": "write the generated files, or check them",
    "lint": "run every rule over the tree, the index, or what commits bring in",
    "explain": "say which hosts a node asks for an image, as whom and with what effect",
    "render": "show the values, the files on a node, or the reference for another repository",
    "update-keys": "give every file the recipients that regconf.yaml names",
}


# Not the parser's own defaults: a subparser would set them again, over a flag
# that stands before the subcommand.
_GLOBAL_DEFAULTS = {
    "fleet": None,
    "json": False,
    "no_color": False,
    "quiet": False,
    "verbose": False,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 done or clean · 1 findings or drift · 2 usage or invalid input · 3 could not check.
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    options = _parser(arguments).parse_args(arguments, argparse.Namespace(**_GLOBAL_DEFAULTS))
    output = Output.of_process(
        color=not options.no_color, quiet=options.quiet, verbose=options.verbose, json=options.json
    )
    module = importlib.import_module(_module(options.command))
    try:
        code: int = module.run(options, output)
        output.flush()
    except RegconfError as error:
        output.error(error)
        output.data({"errors": [{"message": str(error)}]})
        return error.exit_code
    except BrokenPipeError:
        # The reader has gone (a pager, head): nothing is left to say.
        silence(sys.stdout)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def fleet_root(options: argparse.Namespace) -> Path:
    """The fleet to work on: --fleet, else the Git root above the current directory."""
    root = directory(options)
    if not (root / layout.FLEET_FILE).is_file():
        raise InvalidInput(
            f"{root} is no fleet: it has no {layout.FLEET_FILE}",
            mend="Go into a fleet, name one with --fleet DIR, or make one with `regconf init`.",
        )
    return root.resolve()


def directory(options: argparse.Namespace) -> Path:
    """The directory to work in, a fleet or not: --fleet, else the Git root above this one."""
    if options.fleet:
        return Path(options.fleet)
    return Path(root_around(str(Path.cwd())))


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--fleet",
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="the fleet's root (default: the Git root above the current directory)",
    )
    for flag, text in (
        ("--json", "print the result as JSON"),
        ("--no-color", "print without colours"),
    ):
        common.add_argument(flag, action="store_true", default=argparse.SUPPRESS, help=text)
    common.add_argument(
        "-q", "--quiet", action="store_true", default=argparse.SUPPRESS, help="print results only"
    )
    common.add_argument(
        "-v", "--verbose", action="store_true", default=argparse.SUPPRESS, help="print more"
    )
    parser = argparse.ArgumentParser(
        prog="regconf",
        description="Container registry configuration for fleets of management clusters.",
        parents=[common],
        epilog="Exit codes: 0 clean or done, 1 findings or drift, 2 usage or invalid input, "
        "3 could not check.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and end")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, text in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=text, description=text, parents=[common])
        if name in arguments:  # the others are only listed, and need not be imported
            importlib.import_module(_module(name)).add_arguments(subparser)
    return parser


class _Version(argparse.Action):
    """Looks the version up when it is asked for: that import costs more than all of argparse."""

    def __call__(self, *_: object, **__: object) -> None:
        from importlib.metadata import version

        print(f"regconf {version('gitops-regconf')}")
        raise SystemExit(0)


def _module(command: str) -> str:
    return f"gitops_regconf.commands.{command.replace('-', '_')}"
