"""What a run changes, and what it leaves as it is."""

from __future__ import annotations

import difflib
import json
import re

import pytest

from tests.support import FleetRepo, changed

NAME = "container-registries-configuration"
ALPHA = "management-clusters/alpha"
SECRET = f"{ALPHA}/container-registries/{NAME}-secret.yaml"
PROD1 = f"{ALPHA}/organizations/acme/workload-clusters/prod1"


def changed_lines(before: bytes, after: bytes) -> list[str]:
    """The keys of the lines that differ, and `enc` for anything within a wrapped data key."""
    old, new = before.decode().splitlines(), after.decode().splitlines()
    diff = difflib.unified_diff(old, new, lineterm="", n=0)
    lines = [line[1:] for line in diff if line[0] == "+" and not line.startswith("+++")]
    return [found[1] if (found := re.match(r"\s*([\w./-]+):", line)) else "enc" for line in lines]


def test_a_second_run_changes_no_byte(fleet: FleetRepo) -> None:
    before = fleet.snapshot()
    result = fleet.regenerate()
    assert changed(before, fleet.snapshot()) == set()
    assert "Nothing to do" in result.err


def test_a_rotated_password_changes_one_account_file_and_the_secrets_that_use_it(
    fleet: FleetRepo,
) -> None:
    before = fleet.snapshot()
    stored = fleet.run(
        "set-credentials", "alpha", "docker-hub", "--username", "u", "--password-stdin", stdin=b"pw"
    )
    assert stored.code == 0
    after = fleet.snapshot()
    assert changed(before, after) == {f"{ALPHA}/registry-credentials/docker-hub.enc.yaml"}
    fleet.regenerate()
    last = fleet.snapshot()
    secrets = {SECRET, f"{ALPHA}/container-registries/prod1-{NAME}-secret.yaml"}
    assert changed(after, last) == secrets
    for path in secrets:
        lines = changed_lines(after[path], last[path])
        assert set(lines) <= {"values.yaml", "regconf/inputs-digest", "mac", "lastmodified"}
        assert {"values.yaml", "regconf/inputs-digest", "mac"} <= set(lines)


def test_clear_fields_of_an_account_stay_when_its_password_is_replaced(fleet: FleetRepo) -> None:
    fleet.run(
        "set-credentials", "alpha", "docker-hub", "--username", "u", "--password-stdin", stdin=b"pw"
    )
    account = fleet.yaml(f"{ALPHA}/registry-credentials/docker-hub.enc.yaml")
    assert account["spec"]["expires"] == "2027-06-30"


def test_a_recipient_that_is_added_is_wrapped_and_nothing_else_changes(fleet: FleetRepo) -> None:
    other = (fleet.keys / "delta.agekey").read_text().split("public key: ")[1].split("\n")[0]
    before = fleet.snapshot()
    fleet.edit(f"{ALPHA}/regconf.yaml", "age: [", f"age: [{other}, ")
    fleet.regenerate()
    after = fleet.snapshot()
    for path in (SECRET, f"{ALPHA}/container-registries/prod1-{NAME}-secret.yaml"):
        lines = changed_lines(before[path], after[path])
        assert "values.yaml" not in lines
    untouched = {path for path in before if "/bravo/" in path or "registry-credentials" in path}
    assert not untouched & changed(before, after)
    assert fleet.check(key="team").code == 0


def test_a_recipient_that_is_removed_cannot_open_what_comes_later(fleet: FleetRepo) -> None:
    """Its wrapped copy of the old data key stays in Git's history: so there is a new data key."""
    other = (fleet.keys / "delta.agekey").read_text().split("public key: ")[1].split("\n")[0]
    fleet.edit("regconf.yaml", "age: [", f"age: [{other}, ")
    fleet.regenerate()
    with_leaver = fleet.snapshot()
    fleet.edit("regconf.yaml", f"{other}, ", "")
    assert fleet.check().code == 1
    fleet.regenerate()
    after = fleet.snapshot()
    account = f"{ALPHA}/registry-credentials/docker-hub.enc.yaml"
    assert "password" in changed_lines(with_leaver[account], after[account])
    assert "values.yaml" in changed_lines(with_leaver[SECRET], after[SECRET])
    assert other.encode() not in after[SECRET] + after[account]
    assert fleet.check(key="team").code == 0


