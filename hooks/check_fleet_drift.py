"""`check-fleet-drift`: `regconf regenerate --check` for the MCs that the changed files touch.

Needs no private key: it proves that generated files and their inputs belong
together. Exit codes as everywhere: 0 clean, 1 drift, 2 invalid input, 3 could
not check.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

_MANAGEMENT_CLUSTERS = Path("management-clusters")
_OF_A_CLUSTER = re.compile(r"management-clusters/([^/]+)/")
_OF_ALL = re.compile(r"(regconf\.yaml|\.sops\.yaml|bases/.*)\Z")


def main(argv: Sequence[str] | None = None) -> int:
    """Check the MCs to which the files named in `argv` belong; all of them where none is named."""
    paths = list(sys.argv[1:] if argv is None else argv)
    names = management_clusters(paths)
    if paths and names == ():
        return 0
    from gitops_regconf.commands.cli import main as regconf

    return regconf(["regenerate", "--check", *(names or ())])


def management_clusters(paths: Iterable[str]) -> tuple[str, ...] | None:
    """The MCs that files belong to, by their paths in the fleet; None for all of them.

    A directory that is no MC any more may have been one: then all are checked.
    """
    names: dict[str, None] = {}
    for path in paths:
        found = _OF_A_CLUSTER.match(path)
        if found and (_MANAGEMENT_CLUSTERS / found[1] / "regconf.yaml").is_file():
            names[found[1]] = None
        elif found or _OF_ALL.match(path):
            return None
    return tuple(names)


if __name__ == "__main__":
    raise SystemExit(main())
