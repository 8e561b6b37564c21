"""What kustomize builds of the fleet: every cluster App takes in its Secret exactly once."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support import FleetRepo

NAME = "container-registries-configuration"
MCS = {"alpha": "aws", "bravo": "azure", "charlie": "vsphere", "delta": "cloud-director"}
# Which Secret each WC of the demo takes in.
WCS = {
    "prod1": f"prod1-{NAME}",
    "dev1": NAME,
    "shop1": f"shop1-{NAME}",
    "shop2": NAME,
    "edge1": NAME,
    "lab1": NAME,
}
ENTRY = {"kind": "secret", "name": NAME, "namespace": "default", "priority": 25}
ALPHA_APP = "management-clusters/alpha/cluster-app-manifests.yaml"
AWS_BASE = "bases/clusters/aws/template/cluster.yaml"

LISTS: dict[str, str] = {
    "absent": "",
    "null": "  extraConfigs: null\n",
    "bare": "  extraConfigs:\n",
    "empty": "  extraConfigs: []\n",
    "others": (
        "  extraConfigs:\n"
        f"  - {{kind: secret, name: team-{NAME}-extra, namespace: default, priority: 30}}\n"
        f"  - {{kind: configMap, name: {NAME}, namespace: default}}\n"
        "  - {name: plain, namespace: org-acme}\n"
    ),
    "there": (
        "  extraConfigs:\n"
        "  - {name: plain, namespace: org-acme}\n"
        f"  - {{kind: secret, name: {NAME}, namespace: default, priority: 25}}\n"
    ),
}


def flux_paths(fleet: FleetRepo) -> Iterator[tuple[str, str]]:
    """Name and spec.path of every Flux Kustomization in the fleet's files."""
    for path in sorted(fleet.root.glob("management-clusters/**/*.yaml")):
        for data in yaml.safe_load_all(path.read_text()):
            if isinstance(data, dict) and str(data.get("apiVersion")).startswith(
                "kustomize.toolkit.fluxcd.io/"
            ):
                assert data["spec"]["decryption"]["provider"] == "sops"
                name = data["metadata"]["name"]
                mc = data["spec"]["path"].split("/")[2]
                yield (
                    (mc if name == "flux" else name.removeprefix("clusters-")),
                    data["spec"]["path"],
                )


def built(kustomize: str, directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [kustomize, "build", directory], capture_output=True, text=True, check=False
    )


def cluster_apps(kustomize: str, directory: Path) -> list[dict[str, Any]]:
    done = built(kustomize, directory)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    documents = list(yaml.safe_load_all(done.stdout))
    return [data for data in documents if data["kind"] == "App"]


def taken_in(app: dict[str, Any]) -> list[str]:
    """The names of the registry Secrets that an App takes in."""
    return [
        entry["name"]
        for entry in app["spec"]["extraConfigs"]
        if entry.get("kind") == "secret" and str(entry["name"]).endswith(NAME)
    ]


def with_list(fleet: FleetRepo, path: str, text: str) -> None:
    """Replace the (empty) list in the App at `path`."""
    fleet.edit(path, "  extraConfigs: []\n", text)


def assert_every_app_takes_in_its_secret(fleet: FleetRepo, kustomize: str) -> None:
    paths = dict(flux_paths(fleet))
    assert set(paths) == {*MCS, *WCS}
    for name, path in paths.items():
        assert (fleet.root / path / "kustomization.yaml").is_file()
        (app,) = cluster_apps(kustomize, fleet.root / path)
        assert taken_in(app) == [WCS.get(name, NAME)], name


def test_every_flux_path_of_the_demo_builds(fleet: FleetRepo, kustomize: str) -> None:
    assert_every_app_takes_in_its_secret(fleet, kustomize)


def test_the_entry_is_the_one_that_the_app_platform_reads(fleet: FleetRepo, kustomize: str) -> None:
    (app,) = cluster_apps(kustomize, fleet.root / "management-clusters/alpha")
    assert app["spec"]["extraConfigs"] == [ENTRY]


def test_the_secrets_come_with_the_mc(fleet: FleetRepo, kustomize: str) -> None:
    done = built(kustomize, fleet.root / "management-clusters/alpha")
    secrets = [data for data in yaml.safe_load_all(done.stdout) if data["kind"] == "Secret"]
    assert [(data["metadata"]["name"], data["metadata"]["namespace"]) for data in secrets] == [
        (NAME, "default"),
        (f"prod1-{NAME}", "default"),
    ]
    assert all(list(data["data"]) == ["values.yaml"] for data in secrets)
    assert "registry-credentials" not in done.stdout
    assert "regconf/v1alpha1" not in done.stdout


@pytest.mark.parametrize("state", LISTS)
@pytest.mark.parametrize("path", [ALPHA_APP, AWS_BASE], ids=["mc", "template"])
def test_whatever_the_list_was_before(
    fleet: FleetRepo, kustomize: str, path: str, state: str
) -> None:
    with_list(fleet, path, LISTS[state])
    fleet.regenerate()
    assert_every_app_takes_in_its_secret(fleet, kustomize)
    assert fleet.check().code == 0


def test_entries_of_others_stay_as_they_are(fleet: FleetRepo, kustomize: str) -> None:
    with_list(fleet, AWS_BASE, LISTS["others"])
    fleet.regenerate()
    path = dict(flux_paths(fleet))["prod1"]
    (app,) = cluster_apps(kustomize, fleet.root / path)
    others = yaml.safe_load(LISTS["others"])["extraConfigs"]
    assert app["spec"]["extraConfigs"] == [*others, {**ENTRY, "name": f"prod1-{NAME}"}]