def test_a_recipient_of_the_team_reaches_the_account_files_too(fleet: FleetRepo) -> None:
    other = (fleet.keys / "delta.agekey").read_text().split("public key: ")[1].split("\n")[0]
    fleet.edit("regconf.yaml", "age: [", f"age: [{other}, ")
    fleet.regenerate()
    for path in fleet.root.glob("management-clusters/*/registry-credentials/*.enc.yaml"):
        assert other in path.read_text()
    assert fleet.check(key="team").code == 0


def test_only_the_named_mcs_are_touched(fleet: FleetRepo) -> None:
    for mc in ("alpha", "bravo"):
        fleet.edit(f"management-clusters/{mc}/regconf.yaml", "metadata:", "# a comment\nmetadata:")
        fleet.edit(
            f"management-clusters/{mc}/container-registries/{NAME}-secret.yaml",
            "namespace: default",
            "namespace: elsewhere",
        )
    before = fleet.snapshot()
    fleet.regenerate("bravo")
    assert changed(before, fleet.snapshot()) == {
        f"management-clusters/bravo/container-registries/{NAME}-secret.yaml"
    }


def test_without_additions_a_workload_cluster_goes_back_to_the_secret_of_all(
    fleet: FleetRepo,
) -> None:
    text = fleet.read(f"{PROD1}/regconf.yaml")
    fleet.write(f"{PROD1}/regconf.yaml", text[: text.index("\ncontainerRegistries") + 1])
    result = fleet.regenerate()
    own = f"{ALPHA}/container-registries/prod1-{NAME}-secret.yaml"
    # Flux must not remove the Secret before the App follows: it goes in a later commit.
    assert (fleet.root / own).exists()
    assert f"prod1-{NAME}-secret.yaml" in fleet.read(
        f"{ALPHA}/container-registries/kustomization.yaml"
    )
    assert "--prune" in result.err
    assert not (fleet.root / PROD1 / "mapi/cluster/container-registries").exists()
    assert "components" not in fleet.yaml(f"{PROD1}/mapi/cluster/kustomization.yaml")
    assert fleet.check().code == 0
    pruned = fleet.regenerate("--prune")
    assert not (fleet.root / own).exists()
    assert f"delete secret prod1-{NAME}" in pruned.err
    assert "prod1" not in fleet.read(f"{ALPHA}/container-registries/kustomization.yaml")
    assert fleet.check().code == 0


def test_an_older_chart_gets_a_secret_for_the_path_that_it_reads(fleet: FleetRepo) -> None:
    fleet.edit(f"{ALPHA}/organizations/acme/workload-clusters/dev1.yaml", "6.5.1", "0.49.0")
    fleet.regenerate()
    name = f"{NAME}-connectivity"
    assert (fleet.root / f"{ALPHA}/container-registries/{name}-secret.yaml").exists()
    home = f"{ALPHA}/organizations/acme/workload-clusters/dev1/mapi/cluster"
    assert name in fleet.read(f"{home}/container-registries/kustomization.yaml")
    assert fleet.check(key="team").code == 0


def test_shards_together_do_what_one_run_does(fleet: FleetRepo) -> None:
    for path in fleet.root.glob("management-clusters/*/container-registries/*.yaml"):
        path.write_text(path.read_text().replace("default", "elsewhere"))
    fleet.edit(
        "bases/components/container-registries/kustomization.yaml", "priority: 25", "priority: 0"
    )
    for shard in ("1/3", "2/3", "3/3"):
        fleet.regenerate("--shard", shard)
    assert fleet.check(key="team").code == 0


