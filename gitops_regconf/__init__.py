"""Container registry configuration for fleets of Kubernetes management clusters.

The public API, in the order of its use:

* `WorkTree(root)` reads a fleet, `load(source)` gives it as a `Fleet`;
* `resolve_management_cluster` and `resolve_workload_cluster` say what a
  cluster's nodes shall be told (`ResolvedCluster`);
* `plan(source, identities, Scope(), Settings())` gives every `Change` that the
  fleet's inputs ask for, and `apply(root, changes)` writes them;
* `gitops_regconf.sops` reads and writes SOPS files, and finds private keys.

Whatever a user can mend is a `RegconfError` with a position and a mend. Names
are imported when they are first used, so that a hook pays for what it needs.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gitops_regconf.errors import (
        CannotCheck,
        InvalidInput,
        MissingKey,
        Refused,
        RegconfError,
        Several,
    )
    from gitops_regconf.fleet.load import load
    from gitops_regconf.fleet.model import Fleet
    from gitops_regconf.fleet.resolution import (
        resolve_management_cluster,
        resolve_workload_cluster,
    )
    from gitops_regconf.generate.apply import apply
    from gitops_regconf.generate.changes import Change
    from gitops_regconf.generate.plan import Plan, Settings
    from gitops_regconf.generate.run import Scope, plan
    from gitops_regconf.registries.model import ResolvedCluster
    from gitops_regconf.source.worktree import WorkTree

_HOME = {
    "CannotCheck": "errors",
    "Change": "generate.changes",
    "Fleet": "fleet.model",
    "InvalidInput": "errors",
    "MissingKey": "errors",
    "Plan": "generate.plan",
    "Refused": "errors",
    "RegconfError": "errors",
    "ResolvedCluster": "registries.model",
    "Scope": "generate.run",
    "Settings": "generate.plan",
    "Several": "errors",
    "WorkTree": "source.worktree",
    "apply": "generate.apply",
    "load": "fleet.load",
    "plan": "generate.run",
    "resolve_management_cluster": "fleet.resolution",
    "resolve_workload_cluster": "fleet.resolution",
}

__all__ = [
    "CannotCheck",
    "Change",
    "Fleet",
    "InvalidInput",
    "MissingKey",
    "Plan",
    "Refused",
    "RegconfError",
    "ResolvedCluster",
    "Scope",
    "Settings",
    "Several",
    "WorkTree",
    "apply",
    "load",
    "plan",
    "resolve_management_cluster",
    "resolve_workload_cluster",
]


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
