"""What `check-fleet-drift` does."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from gitops_regconf.commands.crash import guarded
from gitops_regconf.commands.output import Output
from gitops_regconf.commands.regenerate import check
from gitops_regconf.commands.state import judged
from gitops_regconf.errors import RegconfError
from gitops_regconf.fleet import layout
from gitops_regconf.generate.run import Scope

_OPTIONS = argparse.Namespace(check=True, diff=False, prune=False, jobs=1)


def drift(names: Sequence[str] | None) -> int:
    """Check these MCs of the fleet around, all of them without any; the exit code."""
    return guarded(lambda: _drift(names))


def _drift(names: Sequence[str] | None) -> int:
    output = Output.of_hook()
    try:
        with judged() as source:
            # What is no MC any more may have been one: then all are checked.
            known = all(
                layout.FLEET_FILE in source.names(layout.management_cluster(name))
                for name in names or ()
            )
            scope = Scope(tuple(names or ()) if known else ())
            return check(source, scope, _OPTIONS, output)
    except RegconfError as error:
        output.error(error)
        return error.exit_code