@pytest.mark.parametrize("state", LISTS)
def test_a_workload_cluster_whose_app_has_a_name_of_its_own(
    fleet: FleetRepo, kustomize: str, state: str
) -> None:
    home = "management-clusters/bravo/organizations/beta/workload-clusters/shop2/mapi/cluster"
    app = fleet.read("bases/clusters/azure/template/cluster.yaml")
    app = app.replace("${cluster_name}", "shop2").replace("${organization}", "beta")
    fleet.write(f"{home}/cluster.yaml", app.replace("  extraConfigs: []\n", LISTS[state]))
    fleet.write(
        f"{home}/kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
        "resources: [cluster.yaml]\n",
    )
    fleet.regenerate()
    assert_every_app_takes_in_its_secret(fleet, kustomize)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("empty", "absent"),
        ("absent", "empty"),
        ("others", "null"),
        ("absent", "others"),
        ("there", "empty"),
    ],
)
@pytest.mark.parametrize("path", [ALPHA_APP, AWS_BASE], ids=["mc", "template"])
def test_a_list_that_changes_later_stops_the_build_until_regenerated(
    fleet: FleetRepo, kustomize: str, path: str, before: str, after: str
) -> None:
    with_list(fleet, path, LISTS[before])
    fleet.regenerate()
    fleet.edit(
        path,
        LISTS[before] or "  catalog: cluster\n",
        LISTS[after] + ("" if LISTS[before] else "  catalog: cluster\n"),
    )
    broken = "management-clusters/alpha" if path == ALPHA_APP else dict(flux_paths(fleet))["dev1"]
    assert built(kustomize, fleet.root / broken).returncode != 0
    assert fleet.check().code == 1
    fleet.regenerate()
    assert_every_app_takes_in_its_secret(fleet, kustomize)


def test_an_index_that_moves_stops_the_swap_until_regenerated(
    fleet: FleetRepo, kustomize: str
) -> None:
    with_list(fleet, AWS_BASE, LISTS["others"])
    path = dict(flux_paths(fleet))["prod1"]
    assert built(kustomize, fleet.root / path).returncode != 0
    fleet.regenerate()
    assert_every_app_takes_in_its_secret(fleet, kustomize)


def test_an_overlay_that_appends_before_the_component_is_seen(
    fleet: FleetRepo, kustomize: str
) -> None:
    """A second base between template and WC that appends an entry moves no other entry."""
    fleet.write(
        "bases/stages/prod/kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1beta1\n"
        "kind: Kustomization\n"
        "resources: [../../clusters/aws/template]\n"
        "patches:\n"
        "- target: {group: application.giantswarm.io, kind: App, name: '\\$\\{cluster_name\\}'}\n"
        "  patch: |\n"
        "    - {op: add, path: /spec/extraConfigs/0, value: {name: first, namespace: org-acme}}\n",
    )
    home = "management-clusters/alpha/organizations/acme/workload-clusters/prod1/mapi/cluster"
    fleet.edit(f"{home}/kustomization.yaml", "bases/clusters/aws/template", "bases/stages/prod")
    fleet.regenerate()
    path = dict(flux_paths(fleet))["prod1"]
    (app,) = cluster_apps(kustomize, fleet.root / path)
    assert [entry["name"] for entry in app["spec"]["extraConfigs"]] == ["first", f"prod1-{NAME}"]


@pytest.mark.parametrize("state", ["empty", "absent"])
def test_a_template_without_the_line_gets_it_in_each_workload_cluster(
    fleet: FleetRepo, kustomize: str, state: str
) -> None:
    with_list(fleet, AWS_BASE, LISTS[state])
    fleet.edit(
        "bases/clusters/aws/template/kustomization.yaml",
        "components:\n- ../../../components/container-registries\n",
        "",
    )
    assert fleet.check().code == 1
    fleet.regenerate()
    assert_every_app_takes_in_its_secret(fleet, kustomize)
    home = "management-clusters/alpha/organizations/acme/workload-clusters/dev1/mapi/cluster"
    assert "bases/components/container-registries" in fleet.read(f"{home}/kustomization.yaml")


def test_a_patch_whose_target_is_not_escaped_matches_nothing_here_either(
    fleet: FleetRepo, kustomize: str
) -> None:
    """kustomize takes `${cluster_name}` for a regular expression, which no name matches."""
    fleet.edit(
        "bases/clusters/aws/template/kustomization.yaml",
        "components:\n",
        "patches:\n"
        "- target: {kind: App, name: '${cluster_name}'}\n"
        "  patch: |\n"
        "    - {op: remove, path: /spec/extraConfigs}\n"
        "components:\n",
    )
    assert fleet.check().code == 0
    assert_every_app_takes_in_its_secret(fleet, kustomize)


def test_a_patch_that_selects_by_a_label_of_a_kustomization_below_is_followed(
    fleet: FleetRepo, kustomize: str
) -> None:
    fleet.write(
        "bases/stages/prod/kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1beta1\n"
        "kind: Kustomization\n"
        "resources: [../../clusters/aws/template]\n"
        "labels:\n"
        "- pairs: {stage: prod}\n",
    )
    fleet.write(
        "bases/stages/later/kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1beta1\n"
        "kind: Kustomization\n"
        "resources: [../prod]\n"
        "patches:\n"
        "- target: {kind: App, labelSelector: stage=prod}\n"
        "  patch: |\n"
        "    - {op: remove, path: /spec/extraConfigs}\n",
    )
    home = "management-clusters/alpha/organizations/acme/workload-clusters/prod1/mapi/cluster"
    fleet.edit(f"{home}/kustomization.yaml", "bases/clusters/aws/template", "bases/stages/later")
    fleet.regenerate()
    path = dict(flux_paths(fleet))["prod1"]
    (app,) = cluster_apps(kustomize, fleet.root / path)
    assert taken_in(app) == [f"prod1-{NAME}"]
