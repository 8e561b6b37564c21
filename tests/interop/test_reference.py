"""`render --as reference` for another repository: built there by the real kustomize."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support import FleetRepo

NAME = "container-registries-configuration"
WC = ("--mc", "alpha", "--wc", "far1")
ENTRY = {"kind": "secret", "name": NAME, "namespace": "default", "priority": 25}
APP = """\
apiVersion: application.giantswarm.io/v1alpha1
kind: App
metadata:
  name: {name}
  namespace: {namespace}
spec:
  catalog: cluster
  name: cluster-aws
{configs}"""
NAMES = {
    "template": ("${cluster_name}", "org-${organization}"),
    "its own": ("far1", "org-acme"),
}
by_name = pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)


@pytest.fixture
def external(fleet: FleetRepo) -> FleetRepo:
    add = ("add-wc", "far1", "--mc", "alpha", "--organization", "acme", "--external")
    assert fleet.run(*add).code == 0
    return fleet


def elsewhere(
    fleet: FleetRepo, directory: Path, names: tuple[str, str], configs: str, *flags: str
) -> Path:
    """Another repository with an App in a base, and a directory that includes the component."""
    base, cluster = directory / "base", directory / "cluster"
    for one in (base, cluster):
        one.mkdir(parents=True)
    name, namespace = names
    app = APP.format(name=name, namespace=namespace, configs=configs)
    (base / "cluster.yaml").write_text(app)
    (base / "kustomization.yaml").write_text("resources: [cluster.yaml]\n")
    (cluster / "kustomization.yaml").write_text(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
        "resources: [../base]\ncomponents: [component]\n"
    )
    output = ("--output", str(cluster / "component"))
    result = fleet.run("render", *WC, "--as", "reference", *flags, *output)
    assert result.code == 0, result.text
    return cluster


def built(kustomize: str, directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [kustomize, "build", directory], capture_output=True, text=True, check=False
    )


def extra_configs(kustomize: str, directory: Path) -> Any:
    done = built(kustomize, directory)
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)["spec"]["extraConfigs"]


@by_name
@pytest.mark.parametrize("others", [[], [{"name": "plain", "namespace": "org-acme"}]])
def test_the_reference_is_appended_to_a_list(
    external: FleetRepo,
    kustomize: str,
    tmp_path: Path,
    names: tuple[str, str],
    others: list[dict[str, str]],
) -> None:
    configs = f"  extraConfigs: {others}\n"
    cluster = elsewhere(external, tmp_path / "other", names, configs)
    assert extra_configs(kustomize, cluster) == [*others, ENTRY]


@by_name
@pytest.mark.parametrize("configs", ["", "  extraConfigs: null\n"], ids=["absent", "null"])
def test_without_a_list_the_build_fails_until_one_is_created(
    external: FleetRepo, kustomize: str, tmp_path: Path, names: tuple[str, str], configs: str
) -> None:
    cluster = elsewhere(external, tmp_path / "other", names, configs)
    failed = built(kustomize, cluster)
    assert failed.returncode != 0
    assert failed.stdout == ""
    assert "extraConfigs" in failed.stderr
    cluster = elsewhere(external, tmp_path / "again", names, configs, "--create-list")
    assert extra_configs(kustomize, cluster) == [ENTRY]


@by_name
def test_creating_a_list_never_replaces_one(
    external: FleetRepo, kustomize: str, tmp_path: Path, names: tuple[str, str]
) -> None:
    configs = "  extraConfigs: [{name: plain, namespace: org-acme}]\n"
    cluster = elsewhere(external, tmp_path / "other", names, configs, "--create-list")
    assert built(kustomize, cluster).returncode != 0


def test_an_app_of_another_cluster_is_left_alone(
    external: FleetRepo, kustomize: str, tmp_path: Path
) -> None:
    cluster = elsewhere(external, tmp_path / "other", ("far2", "org-acme"), "  extraConfigs: []\n")
    assert extra_configs(kustomize, cluster) == []


def test_a_cluster_with_additions_takes_in_its_own_secret(
    external: FleetRepo, kustomize: str, tmp_path: Path
) -> None:
    path = "management-clusters/alpha/workload-clusters/far1/regconf.yaml"
    external.write(
        path, external.read(path) + "containerRegistries: {ghcr.io: [{endpoint: ghcr.io}]}\n"
    )
    cluster = elsewhere(external, tmp_path / "other", NAMES["its own"], "  extraConfigs: []\n")
    assert extra_configs(kustomize, cluster) == [{**ENTRY, "name": f"far1-{NAME}"}]
    external.regenerate()
    secret = f"management-clusters/alpha/container-registries/far1-{NAME}-secret.yaml"
    assert external.yaml(secret)["metadata"]["name"] == f"far1-{NAME}"
