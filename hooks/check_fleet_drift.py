"""`check-fleet-drift`: `regconf regenerate --check` for the MCs that the changed files touch.

What is staged is checked, and on push what is pushed; never the work tree, which
may already be mended, or not yet. Needs no private key: it proves that generated
files and their inputs belong together. Exit codes as everywhere: 0 clean,
1 drift, 2 usage or invalid input, 3 could not check.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence

from gitops_regconf.commands.hook_arguments import helped, names_of_files
from gitops_regconf.errors import InvalidInput, RegconfError

_USAGE = """usage: check-fleet-drift [-h] [--] [FILE …]

{about}
Each FILE, from the root of the fleet, stands for the MC that it belongs to. Files
that are deleted, staged or pushed, count as well, and without any FILE all that
are changed; where nothing is known to be changed, all MCs are checked.
"""
_OF_A_CLUSTER = re.compile(r"management-clusters/([^/]+)/")
# Any other YAML file may be part of what an MC is built from, but for those in hidden directories.
_OF_ALL = re.compile(
    r"(\.sops\.yaml|bases/.*|(?!\.).*\.ya?ml|(?!\.)(.*/)?Kustomization)", re.DOTALL
)


def main(argv: Sequence[str] | None = None) -> int:
    """Check the MCs to which changed files belong: those in `argv`, and what Git knows of."""
    from gitops_regconf.commands.crash import guarded

    arguments = list(sys.argv[1:] if argv is None else argv)
    return guarded(lambda: _checked(arguments))


def _checked(arguments: Sequence[str]) -> int:
    if helped(arguments, _USAGE.format(about=__doc__)):
        return 0
    try:
        paths = _paths(arguments)
    except RegconfError as error:
        from gitops_regconf.commands.output import Output

        Output.of_hook().error(error)
        return error.exit_code
    names = None if paths is None else management_clusters(paths)
    if names == ():
        return 0
    from gitops_regconf.commands.drift import drift

    return drift(names)


def _paths(arguments: Sequence[str]) -> list[str] | None:
    """What is changed; None where nobody knows. Raises InvalidInput."""
    from gitops_regconf.commands.changed import changed

    names = names_of_files(arguments)
    for name in names:
        if os.path.isdir(name):  # noqa: PTH112
            raise InvalidInput(f"{name} is a directory; name the files in it")
    return changed(names)


def management_clusters(paths: Iterable[str]) -> tuple[str, ...] | None:
    """The MCs that files belong to, by their paths in the fleet; None for all of them."""
    names: dict[str, None] = {}
    for path in paths:
        found = _OF_A_CLUSTER.match(path)
        if found:
            names[found[1]] = None
        elif _OF_ALL.fullmatch(path):
            return None
    return tuple(names)


if __name__ == "__main__":
    raise SystemExit(main())
