"""The hook: cluster Apps take in their Secret, in the fleet and in another repository."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from gitops_regconf.hooks.check_fleet_references import main

from tests.support import FleetRepo

PROD1 = "management-clusters/alpha/organizations/acme/workload-clusters/prod1"
SECRET = "container-registries-configuration"
FLUX = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: clusters-ext1, namespace: default}
spec:
  path: ./ext1/mapi
  postBuild: {substitute: {cluster_name: ext1, organization: acme}}
"""
KUSTOMIZATION = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
TEMPLATE = "bases/clusters/aws/template"


@pytest.fixture
def other(fleet: FleetRepo, tmp_path: Path) -> FleetRepo:
    """A customer's repository with the manifests of the external WC ext1."""
    fleet.run("add-wc", "ext1", "--mc", "alpha", "--organization", "acme", "--external")
    fleet.regenerate()
    repo = FleetRepo(tmp_path / "other", fleet.keys)
    shutil.copytree(fleet.root / "bases" / "clusters", repo.root / "bases" / "clusters")
    template = repo.read(f"{TEMPLATE}/kustomization.yaml").partition("# Adds the reference")[0]
    repo.write(f"{TEMPLATE}/kustomization.yaml", template)
    repo.write("ext1.yaml", FLUX)
    repo.write("ext1/mapi/kustomization.yaml", f"{KUSTOMIZATION}resources: [../../{TEMPLATE}]\n")
    return repo


def checked(
    where: FleetRepo,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *argv: str,
) -> tuple[int, str]:
    monkeypatch.chdir(where.root)
    if (where.root / ".git").exists():
        where.stage()
    capsys.readouterr()
    code = main(list(argv))
    return code, capsys.readouterr().out


