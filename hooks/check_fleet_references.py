"""`check-fleet-references`: every cluster App takes in its registry Secret, exactly once.

And the Secret is where it is taken from: included, not moved, decrypted. In the
fleet itself, or with `--fleet DIR` in another repository that holds the manifests
of workload clusters; DIR is then a checkout of the fleet. File names are passed
over: what is built decides, by the `kustomize` on the PATH where there is one.
Exit codes as everywhere: 0 clean, 1 findings, 2 usage or invalid input, 3 could not check.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def main(argv: Sequence[str] | None = None) -> int:
    """Check the repository in the current directory: what is staged, or pushed."""
    parser = argparse.ArgumentParser(
        prog="check-fleet-references",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--fleet", metavar="DIR", help="a checkout of the fleet")
    parser.add_argument("files", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args(sys.argv[1:] if argv is None else list(argv))
    from gitops_regconf.commands.references import references

    return references(Path(options.fleet) if options.fleet else None)


if __name__ == "__main__":
    raise SystemExit(main())