def test_several_processes_do_what_one_does(fleet: FleetRepo) -> None:
    for path in fleet.root.glob("management-clusters/*/container-registries/*-secret.yaml"):
        path.unlink()
    fleet.regenerate("--jobs", "2")
    assert fleet.check("--jobs", "2", key="team").code == 0


@pytest.mark.parametrize("mode", ["--check", "--diff"])
def test_what_is_shown_holds_no_credential(fleet: FleetRepo, mode: str) -> None:
    fleet.run(
        "set-credentials",
        "alpha",
        "docker-hub",
        "--username",
        "some-user",
        "--password-stdin",
        stdin=b"first-canary",
    )
    fleet.regenerate()
    fleet.run(
        "set-credentials",
        "alpha",
        "docker-hub",
        "--username",
        "some-user",
        "--password-stdin",
        stdin=b"second-canary",
    )
    result = fleet.run("regenerate", "--diff", mode, key="team")
    assert "canary" not in result.text
    assert "some-user" not in result.text
    assert "<masked, old value>" in result.out
    assert "<masked, new value>" in result.out


def test_a_workload_cluster_in_another_repository_gets_its_secret_here(fleet: FleetRepo) -> None:
    added = fleet.run("add-wc", "ext1", "--mc", "alpha", "--organization", "acme", "--external")
    assert added.code == 0, added.text
    home = f"{ALPHA}/workload-clusters/ext1"
    assert [path.name for path in (fleet.root / home).iterdir()] == ["regconf.yaml"]
    assert fleet.check().code == 0, "it adds nothing, so the Secret of all is its own"
    text = fleet.read(f"{home}/regconf.yaml")
    fleet.write(
        f"{home}/regconf.yaml", text + "containerRegistries: {ghcr.io: [{endpoint: ghcr.io}]}\n"
    )
    fleet.regenerate()
    assert (fleet.root / f"{ALPHA}/container-registries/ext1-{NAME}-secret.yaml").exists()


def test_a_workload_cluster_of_another_provider_must_say_so(fleet: FleetRepo) -> None:
    added = fleet.run(
        "add-wc", "far1", "--mc", "alpha", "--organization", "acme", "--provider", "azure"
    )
    assert added.code == 0, added.text
    fleet.regenerate()
    path = f"{ALPHA}/organizations/acme/workload-clusters/far1/regconf.yaml"
    fleet.edit(path, "provider: azure\n", "")
    result = fleet.check()
    assert result.code == 2
    assert "chart of 'azure'" in result.err


def test_a_cache_that_an_old_chart_would_lose_is_refused(fleet: FleetRepo) -> None:
    path = "management-clusters/bravo/organizations/beta/workload-clusters/shop2.yaml"
    fleet.edit(path, 'cluster_chart_version: "5.4.2"', 'cluster_chart_version: "0.6.0"')
    result = fleet.run("regenerate", key="team")
    assert result.code == 1
    assert "managementClusterRegistryCache" in result.err


def test_a_chart_whose_nodes_read_different_paths_is_refused(fleet: FleetRepo) -> None:
    path = "management-clusters/charlie/organizations/acme/workload-clusters/edge1.yaml"
    fleet.edit(path, 'cluster_chart_version: "5.1.4"', 'cluster_chart_version: "0.61.0"')
    result = fleet.run("regenerate", key="team")
    assert result.code == 1
    assert "control plane and the workers" in result.err
    assert f"{path}:24:" in result.err


def test_json_says_what_was_done_and_checked(fleet: FleetRepo) -> None:
    (fleet.root / SECRET).unlink()
    result = fleet.run("regenerate", "--json", key="team")
    data = json.loads(result.out)
    assert data["changes"] == [{"path": SECRET, "action": "create", "reason": "missing"}]
    data = json.loads(fleet.run("regenerate", "--check", "--json", key="team").out)
    assert data["checked"] == {"secrets": 6, "verifiedWithKey": 6}
