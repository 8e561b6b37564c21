"""`check-fleet-drift`: `regconf regenerate --check` for the MCs that the changed files touch.

What is staged is checked, and on push what is pushed; never the work tree, which
may already be mended, or not yet. Needs no private key: it proves that generated
files and their inputs belong together. Exit codes as everywhere: 0 clean,
1 drift, 2 invalid input, 3 could not check.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence

_OF_A_CLUSTER = re.compile(r"management-clusters/([^/]+)/")
_OF_ALL = re.compile(r"(regconf\.yaml|\.sops\.yaml|bases/.*)\Z")


def main(argv: Sequence[str] | None = None) -> int:
    """Check the MCs to which the files named in `argv` belong; all of them where none is named."""
    paths = list(sys.argv[1:] if argv is None else argv)
    names = management_clusters(paths)
    if paths and names == ():
        return 0
    from gitops_regconf.commands.drift import drift

    return drift(names)


def management_clusters(paths: Iterable[str]) -> tuple[str, ...] | None:
    """The MCs that files belong to, by their paths in the fleet; None for all of them."""
    names: dict[str, None] = {}
    for path in paths:
        found = _OF_A_CLUSTER.match(path)
        if found:
            names[found[1]] = None
        elif _OF_ALL.match(path):
            return None
    return tuple(names)


if __name__ == "__main__":
    raise SystemExit(main())
