"""`regconf lint` and its hook: speed on a repository of 26,000 files, and what they find.

    python -m tests.benchmarks.bench_lint [--tree DIR] [--rounds N] [--slow-rounds N]

All programs run on the same two cores, in turns; but detect-secrets, which needs minutes for the
tree, runs last and only as often as `--slow-rounds` says, which may be 0.
"""

from __future__ import annotations

import argparse
import compileall
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from tests.benchmarks import recall
from tests.benchmarks.harness import COSTS, HEADER, Cost, Ratio, medians
from tests.benchmarks.scanners import BIN, Scanner, detect_secrets, gitleaks, paths_in, regconf
from tests.benchmarks.tree.make import facts, make_tree

CORES = 2
ROUNDS = 5
SLOW_ROUNDS = 1
ROUNDS_OF_HOOKS = 15
HOOK = "forbid-plaintext-credentials"
RULE = "plaintext-credentials"
_MC = "management-clusters/mc000"
#: By what they are: the file, and how many times as long as loading a YAML library it may take.
IN_TREE = {
    "a file that is no candidate": (f"{_MC}/organizations/acme/acme.yaml", 2),
    "an account, encrypted": (f"{_MC}/registry-credentials/docker-hub.enc.yaml", 5),
}
#: How many times faster the one shall be than the other.
TARGETS = {
    ("one rule", "gitleaks"): 5,
    ("all rules", "gitleaks"): 2,
    ("one rule", "detect-secrets"): 20,
}


def on_two_cores() -> int:
    """Keep this process, and all that it starts, on two cores; how many they are."""
    cores = sorted(os.sched_getaffinity(0))[:CORES]
    os.sched_setaffinity(0, cores)
    return len(cores)


def compile_ours() -> None:
    """Make the bytecode that an installation has, whatever the environment says about it."""
    for package in ("gitops_regconf", "gitops_regconf.hooks"):
        found = importlib.util.find_spec(package)
        for folder in (found and found.submodule_search_locations) or ():
            compileall.compile_dir(folder, quiet=1)


def of_scanners(tree: Path, rounds: int, slow_rounds: int) -> list[Ratio]:
    """The whole tree: one rule, and all of them, against each of the others."""
    reports: dict[str, str] = {}

    def seconds(scanners: Mapping[str, Scanner], rounds: int) -> dict[str, float]:
        def scan(name: str) -> None:
            reports[name] = scanners[name].scan(tree)

        return medians({name: partial(scan, name) for name in scanners}, rounds)

    ours = {"one rule": regconf("--rule", RULE), "all rules": regconf()}
    found = seconds({"gitleaks": gitleaks(), **ours}, rounds)
    if slow_rounds:
        found |= seconds({"detect-secrets": detect_secrets()}, slow_rounds)
    for name in reports.keys() - {"all rules"}:
        files = len(set(paths_in(json.loads(reports[name]))))
        print(f"{name}: takes {files} files for leaks, and none is one")
    return [
        Ratio(f"{name} / {peer}", found[name], found[peer], target)
        for (name, peer), target in TARGETS.items()
        if peer in found
    ]


def of_hook(tree: Path) -> list[Cost]:
    """A hook on one file, against the time in which Python loads a YAML library."""

    def run(*command: str) -> None:
        subprocess.run(command, cwd=tree, check=True, capture_output=True)

    hook = str(BIN / HOOK)
    floor = "import yaml"
    actions = {name: partial(run, hook, path) for name, (path, _) in IN_TREE.items()}
    actions[floor] = partial(run, sys.executable, "-c", floor)
    found = medians(actions, ROUNDS_OF_HOOKS)
    return [Cost(name, found[name], found[floor], limit) for name, (_, limit) in IN_TREE.items()]


def measured(tree: Path, rounds: int, slow_rounds: int) -> bool:
    """Print the figures; whether all of them are as they should be."""
    print(f"The tree: {facts(tree)}.")
    costs = of_hook(tree)
    print(f"\n{HOOK}, median of {ROUNDS_OF_HOOKS}, against `import yaml`:\n{COSTS}")
    print(*costs, sep="\n")
    print(f"\nThe tree, median of {rounds}; {slow_rounds} of detect-secrets:", flush=True)
    ratios = of_scanners(tree, rounds, slow_rounds)
    print(HEADER, *ratios, sep="\n")
    return all(cost.met for cost in costs) and all(ratio.met for ratio in ratios)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures; 1 where one is worse than its target."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tree", type=Path, help="one that tests.benchmarks.tree.make has made")
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N")
    parser.add_argument("--slow-rounds", type=int, default=SLOW_ROUNDS, metavar="N")
    options = parser.parse_args(argv)
    compile_ours()
    print(f"{on_two_cores()} cores, {platform.system()}, Python {platform.python_version()}.")
    with tempfile.TemporaryDirectory() as folder:
        tree = options.tree or make_tree(Path(folder, "tree"))
        met = measured(tree, options.rounds, options.slow_rounds)
    print("\nWhat is found, form by form:")
    return max(recall.main(), int(not met))


if __name__ == "__main__":
    sys.exit(main())
