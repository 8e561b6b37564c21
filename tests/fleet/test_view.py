"""One cluster as its nodes will see it, from what stands in Git."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_regconf.errors import InvalidInput
from gitops_regconf.fleet.cluster_apps import ClusterApps
from gitops_regconf.fleet.load import load
from gitops_regconf.fleet.model import Fleet, ManagementCluster, Output, WorkloadCluster
from gitops_regconf.fleet.view import ChartVersion, ClusterView, at_version, view
from gitops_regconf.generate.outputs import default_reference
from gitops_regconf.registries import releases
from gitops_regconf.registries.charts import Interface, charts
from gitops_regconf.registries.model import Contribution
from gitops_regconf.registries.node import is_default
from gitops_regconf.registries.profiles import built_in
from gitops_regconf.registries.read import contribution
from gitops_regconf.registries.values import below, plain
from gitops_regconf.source.documents import document
from gitops_regconf.source.position import Position
from gitops_regconf.source.worktree import WorkTree
from tests.support import FleetRepo

ALPHA = "management-clusters/alpha"
WCS = f"{ALPHA}/organizations/acme/workload-clusters"
PROD1, DEV1 = f"{WCS}/prod1", f"{WCS}/dev1"
BASE = "bases/clusters/aws/template"
AT = Position("wc/regconf.yaml", 1, 1)


def view_of(repo: FleetRepo, wc: str | None = "prod1", mc: str = "alpha") -> ClusterView:
    source = WorkTree(repo.root)
    fleet, errors = load(source)
    assert errors == []
    of_name = next(one for one in fleet.management_clusters if one.name == mc)
    found = next((one for one in of_name.workload_clusters if one.name == wc), None)
    apps = ClusterApps(source, default_reference(fleet))
    return view(fleet, of_name, found, source, apps)


def external_view(
    root: Path,
    provider: str = "aws",
    version: str = "7.7.3",
    registries: str = "",
    profile: str = "docker-hub-with-acr",
    containerd: str | None = None,
) -> ClusterView:
    """A cluster of which no manifest is here; what it says of registries is its own."""
    own = contribution(document(f"containerRegistries: {{{registries}}}\n", AT.path), (), "wc")
    wc = WorkloadCluster(
        *("prod1", "acme", "wc", own, provider),
        external=True,
        chart_version=version,
        containerd=containerd,
        at=AT,
    )
    mc = ManagementCluster(
        *("alpha", provider, "eu-central-1", "example.io", (), Contribution("mc")),
        workload_clusters=(wc,),
        at=Position("mc/regconf.yaml", 1, 1),
    )
    fleet = Fleet("acme", (), {}, profile, built_in(), (), Output(), (mc,), AT)
    source = WorkTree(root)
    return view(fleet, mc, wc, source, ClusterApps(source, default_reference(fleet)))


def line_of(repo: FleetRepo, path: str, text: str) -> int:
    return next(n for n, line in enumerate(repo.read(path).splitlines(), 1) if text in line)


def set_version(repo: FleetRepo, version: str) -> None:
    """Give prod1's App this version, in the place of the variable of its template."""
    repo.edit(f"{BASE}/cluster.yaml", "${cluster_chart_version}", version)


# --- Which chart version ----------------------------------------------------------------------


@pytest.mark.parametrize("version", ["6.5.1", "v6.5.1"])
def test_a_version_in_the_app_is_the_one(fleet: FleetRepo, version: str) -> None:
    set_version(fleet, version)
    found = view_of(fleet)
    assert [str(one) for one in found.versions] == ["cluster-aws 6.5.1"]
    assert found.versions[0].certain
    assert found.versions[0].at.path == f"{BASE}/cluster.yaml"
    assert found.notes == ()


@pytest.mark.parametrize(("wc", "version"), [("prod1", "7.7.3"), ("dev1", "6.5.1")])
def test_a_version_that_flux_substitutes_is_the_one_and_stands_there(
    fleet: FleetRepo, wc: str, version: str
) -> None:
    path = f"{WCS}/{wc}.yaml"
    at = Position(path, line_of(fleet, path, "  cluster_chart_version:"), 1)
    assert view_of(fleet, wc).versions == (ChartVersion("cluster-aws", version, at),)


def test_without_a_version_the_release_in_the_values_decides(fleet: FleetRepo) -> None:
    set_version(fleet, '""')
    fleet.edit(f"{PROD1}.yaml", 'cluster_release: "34.5.0"', 'cluster_release: "31.1.0"')
    (found,) = view_of(fleet).versions
    assert (str(found), found.certain) == ("cluster-aws 3.6.0", True)
    path = f"{BASE}/cluster_config.yaml"
    assert (found.at.path, found.at.line) == (path, line_of(fleet, path, "${cluster_release}"))


