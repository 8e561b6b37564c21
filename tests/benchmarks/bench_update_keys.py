"""`regconf update-keys` on a fleet of 1,000 encrypted files, against `sops updatekeys` on them.

    python -m tests.benchmarks.bench_update_keys

Sops is given all files in one process, which is the fastest that it can do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gitops_regconf import sops
from tests.benchmarks.harness import HEADER, Ratio
from tests.interop.conftest import peer
from tests.support import FleetRepo, regconf

CLUSTERS = 250
ACCOUNTS = ("docker-hub", "one", "two")  # and one Secret: 1,000 files
_, NEWCOMER = sops.generate_key()


def fleet_of_many(folder: Path) -> FleetRepo:
    """A fleet of `CLUSTERS` MCs: one is made, the others are copies under other names."""
    keys = folder / "keys"
    keys.mkdir()
    key = str(keys / "team.agekey")
    regconf("init", folder / "fleet", "--name", "many", "--generate-key", key)
    fleet = FleetRepo(folder / "fleet", keys, {"HOME": str(folder)})
    place = ["--provider", "aws", "--region", "eu-central-1", "--base-domain", "example.io"]
    more = ["--generate-key", str(keys / "mc.agekey"), "--profile", "docker-hub-with-acr"]
    fleet.run("add-mc", "mc-0", *place, *more)
    for account in ACCOUNTS:
        user = ["--username", "u", "--password-stdin"]
        fleet.run("set-credentials", "mc-0", account, *user, stdin=b"bench")
    clusters = fleet.root / "management-clusters"
    for number in range(1, CLUSTERS):
        shutil.copytree(clusters / "mc-0", clusters / f"mc-{number}")
        for path in sorted((clusters / f"mc-{number}").rglob("*")):
            if path.is_file() and not path.name.endswith(".enc.yaml"):
                path.write_text(path.read_text().replace("mc-0", f"mc-{number}"))
                path.rename(path.with_name(path.name.replace("mc-0", f"mc-{number}")))
    fleet.regenerate()
    return fleet


def measured(fleet: FleetRepo) -> Ratio:
    """Both on the same files, one after the other; the seconds are those of the whole command."""
    files = sorted(
        [
            *fleet.root.glob("management-clusters/*/registry-credentials/*.enc.yaml"),
            *fleet.root.glob("management-clusters/*/container-registries/*-secret.yaml"),
        ]
    )
    before = {path: path.read_bytes() for path in files}
    text = fleet.read("regconf.yaml")
    fleet.write("regconf.yaml", text.replace("age: [", f"age: [{NEWCOMER}, "))
    environ = {"PATH": os.environ["PATH"], "HOME": str(fleet.keys), **fleet.key_of("team")}
    program = [str(Path(sys.executable).parent / "regconf"), "--fleet", str(fleet.root)]
    start = time.perf_counter()
    subprocess.run([*program, "update-keys"], env=environ, check=True, stdout=subprocess.DEVNULL)
    ours = time.perf_counter() - start
    for path, content in before.items():
        path.write_bytes(content)
    command = [peer("sops"), "updatekeys", "--yes", *map(str, files)]
    start = time.perf_counter()
    subprocess.run(command, cwd=fleet.root, env=environ, check=True, capture_output=True)
    return Ratio(f"update-keys of {len(files)} files", ours, time.perf_counter() - start, target=1)


def main() -> int:
    """Print the figures; 1 where ours is slower."""
    with tempfile.TemporaryDirectory() as folder:
        ratio = measured(fleet_of_many(Path(folder)))
    print(f"{HEADER}\n{ratio}")
    return int(not ratio.met)


if __name__ == "__main__":
    sys.exit(main())