def test_the_demo_fleet_is_clean(
    fleet: FleetRepo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = checked(fleet, monkeypatch, capsys)
    assert code == 0, text
    assert "10 apps, 6 secrets checked" in text


def test_an_app_that_loses_its_component_is_named(
    fleet: FleetRepo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = f"{PROD1}/mapi/cluster/kustomization.yaml"
    fleet.edit(path, "- container-registries\n", "")
    text = fleet.read(path)
    fleet.write(path, text.replace("components:\n", "") if "components:" in text else text)
    code, output = checked(fleet, monkeypatch, capsys)
    assert code == 1
    assert "'prod1' does not take in the Secret 'prod1-container-registries" in output


def test_a_secret_that_git_ignores_is_not_there(
    fleet: FleetRepo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is on this disk alone: every other clone, and Flux, is without it."""
    fleet.write(".gitignore", "*-secret.yaml\n")
    secret = "management-clusters/bravo/container-registries/" + SECRET + "-secret.yaml"
    fleet.git("rm", "--quiet", "--cached", secret)
    code, output = checked(fleet, monkeypatch, capsys)
    assert (code, secret in output) == (1, True), output


def test_a_later_patch_that_drops_the_list_is_found(
    fleet: FleetRepo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet.edit(
        f"{PROD1}/mapi/kustomization.yaml",
        "- cluster\n",
        "- cluster\npatches:\n- target: {kind: App}\n"
        '  patch: \'[{"op": "replace", "path": "/spec/extraConfigs", "value": []}]\'\n',
    )
    code, output = checked(fleet, monkeypatch, capsys)
    assert code == 1
    assert "'prod1' does not take in" in output


def test_a_configmap_of_the_same_name_is_not_the_secret(
    fleet: FleetRepo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet.edit(
        f"{PROD1}/mapi/kustomization.yaml",
        "- cluster\n",
        "- cluster\npatches:\n- target: {kind: App}\n"
        '  patch: \'[{"op": "remove", "path": "/spec/extraConfigs/0/kind"}]\'\n',
    )
    code, output = checked(fleet, monkeypatch, capsys)
    assert code == 1
    assert "as a ConfigMap, and it is a Secret" in output


def test_another_repository_is_checked_against_the_fleet(
    fleet: FleetRepo,
    other: FleetRepo,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, text = checked(other, monkeypatch, capsys, "--fleet", str(fleet.root))
    assert code == 1
    assert f"'ext1' does not take in the Secret {SECRET!r}" in text
    assert "--as reference" in text

    component = other.root / "ext1/mapi/container-registries"
    written = fleet.run(
        "render", "--mc", "alpha", "--wc", "ext1", "--as", "reference", "--output", str(component)
    )
    assert written.code == 0, written.text
    other.write(
        "ext1/mapi/kustomization.yaml",
        f"{KUSTOMIZATION}resources: [../../{TEMPLATE}]\ncomponents: [container-registries]\n",
    )
    code, text = checked(other, monkeypatch, capsys, "--fleet", str(fleet.root))
    assert (code, "1 app, 0 secrets checked" in text) == (0, True), text


def test_without_flux_the_outermost_directories_are_what_is_built(
    fleet: FleetRepo,
    other: FleetRepo,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (other.root / "ext1.yaml").unlink()
    app = other.read(f"{TEMPLATE}/cluster.yaml").replace("${cluster_name}", "ext1")
    app = app.replace("${cluster_chart_version}", "7.7.3")
    shutil.rmtree(other.root / "bases")
    other.write("ext1/base/cluster.yaml", app.replace("${organization}", "acme"))
    other.write("ext1/base/kustomization.yaml", f"{KUSTOMIZATION}resources: [cluster.yaml]\n")
    component = other.root / "ext1/mapi/container-registries"
    fleet.run(
        "render", "--mc", "alpha", "--wc", "ext1", "--as", "reference", "--output", str(component)
    )
    other.write(
        "ext1/mapi/kustomization.yaml",
        f"{KUSTOMIZATION}resources: [../base]\ncomponents: [container-registries]\n",
    )
    code, text = checked(other, monkeypatch, capsys, "--fleet", str(fleet.root))
    assert (code, "1 app, 0 secrets checked" in text) == (0, True), text


def test_a_kustomization_at_the_root_is_built(
    fleet: FleetRepo,
    other: FleetRepo,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    other.write("ext1.yaml", FLUX.replace("./ext1/mapi", "./"))
    other.write("kustomization.yaml", f"{KUSTOMIZATION}resources: [ext1/mapi]\n")
    code, text = checked(other, monkeypatch, capsys, "--fleet", str(fleet.root))
    assert (code, "'ext1' does not take in" in text) == (1, True), text


def test_two_kustomizations_of_one_path_are_two_clusters(
    fleet: FleetRepo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = f"{PROD1}/mapi/cluster/kustomization.yaml"
    text = fleet.read(path).replace("components:\n", "").replace("- container-registries\n", "")
    fleet.write(path, text)
    again = fleet.read(f"{PROD1}.yaml").replace('cluster_name: "prod1"', 'cluster_name: "other"')
    again = again.replace("name: clusters-prod1", "name: clusters-other")
    fleet.write(f"{PROD1}.yaml", fleet.read(f"{PROD1}.yaml") + "---\n" + again)
    code, output = checked(fleet, monkeypatch, capsys)
    assert (code, "'prod1' does not take in" in output) == (1, True), output


def test_what_cannot_be_built_does_not_pass(
    fleet: FleetRepo,
    other: FleetRepo,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    other.write(
        "ext1/mapi/kustomization.yaml", f"{KUSTOMIZATION}resources: [../../bases/nowhere]\n"
    )
    code, text = checked(other, monkeypatch, capsys, "--fleet", str(fleet.root))
    assert code == 1, "broken input is a finding"
    assert "nowhere" in text


def test_a_name_that_git_does_not_know_does_not_pass(
    fleet: FleetRepo,
    other: FleetRepo,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    other.write("ext1.yaml", FLUX.replace("cluster_name: ext1, ", ""))
    code, text = checked(other, monkeypatch, capsys, "--fleet", str(fleet.root))
    assert code == 3
    assert "filled in from elsewhere" in text


def test_the_mend_for_another_repository_is_the_command_that_writes_what_is_missing(
    fleet: FleetRepo,
    other: FleetRepo,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    argv = ("--fleet", str(fleet.root))
    _, text = checked(other, monkeypatch, capsys, *argv)
    command = "regconf render --mc alpha --wc ext1 --as reference --output …/ext1/mapi/"
    assert f"{command}container-registries`" in text
    other.edit(f"{TEMPLATE}/cluster.yaml", "  extraConfigs: []\n", "")
    _, text = checked(other, monkeypatch, capsys, *argv)
    assert "--as reference --create-list --output" in text


@pytest.mark.parametrize(
    ("version", "said"),
    [("0.49.0", "has chart version 0.49.0 here"), ("7.5.0", ""), ("", "")],
)
def test_the_fleet_must_know_of_an_upgrade_that_reads_another_path(
    fleet: FleetRepo,
    other: FleetRepo,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    version: str,
    said: str,
) -> None:
    variable = f"cluster_name: ext1, cluster_chart_version: '{version}',"
    other.edit("ext1.yaml", "cluster_name: ext1,", variable)
    code, text = checked(other, monkeypatch, capsys, "--fleet", str(fleet.root))
    assert code == 1  # the reference is missing in any case
    assert ("[chart-version-differs]" in text) == bool(said)
    assert said in text


def test_a_cluster_of_another_repository_that_the_fleet_does_not_know(
    fleet: FleetRepo,
    other: FleetRepo,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    other.edit("ext1.yaml", "cluster_name: ext1", "cluster_name: ext2")
    code, text = checked(other, monkeypatch, capsys, "--fleet", str(fleet.root))
    assert (code, "[unknown-cluster-app]" in text) == (0, True), text
    assert "regconf add-wc ext2 --mc MC --organization ORG --external" in text
    assert "0 apps, 0 secrets checked" in text