def test_a_release_in_the_clusters_own_values_wins(fleet: FleetRepo) -> None:
    set_version(fleet, '""')
    path = f"{PROD1}/mapi/cluster/cluster_user_config.yaml"
    fleet.edit(path, "    global:\n", "    global:\n      release: {version: aws-25.0.0}\n")
    (found,) = view_of(fleet).versions
    assert (found.version, found.at.path) == ("1.0.0", path)
    assert found.at.line == line_of(fleet, path, "aws-25.0.0")
    assert found.at.column == 17


def test_a_version_in_the_app_beats_the_release(fleet: FleetRepo) -> None:
    fleet.edit(f"{PROD1}.yaml", 'cluster_release: "34.5.0"', 'cluster_release: "25.0.0"')
    assert [one.version for one in view_of(fleet).versions] == ["7.7.3"]


def of_every_regime(provider: str) -> list[str]:
    """The newest version that a release shipped, of every behaviour."""
    chart = charts()[provider]
    newest = {
        chart.regime(one.chart_version).since: one.chart_version
        for one in releases.releases(provider).values()
    }
    return [version for _, version in sorted(newest.items())]


def test_a_release_that_is_not_known_leaves_every_behaviour_of_a_release(
    fleet: FleetRepo,
) -> None:
    set_version(fleet, '""')
    fleet.edit(f"{PROD1}.yaml", 'cluster_release: "34.5.0"', 'cluster_release: "99.0.0"')
    found = view_of(fleet)
    assert [one.version for one in found.versions] == of_every_regime("aws")
    assert len(found.versions) > 2
    assert not any(one.certain for one in found.versions)
    (note,) = found.notes
    assert "99.0.0" in note.message
    assert releases.newest("aws").name in note.message
    assert note.at == found.versions[0].at


def test_a_version_from_an_object_in_the_cluster_is_not_known(fleet: FleetRepo) -> None:
    text = fleet.read(f"{PROD1}.yaml")
    line = next(one for one in text.splitlines() if "cluster_chart_version:" in one and '"' in one)
    fleet.edit(f"{PROD1}.yaml", f"{line}\n", "")
    text = fleet.read(f"{PROD1}.yaml").rstrip("\n")
    fleet.write(f"{PROD1}.yaml", f"{text}\n    substituteFrom: [{{kind: ConfigMap, name: x}}]\n")
    found = view_of(fleet)
    assert [one.version for one in found.versions] == of_every_regime("aws")
    (note,) = found.notes
    assert "an object that is not read here" in note.message


def test_without_a_version_and_a_release_nothing_is_known(fleet: FleetRepo) -> None:
    set_version(fleet, '""')
    fleet.edit(f"{PROD1}.yaml", 'cluster_release: "34.5.0"', 'cluster_release: ""')
    fleet.edit(f"{BASE}/cluster_config.yaml", 'version: "${cluster_release}"', "version: ''")
    found = view_of(fleet)
    assert len(found.versions) > 1
    assert "names a version" in found.notes[0].message


def test_a_version_that_is_none_is_an_error(fleet: FleetRepo) -> None:
    set_version(fleet, "latest")
    with pytest.raises(InvalidInput, match="no chart version") as caught:
        view_of(fleet)
    assert caught.value.at
    assert caught.value.at.path == f"{BASE}/cluster.yaml"


def test_an_external_cluster_has_the_version_that_it_says(tmp_path: Path) -> None:
    found = external_view(tmp_path, version="6.5.1")
    assert found.versions == (ChartVersion("cluster-aws", "6.5.1", AT),)
    assert (found.app, found.notes, found.name, found.at) == (None, (), "prod1", AT)


# --- Values -----------------------------------------------------------------------------------


def test_the_values_are_those_of_all_config_maps_with_the_secret_on_top(fleet: FleetRepo) -> None:
    path = f"{PROD1}/mapi/cluster/cluster_user_config.yaml"
    own = (
        "      components: {containerd: {containerRegistries: {\n"
        "        docker.io: [{endpoint: lost}], own.io: [{endpoint: own}]}}}\n"
    )
    fleet.edit(path, "    global:\n", f"    global:\n{own}")
    found = view_of(fleet)
    assert [values.name for values in found.given] == [
        "regconf.yaml of alpha",
        "ConfigMap org-${organization}/${cluster_name}-config",
        "ConfigMap org-${organization}/${cluster_name}-user-config",
    ]
    values = found.values(found.versions[0])
    assert plain(below(values, ("global", "metadata")))["name"] == "prod1"
    assert plain(below(values, ("global", "connectivity")))["baseDomain"] == "aws.example.io"
    registries = below(values, ("global", "components", "containerd", "containerRegistries"))
    endpoints = {name: [one["endpoint"] for one in plain(registries)[name]] for name in registries}
    assert endpoints == {
        "docker.io": ["registry-1.docker.io", "giantswarm.azurecr.io", "mirror.acme.example"],
        "own.io": ["own"],
    }
    hosts = found.nodes(found.versions[0])["nodes"].registries
    assert hosts["own.io"][0].at == Position(path, line_of(fleet, path, "own.io"), 49)
    assert hosts["docker.io"][2].at.path == f"{PROD1}/regconf.yaml"
    assert is_default(hosts["gsoci.azurecr.io"][-1].at)


