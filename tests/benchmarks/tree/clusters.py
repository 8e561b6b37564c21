"""A fleet of many clusters, on disk: some are made by regconf, the others are copies of those.

Names, accounts and Secrets are those of each copy: the accounts are stored and the Secrets are
generated for it. Only the keys and the ciphertexts differ between two runs.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support import FleetRepo, regconf

PROVIDERS = {
    "aws": "eu-central-1",
    "azure": "westeurope",
    "vsphere": "dc1",
    "cloud-director": "dc2",
}
WORKLOAD_CLUSTERS = 5
ACCOUNTS = ("docker-hub", "mirror")


def fleet_of_many(root: Path, keys: Path, management_clusters: int) -> FleetRepo:
    """A fleet in `root` with so many MCs, each with `WORKLOAD_CLUSTERS` WCs, all generated."""
    keys.mkdir(parents=True)
    key = keys / "team.agekey"
    made = regconf("init", root, "--name", "many", "--generate-key", key)
    assert made.code == 0, made.text
    fleet = FleetRepo(root, keys, {"HOME": str(keys)})
    names = [f"mc{number:03}" for number in range(management_clusters)]
    originals = names[: len(PROVIDERS)]
    for name, (provider, region) in zip(originals, PROVIDERS.items(), strict=True):
        add_cluster(fleet, name, provider, region)
    for number, name in enumerate(names[len(originals) :]):
        copy_cluster(fleet, originals[number % len(originals)], name)
    for name in names:
        for account in ACCOUNTS:
            user = ["--username", f"{name}-{account}", "--password-stdin"]
            run(fleet, "set-credentials", name, account, *user, stdin=b"of no account")
    fleet.regenerate()
    return fleet


def add_cluster(fleet: FleetRepo, name: str, provider: str, region: str) -> None:
    place = ["--provider", provider, "--region", region, "--base-domain", f"{name}.example.io"]
    more = [
        "--generate-key",
        str(fleet.keys / f"{name}.agekey"),
        "--profile",
        "docker-hub-with-acr",
    ]
    run(fleet, "add-mc", name, *place, *more)
    for number in range(WORKLOAD_CLUSTERS):
        cluster = f"{name}wc{number}"
        organization = ("acme", "beta")[number % 2]
        run(fleet, "add-wc", cluster, "--mc", name, "--organization", organization)
        if number == 0:
            folder = f"management-clusters/{name}/organizations/{organization}/workload-clusters"
            path = f"{folder}/{cluster}/regconf.yaml"
            fleet.write(path, fleet.read(path) + OWN_REGISTRIES)


OWN_REGISTRIES = """\
containerRegistries:
  docker.io:
    after:
    - {endpoint: mirror.acme.example, account: mirror}
"""


def copy_cluster(fleet: FleetRepo, original: str, name: str) -> None:
    clusters = fleet.root / "management-clusters"
    for path in sorted((clusters / original).rglob("*")):
        target = (
            clusters / name / str(path.relative_to(clusters / original)).replace(original, name)
        )
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(path.read_text().replace(original, name))
            shutil.copymode(path, target)


def run(fleet: FleetRepo, *arguments: str, stdin: bytes = b"") -> None:
    result = fleet.run(*arguments, stdin=stdin)
    assert result.code == 0, result.text
