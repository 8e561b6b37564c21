"""What a cluster's chart would break or lose is refused: nothing is written for such a cluster."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from tests.support import FleetRepo

ALPHA = "management-clusters/alpha"
OF_WCS = f"{ALPHA}/organizations/acme/workload-clusters"
FLUX = f"{OF_WCS}/dev1.yaml"
DEV1 = f"{OF_WCS}/dev1/regconf.yaml"
PROFILE = "built-in profile docker-hub-with-acr"


@dataclass(frozen=True)
class Loss:
    """A chart version of dev1 and an entry of its own; the rule that refuses, where, and why."""

    version: str
    entry: str
    rule: str
    path: str
    says: str
    mend: str


INSECURE = "{endpoint: registry.internal, insecure: true}"
LOSSES = {
    "a second account": Loss(
        "0.78.0",
        "{endpoint: registry.internal, account: acme-mirror}",
        "invalid-node-file",
        PROFILE,
        "cluster-aws 0.78.0 would write a configuration that is not valid TOML, and containerd "
        "would not start",
        "Keep one of the two, or upgrade the chart.",
    ),
    "an account over http": Loss(
        "7.7.3",
        "{endpoint: registry.internal, insecure: true, account: acme-mirror}",
        "account-lost",
        DEV1,
        "cluster-aws 7.7.3 loses the account of registry.internal",
        "Use TLS",
    ),
    "a switch that the chart does not know": Loss(
        "6.5.1",
        INSECURE,
        "setting-lost",
        DEV1,
        "cluster-aws 6.5.1 does not know insecure",
        "Upgrade the chart, or leave the setting out for this cluster.",
    ),
    "mirrors under a wrong name": Loss(
        "0.75.0",
        "{endpoint: registry.internal}",
        "mirrors-lost",
        FLUX,
        "cluster-aws 0.75.0 loses the mirrors of this cluster",
        "Use another version of the chart.",
    ),
    "mirrors that are asked without /v2": Loss(
        "7.0.0",
        "{endpoint: registry.internal}",
        "mirrors-lost",
        FLUX,
        "hosts are asked without /v2 in the path",
        "Use another version of the chart.",
    ),
}


def set_version(fleet: FleetRepo, version: str) -> None:
    fleet.edit(FLUX, 'cluster_chart_version: "6.5.1"', f'cluster_chart_version: "{version}"')


def add_entry(fleet: FleetRepo, entry: str) -> None:
    added = f"containerRegistries:\n  registry.internal:\n  - {entry}\n"
    fleet.write(DEV1, fleet.read(DEV1) + added)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_a_loss_is_refused_and_nothing_is_written(fleet: FleetRepo, loss: Loss) -> None:
    set_version(fleet, loss.version)
    add_entry(fleet, loss.entry)
    before = fleet.snapshot()
    result = fleet.run("regenerate", key="team")
    assert result.code == 1, result.text
    assert fleet.snapshot() == before
    assert f"error: {loss.path}:" in result.err
    assert loss.says in result.err
    assert f"[{loss.rule}]\n  {loss.mend}" in result.err
    assert result.err.count("error: ") == 1
    assert fleet.check().code == 1


def test_the_position_is_that_of_the_entry(fleet: FleetRepo) -> None:
    add_entry(fleet, INSECURE)
    said = fleet.run("regenerate", key="team").err
    number = fleet.read(DEV1).splitlines().index(f"  - {INSECURE}") + 1
    assert f"error: {DEV1}:{number}:5: " in said


def test_every_loss_is_named(fleet: FleetRepo) -> None:
    set_version(fleet, "7.0.0")
    add_entry(fleet, INSECURE)
    result = fleet.run("regenerate", key="team")
    assert result.code == 1
    assert "[mirrors-lost]" in result.err
    assert "[setting-lost]" in result.err
    assert result.err.count("error: ") == 2


@pytest.mark.parametrize(
    ("version", "entry"),
    [
        ("0.79.0", "{endpoint: registry.internal, account: acme-mirror}"),
        ("0.76.0", "{endpoint: registry.internal}"),
        ("7.7.3", "{endpoint: registry.internal, skipVerify: true, account: acme-mirror}"),
        ("7.1.0", INSECURE),
        ("6.5.1", "{endpoint: registry.internal, insecure: false}"),
    ],
)
def test_a_version_that_loses_nothing_goes_on(fleet: FleetRepo, version: str, entry: str) -> None:
    set_version(fleet, version)
    add_entry(fleet, entry)
    fleet.regenerate()
    assert fleet.check(key="team").code == 0


@pytest.mark.parametrize(("release", "code"), [("31.1.0", 1), ("34.5.0", 0)])
def test_a_version_that_the_release_decides_is_checked_as_well(
    fleet: FleetRepo, release: str, code: int
) -> None:
    text = fleet.read(FLUX)
    text = re.sub(r"cluster_chart_version: .*", 'cluster_chart_version: ""', text)
    fleet.write(FLUX, re.sub(r"cluster_release: .*", f'cluster_release: "{release}"', text))
    add_entry(fleet, "{endpoint: registry.internal, skipVerify: true}")
    result = fleet.run("regenerate", key="team")
    assert result.code == code, result.text
    assert ("cluster-aws 3.6.0 does not know skipVerify" in result.err) == bool(code)


@pytest.mark.parametrize("version", ["0.75.0", "7.0.0"])
def test_what_the_chart_does_to_its_own_defaults_alone_goes_on(
    fleet: FleetRepo, version: str
) -> None:
    set_version(fleet, version)
    fleet.edit(f"{ALPHA}/regconf.yaml", "profile: docker-hub-with-acr", "profile: mine")
    fleet.edit("regconf.yaml", "# profiles:", "profiles: {mine: {containerRegistries: {}}}\n#")
    fleet.regenerate()


def test_an_mc_is_checked_like_its_workload_clusters(fleet: FleetRepo) -> None:
    app = f"{ALPHA}/cluster-app-manifests.yaml"
    fleet.edit(app, "  version: 7.7.3\n", "  version: 7.0.0\n")
    result = fleet.run("regenerate", key="team")
    assert result.code == 1
    assert f"error: {app}" in result.err
    assert "[mirrors-lost]" in result.err


def test_a_loss_at_one_mc_stops_only_that_one_when_checking(fleet: FleetRepo) -> None:
    set_version(fleet, "7.0.0")
    (fleet.root / "management-clusters/bravo/container-registries/kustomization.yaml").unlink()
    result = fleet.check()
    assert result.code == 1
    assert "[mirrors-lost]" in result.err
    assert "bravo/container-registries/kustomization.yaml: missing" in result.out