def test_a_value_of_the_secret_stands_where_regconf_yaml_decides_it(fleet: FleetRepo) -> None:
    found = view_of(fleet)
    secret = found.secret(Interface.COMPONENTS)
    path = (*Interface.COMPONENTS.path, "containerRegistries", "docker.io")
    mirror = f"{PROD1}/regconf.yaml"
    at = Position(mirror, line_of(fleet, mirror, "mirror.acme"), 7)
    assert secret.locate((*path, 2)) == secret.locate((*path, 2, "endpoint")) == at
    assert secret.locate((*path, 0)).path == "built-in profile docker-hub-with-acr"
    assert secret.locate(path) == secret.locate((*path, 0))
    assert secret.locate(("global",)) == found.at


def test_a_cache_in_the_secret_stands_where_its_profile_sets_it(tmp_path: Path) -> None:
    found = external_view(tmp_path, profile="acr-with-cache")
    secret = found.secret(Interface.COMPONENTS)
    at = secret.locate((*Interface.COMPONENTS.path, "managementClusterRegistryCache", "enabled"))
    assert at.path == "built-in profile acr-with-cache"


def test_an_account_that_is_not_stored_is_known_by_its_name(tmp_path: Path) -> None:
    found = external_view(tmp_path)
    login = found.nodes(found.versions[0])["nodes"].registries["docker.io"][0].login
    assert login
    assert (login.account, set(login.fields)) == ("docker-hub", {"username", "password"})


def test_a_management_cluster_has_a_view_of_its_own(fleet: FleetRepo) -> None:
    found = view_of(fleet, None)
    assert (found.name, found.wc, found.provider) == ("alpha", None, "aws")
    assert found.at.path == f"{ALPHA}/regconf.yaml"
    metadata = below(found.values(found.versions[-1]), ("global", "metadata"))
    assert plain(metadata)["name"] == "alpha"


# --- What becomes of it on the nodes ----------------------------------------------------------


def test_nodes_that_do_not_differ_are_one_kind(tmp_path: Path) -> None:
    found = external_view(tmp_path)
    assert list(found.nodes(found.versions[0])) == ["nodes"]


@pytest.mark.parametrize(
    ("provider", "gets", "lacks"),
    [("vsphere", "control plane", "workers"), ("cloud-director", "workers", "control plane")],
)
def test_where_the_kinds_read_different_paths_one_gets_the_secret(
    tmp_path: Path, provider: str, gets: str, lacks: str
) -> None:
    found = external_view(tmp_path, provider, "0.60.0", "own.io: [{endpoint: own}]")
    (version,) = found.versions
    nodes = found.nodes(version)
    assert set(nodes) == {"control plane", "workers"}
    assert found.interface(version) is Interface.COMPONENTS
    assert "own.io" in nodes[gets].registries
    assert nodes[lacks].registries == {}


def test_a_version_without_an_interface_gets_nothing(tmp_path: Path) -> None:
    found = external_view(tmp_path, version="0.24.0")
    (version,) = found.versions
    assert found.interface(version) is None
    assert found.nodes(version)["nodes"].registries == {}


@pytest.mark.parametrize("version", ["6.5.1", "v6.5.1"])
def test_another_version_can_be_looked_at(tmp_path: Path, version: str) -> None:
    found = at_version(external_view(tmp_path), version)
    assert [str(one) for one in found.versions] == ["cluster-aws 6.5.1"]
    with pytest.raises(InvalidInput, match="no chart version"):
        at_version(found, "newest")


def test_so_can_another_chart(tmp_path: Path) -> None:
    found = at_version(external_view(tmp_path), "3.0.1", "cluster")
    (version,) = found.versions
    assert str(version) == "cluster 3.0.1"
    assert found.regime(version).since == (3, 0, 1)


@pytest.mark.parametrize("containerd", [None, "2.1.5"])
def test_containerd_is_what_regconf_yaml_says(tmp_path: Path, containerd: str | None) -> None:
    assert external_view(tmp_path, containerd=containerd).containerd == containerd
