"""What would be accepted and have no effect, or show what must not be shown."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from gitops_regconf import sops
from gitops_regconf.generate.apply import locked
from tests.support import ROOT, FleetRepo, changed

NAME = "container-registries-configuration"
ALPHA = "management-clusters/alpha"
SECRET = f"{ALPHA}/container-registries/{NAME}-secret.yaml"
ACCOUNT = f"{ALPHA}/registry-credentials/docker-hub.enc.yaml"
OF_WCS = f"{ALPHA}/organizations/acme/workload-clusters"
DEV1 = f"{OF_WCS}/dev1/mapi/cluster/kustomization.yaml"
PROD1 = f"{OF_WCS}/prod1"


def decrypted_in_place(fleet: FleetRepo, path: str) -> str:
    """What `sops decrypt --in-place` leaves of a file: its comments and everything in clear."""
    decrypted = sops.decrypt(
        fleet.read(path), identities=sops.find_identities(fleet.key_of("team"))
    )
    return sops.emit(decrypted.tree)


def drop_additions(fleet: FleetRepo) -> None:
    text = fleet.read(f"{PROD1}/regconf.yaml")
    fleet.write(f"{PROD1}/regconf.yaml", text[: text.index("\ncontainerRegistries") + 1])


@pytest.mark.parametrize("key", [None, "team"])
@pytest.mark.parametrize("mode", [("--check", "--diff"), ("--diff",)])
def test_a_secret_that_somebody_decrypted_is_never_shown(
    fleet: FleetRepo, key: str | None, mode: tuple[str, ...]
) -> None:
    clear = decrypted_in_place(fleet, SECRET)
    fleet.write(SECRET, clear)
    leaf = yaml.safe_load(clear)["data"]["values.yaml"]
    for flags in (mode, (*mode, "--json")):
        result = fleet.run("regenerate", *flags, key=key)
        assert leaf not in result.text
        assert leaf[:24] not in result.text


def test_a_secret_that_is_kept_stays_encrypted_for_whom_it_should_be(fleet: FleetRepo) -> None:
    kept = f"{ALPHA}/container-registries/prod1-{NAME}-secret.yaml"
    drop_additions(fleet)
    fleet.regenerate()
    keys = {
        who: sops.find_identities(fleet.key_of(who)).recipients[0] for who in ("alpha", "delta")
    }
    fleet.edit(f"{ALPHA}/regconf.yaml", keys["alpha"], keys["delta"])
    assert kept in fleet.check().out
    fleet.regenerate()
    sops.decrypt(fleet.read(kept), identities=sops.find_identities(fleet.key_of("delta")))
    with pytest.raises(sops.WrongKey):
        sops.decrypt(fleet.read(kept), identities=sops.find_identities(fleet.key_of("alpha")))
    assert fleet.check(key="team").code == 0


def test_a_kept_secret_that_somebody_decrypted_is_drift_and_goes(fleet: FleetRepo) -> None:
    kept = f"{ALPHA}/container-registries/prod1-{NAME}-secret.yaml"
    drop_additions(fleet)
    fleet.regenerate()
    fleet.write(kept, decrypted_in_place(fleet, kept))
    assert f"- {kept}" in fleet.check().out
    fleet.regenerate()
    assert not (fleet.root / kept).exists()
    assert fleet.check(key="team").code == 0


def test_the_chart_version_is_the_one_after_all_patches(fleet: FleetRepo) -> None:
    fleet.edit(
        DEV1,
        "patches:\n",
        "patches:\n"
        "- target: {kind: App}\n"
        "  patch: |\n"
        "    - {op: replace, path: /spec/version, value: 0.30.0}\n",
    )
    assert fleet.check().code == 1
    fleet.regenerate()
    assert (fleet.root / f"{ALPHA}/container-registries/{NAME}-connectivity-secret.yaml").exists()


def test_one_run_is_enough_for_a_template_without_list_and_line(fleet: FleetRepo) -> None:
    base = "bases/clusters/aws/template"
    fleet.edit(f"{base}/cluster.yaml", "  extraConfigs: []\n", "")
    fleet.edit(
        f"{base}/kustomization.yaml",
        "components:\n- ../../../components/container-registries\n",
        "",
    )
    fleet.regenerate()
    before = fleet.snapshot()
    fleet.regenerate()
    assert changed(before, fleet.snapshot()) == set()


@pytest.mark.parametrize("line", ["namespace: org-giantswarm", "namePrefix: x-", "nameSuffix: -x"])
def test_a_transformer_that_would_move_the_secrets_is_refused(fleet: FleetRepo, line: str) -> None:
    path = f"{ALPHA}/kustomization.yaml"
    fleet.write(path, fleet.read(path) + line + "\n")
    result = fleet.check()
    assert result.code != 0
    assert path in result.err


def test_a_target_namespace_that_would_move_the_secrets_is_refused(fleet: FleetRepo) -> None:
    fleet.edit(f"{ALPHA}/alpha.yaml", "spec:\n", "spec:\n  targetNamespace: elsewhere\n")
    assert "targetNamespace" in fleet.check().err


def test_what_all_mcs_share_is_not_changed_for_some(fleet: FleetRepo) -> None:
    fleet.edit("regconf.yaml", "# output:", "output: {secretName: registries}\n# output:")
    before = fleet.snapshot()
    result = fleet.run("regenerate", "alpha", key="team")
    assert result.code == 1
    assert "without naming" in result.err
    assert fleet.snapshot() == before
    fleet.regenerate()
    assert fleet.check(key="team").code == 0


def test_the_directory_of_the_shared_component_is_owned_too(fleet: FleetRepo) -> None:
    path = "bases/components/container-registries/notes.yaml"
    fleet.write(path, "a: 1\n")
    result = fleet.run("regenerate", key="team")
    assert result.code == 1
    assert path in result.err


def test_a_form_of_the_shared_component_that_nothing_includes_is_removed(fleet: FleetRepo) -> None:
    base = "bases/clusters/aws/template/cluster.yaml"
    fleet.edit(base, "  extraConfigs: []\n", "")
    fleet.regenerate()
    form = fleet.root / "bases/components/container-registries/without-list"
    assert form.exists()
    fleet.edit(base, "  catalog: cluster\n", "  catalog: cluster\n  extraConfigs: []\n")
    fleet.regenerate()
    assert not form.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"username": "u"},
        {"password": "p"},
        {"username": "u", "password": ""},
        {"username": "u", "password": "p", "auth": "dTpw"},
        {"username": "u:v", "password": "p"},
        {"username": "u", "password": "a\nb"},
        {"username": "u", "password": 7},
    ],
)
def test_an_account_that_no_registry_would_accept(fleet: FleetRepo, fields: dict[str, str]) -> None:
    """Stored past regconf, with sops alone."""
    recipients = sops.find_identities(fleet.key_of("team")).recipients
    text = sops.encrypt(
        {
            "apiVersion": "regconf/v1alpha1",
            "kind": "RegistryAccount",
            "metadata": {"name": "docker-hub"},
            "spec": fields,
        },
        recipients=recipients,
        encrypted_regex="^(username|password|auth|identitytoken)$",
    )
    fleet.write(ACCOUNT, text)
    result = fleet.run("regenerate", key="team")
    assert result.code == 2
    assert ACCOUNT in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("text", ["null\n", "[]\n", "x\n"])
def test_an_account_file_that_holds_something_else(fleet: FleetRepo, text: str) -> None:
    fleet.write(ACCOUNT, text)
    assert fleet.check().code == 2


def test_an_account_under_a_name_that_nobody_reads(fleet: FleetRepo) -> None:
    path = f"{ALPHA}/registry-credentials/docker-hub.yaml"
    fleet.write(path, "spec: {password: hunter2}\n")
    result = fleet.check()
    assert result.code == 2
    assert path in result.err
    assert "hunter2" not in result.text


def test_the_account_files_rule_must_be_that_of_accounts(fleet: FleetRepo) -> None:
    fleet.edit(ACCOUNT, "encrypted_regex: ^(username", "encrypted_regex: ^(nothing|username")
    assert fleet.check().code == 2


@pytest.mark.parametrize("how", ["deleted", "misnamed"])
def test_an_mc_without_its_regconf_yaml_is_not_left_out(fleet: FleetRepo, how: str) -> None:
    path = fleet.root / ALPHA / "regconf.yaml"
    path.rename(path.with_suffix(".yml")) if how == "misnamed" else path.unlink()
    result = fleet.check()
    assert result.code == 2
    assert ALPHA in result.err


def test_a_layer_that_matches_nothing_is_noted(fleet: FleetRepo) -> None:
    fleet.edit("regconf.yaml", "# layers:", "layers: [{match: {region: wset}}]\n# layers:")
    assert "no cluster matches this layer" in fleet.check().err


def test_a_broken_mc_does_not_make_its_rules_drift(fleet: FleetRepo) -> None:
    fleet.edit(f"{ALPHA}/regconf.yaml", "provider:", "provder:")
    result = fleet.check()
    assert result.code == 2
    assert ".sops.yaml" not in result.out


@pytest.mark.parametrize("where", ["mc", "template"])
def test_a_component_that_is_included_twice_is_refused(fleet: FleetRepo, where: str) -> None:
    path, line = {
        "mc": (f"{ALPHA}/kustomization.yaml", "  - ./container-registries\n"),
        "template": (
            "bases/clusters/aws/template/kustomization.yaml",
            "- ../../../components/container-registries/.\n",
        ),
    }[where]
    fleet.write(path, fleet.read(path) + line)
    result = fleet.run("regenerate", key="team")
    assert result.code == 1
    assert "twice" in result.err


def test_a_version_that_comes_from_the_cluster_cannot_be_checked(fleet: FleetRepo) -> None:
    path = f"{OF_WCS}/dev1.yaml"
    fleet.edit(
        path, "  postBuild:\n", "  postBuild:\n    substituteFrom: [{kind: ConfigMap, name: x}]\n"
    )
    assert fleet.check().code == 0, "what is set inline counts first"
    fleet.edit(path, "cluster_chart_version:", "cluster_chart_versionn:")
    fleet.edit(
        "bases/clusters/aws/template/cluster.yaml",
        "${cluster_chart_version}",
        "${cluster_chart_version:=7.7.3}",
    )
    result = fleet.check()
    assert result.code == 3
    assert "filled in from an object" in result.err


def test_the_teams_key_is_replaced_with_only_the_old_one_at_hand(fleet: FleetRepo) -> None:
    secret, recipient = sops.generate_key()
    old = sops.find_identities(fleet.key_of("team")).recipients[0]
    fleet.edit("regconf.yaml", old, recipient)
    result = fleet.regenerate()
    assert "change its password" in result.err
    fleet.environ = {"SOPS_AGE_KEY": secret}
    assert fleet.check().code == 0
    assert old not in fleet.read(ACCOUNT) + fleet.read(SECRET) + fleet.read(".sops.yaml")


def test_workers_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    """Or they would hold the fleet's lock, and private keys, for ever."""
    # One write for each line: those of two workers must not run into each other.
    code = (
        "import os, sys, time; from pathlib import Path\n"
        "from gitops_regconf.generate.apply import locked\n"
        "from gitops_regconf.workers import in_parallel\n"
        "def work(n):\n"
        "    os.write(1, f'{os.getpid()}\\n'.encode()); time.sleep(60)\n"
        "with locked(Path(sys.argv[1])):\n"
        "    list(in_parallel(work, [1, 2], 2))\n"
    )
    command: list[str | Path] = [sys.executable, "-c", code, tmp_path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as parent:
        assert parent.stdout is not None
        workers = [int(parent.stdout.readline()) for _ in range(2)]
        parent.kill()
        # The pipe reaches its end once every process that inherited it has ended.
        parent.stdout.read()
    for worker in workers:
        assert not Path(f"/proc/{worker}/fd/0").exists()
    with locked(tmp_path):
        pass
