"""The files of containerd on a node, for every behaviour that charts have had.

`golden/nodes/` has them for each built-in profile and for one customised cluster; where
there are none, a text says why. After a change that is meant:

    REGCONF_UPDATE_GOLDEN=1 pytest tests/render/test_node.py

and read the difference in Git.
"""

from __future__ import annotations

import base64
import os
import shutil
import tomllib
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from gitops_regconf.errors import Refused
from gitops_regconf.fleet.cluster_apps import ClusterApps
from gitops_regconf.fleet.model import Fleet, ManagementCluster, Output, WorkloadCluster
from gitops_regconf.fleet.view import ClusterView, view
from gitops_regconf.generate.outputs import default_reference
from gitops_regconf.registries.charts import (
    Defect,
    Form,
    Interface,
    Rendering,
    charts,
    provider_of,
)
from gitops_regconf.registries.keys import LOCAL_CACHE
from gitops_regconf.registries.model import Contribution, Placeholder
from gitops_regconf.registries.node import Broken, Host, Login, Node
from gitops_regconf.registries.profiles import built_in
from gitops_regconf.registries.read import contribution
from gitops_regconf.render.node import (
    CONFIG,
    DROP_IN,
    PLUGIN,
    node_files,
    path_of,
    registry_part,
    toml,
)
from gitops_regconf.render.values import values_document
from gitops_regconf.source.documents import document
from gitops_regconf.source.position import Position
from gitops_regconf.source.worktree import WorkTree
from tests.render.test_rendering import account

AT = Position("regconf.yaml", 1, 1)
GOLDEN = Path(__file__).parent / "golden" / "nodes"
UPDATE = os.environ.get("REGCONF_UPDATE_GOLDEN") == "1"

# One for each behaviour that a provider's chart has had, and what is new in it.
VERSIONS = [
    ("cluster-vsphere", "0.3.0"),  # a drop-in file without https://, no defaults
    ("cluster-vsphere", "0.51.0"),  # config.toml; accounts run together, no defaults
    ("cluster-aws", "0.25.0"),  # a drop-in file; accounts run together, no defaults
    ("cluster-aws", "0.31.0"),  # Docker Hub as a default
    ("cluster-azure", "0.9.0"),  # on the control plane the mirrors are misnamed
    ("cluster-aws", "0.79.0"),  # no defects, the cache on the node
    ("cluster-vsphere", "0.60.0"),  # the workers read another path
    ("cluster-aws", "1.3.0"),  # both caches
    ("cluster-vsphere", "0.68.1"),  # other defaults: a cache that serves nothing
    ("cluster-vsphere", "2.0.0"),  # and Docker Hub is none
    ("cluster-aws", "7.0.0"),  # hosts.toml; override_path always
    ("cluster-vsphere", "4.0.0"),  # the same, with other defaults
    ("cluster-aws", "7.1.0"),  # hosts.toml as it shall be
    ("cluster-vsphere", "4.1.0"),  # the same, with other defaults
    ("cluster-aws", "7.4.0"),  # the newest defaults
]
CUSTOMISED = "customised-wc"
CASES = [*built_in(), CUSTOMISED]
OWN = """\
containerRegistries:
  docker.io:
    after:
    - {endpoint: mirror.acme.example, account: acme-mirror}
  registry.acme.example:
  - {endpoint: registry.acme.example, account: acme-registry}
"""
ACCOUNTS = {
    "docker-hub": account("docker-hub", username="u", password="p"),
    "customer-docker-hub": account("customer-docker-hub", auth="dTpw"),
    "acme-mirror": account("acme-mirror", username="u", password="p"),
    "acme-registry": account("acme-registry", identitytoken="t"),
}


def fake(placeholder: Placeholder) -> str:
    """What stands in golden files in place of a credential."""
    return f"{placeholder.account}/{placeholder.field}"


def cluster(chart: str, version: str, case: str, root: Path) -> ClusterView:
    """A cluster of which no manifest is here, so that its chart version is as it says."""
    profile, own = case, Contribution("wc")
    if case == CUSTOMISED:
        profile = "docker-hub-with-acr"
        own = contribution(document(OWN, "wc/regconf.yaml"), (), "wc")
    provider = provider_of(chart)
    assert provider
    wc = WorkloadCluster(
        *("prod1", "acme", "wc", own, provider), external=True, chart_version=version, at=AT
    )
    mc = ManagementCluster(
        *("alpha", provider, "eu-central-1", "example.io", (), Contribution("mc")),
        workload_clusters=(wc,),
        accounts=ACCOUNTS,
        at=AT,
    )
    fleet = Fleet("acme", (), {}, profile, built_in(), (), Output(), (mc,), AT)
    source = WorkTree(root)
    return view(fleet, mc, wc, source, ClusterApps(source, default_reference(fleet)))


def rendered(chart: str, version: str, case: str, root: Path) -> dict[str, str]:
    """The files of a cluster's nodes, with a text in place of those that there cannot be."""
    found = cluster(chart, version, case, root)
    (chart_version,) = found.versions
    interface = found.interface(chart_version)
    assert interface
    try:
        values_document(found.resolved, interface, found.mc.accounts, found.at)
    except Refused as refused:
        return {"refused.txt": f"{refused.message}\n"}
    files: dict[str, str] = {}
    for kind, node in found.nodes(chart_version).items():
        directory = "" if kind == "nodes" else f"{kind.replace(' ', '-')}/"
        for path, content in node_files(node, fake).items():
            files[directory + path] = toml(content)
        if node.broken:
            files[f"{directory}broken.txt"] = "".join(
                f"{path_of(node, broken)}: {broken.why}\n" for broken in node.broken
            )
    return files


def stored(directory: Path) -> dict[str, str]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes().decode()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def update(directory: Path, files: dict[str, str]) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    for path, text in files.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_bytes(text.encode())


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("chart", "version"), VERSIONS)
def test_nodes_get_these_files(chart: str, version: str, case: str, tmp_path: Path) -> None:
    directory = GOLDEN / f"{chart}-{version}" / case
    files = rendered(chart, version, case, tmp_path)
    assert files
    if UPDATE:
        update(directory, files)
    assert stored(directory) == files


def test_no_golden_file_is_left_over_from_what_is_no_more() -> None:
    wanted = {f"{chart}-{version}/{case}" for (chart, version), case in product(VERSIONS, CASES)}
    found = {"/".join(Path(path).parts[:2]) for path in stored(GOLDEN)}
    if UPDATE:
        for path in found - wanted:
            shutil.rmtree(GOLDEN / path)
        found &= wanted
    assert found == wanted


GOLDEN_FILES = stored(GOLDEN)


@pytest.mark.parametrize("path", [path for path in GOLDEN_FILES if path.endswith(".toml")])
def test_a_golden_file_is_toml_as_containerd_reads_it(path: str) -> None:
    content = tomllib.loads(GOLDEN_FILES[path])
    assert toml(content) == GOLDEN_FILES[path]
    if path.endswith("hosts.toml"):
        registry = Path(path).parent.name
        assert content.pop("server") == f"https://{registry}"
        assert set(content) == {"host"}
    else:
        assert set(registry_part(content)) in (
            {"mirrors", "configs"},
            {"mirroredRegistries", "configs"},
            {"config_path"},
        )


def test_the_versions_have_every_behaviour_that_a_providers_chart_has_had() -> None:
    def behaviours(chart: str, version: str) -> list[object]:
        provider = provider_of(chart)
        assert provider
        regime = charts()[provider].regime(version)
        return [
            (one.writes, one.caches, one.flags, one.defects, one.defaults)
            for one in (regime.control_plane, regime.workers)
            if one.reads
        ]

    chosen = [one for chart, version in VERSIONS for one in behaviours(chart, version)]
    for chart in charts().values():
        for regime in chart.regimes:
            for one in behaviours(chart.name, ".".join(map(str, regime.since))):
                assert one in chosen, (chart.name, regime.since)


# --- Each form by itself ----------------------------------------------------------------------

USER: dict[str, str | Placeholder] = {
    "username": Placeholder("hub", "username"),
    "password": Placeholder("hub", "password"),
}
BASIC = base64.b64encode(b"hub/username:hub/password").decode()
HUB, ACR = Host("https://hub", "hub"), Host("https://acr", "acr")


def login(**fields: str | Placeholder) -> Login:
    return Login(fields, AT)


def told(writes: Form, *hosts: Host, logins: Any = (), **more: Any) -> Node:
    rendering = Rendering(Interface.COMPONENTS, writes, **more)
    return Node(rendering, {"docker.io": hosts}, tuple(logins))


def part(node: Node, path: str = CONFIG) -> Any:
    return registry_part(node_files(node, fake)[path])


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        (login(**USER), {"auth": BASIC}),
        (login(auth=Placeholder("hub", "auth")), {"auth": "hub/auth"}),
        (login(identitytoken="token"), {"identitytoken": "token"}),
        (login(), {}),
    ],
)
def test_config_has_mirrors_and_credentials_apart(
    credentials: Login, expected: dict[str, str]
) -> None:
    node = told(Form.CONFIG, HUB, ACR, logins=[("hub", credentials)])
    assert part(node) == {
        "mirrors": {"docker.io": {"endpoint": ["https://hub", "https://acr"]}},
        "configs": {"hub": {"auth": expected}},
    }
    assert list(node_files(node, fake)) == [CONFIG]


def test_a_drop_in_says_the_same_in_a_file_of_its_own() -> None:
    logins = [("hub", login(**USER))]
    drop_in = node_files(told(Form.DROP_IN, HUB, logins=logins), fake)
    config = node_files(told(Form.CONFIG, HUB, logins=logins), fake)
    assert drop_in == {DROP_IN: config[CONFIG]}


def test_the_oldest_drop_in_has_a_version_and_copies_credentials() -> None:
    node = told(Form.BARE, Host("hub", "hub"), logins=[("hub", login(**USER))])
    (content,) = node_files(node, fake).values()
    assert content["version"] == 2
    assert part(node, DROP_IN) == {
        "mirrors": {"docker.io": {"endpoint": ["hub"]}},
        "configs": {"hub": {"auth": {"username": "hub/username", "password": "hub/password"}}},
    }


def test_misnamed_mirrors_stand_under_a_name_that_containerd_does_not_know() -> None:
    node = told(Form.CONFIG, HUB, defects=frozenset({Defect.MIRRORS_MISNAMED}))
    assert set(part(node)) == {"mirroredRegistries", "configs"}


@pytest.mark.parametrize(
    ("credentials", "header"),
    [
        (login(**USER), f"Basic {BASIC}"),
        (login(auth="ZmFrZQ=="), "Basic ZmFrZQ=="),
        (login(identitytoken="token"), "Bearer token"),
    ],
)
def test_hosts_have_credentials_as_a_header(credentials: Login, header: str) -> None:
    node = told(Form.HOSTS, Host("https://hub", "hub", credentials))
    content = node_files(node, fake)["etc/containerd/certs.d/docker.io/hosts.toml"]
    assert content["host"]["https://hub"] == {
        "capabilities": ["pull", "resolve"],
        "header": {"Authorization": [header]},
    }


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (HUB, {"capabilities": ["pull", "resolve"]}),
        (
            Host("https://hub", "hub", override_path=True, skip_verify=False, cache=LOCAL_CACHE),
            {"capabilities": ["pull", "resolve"], "override_path": True, "skip_verify": False},
        ),
        (
            Host("https://hub", "hub", login(auth="a"), declared=False),
            {"header": {"Authorization": ["Basic a"]}},
        ),
    ],
)
def test_a_table_of_a_host_has_what_the_chart_writes(host: Host, expected: object) -> None:
    content = node_files(told(Form.HOSTS, host), fake)
    assert content["etc/containerd/certs.d/docker.io/hosts.toml"] == {
        "server": "https://docker.io",
        "host": {"https://hub": expected},
    }


def test_hosts_are_in_the_order_in_which_they_are_asked() -> None:
    files = node_files(told(Form.HOSTS, HUB, ACR, Host("http://a", "a")), fake)
    text = toml(files["etc/containerd/certs.d/docker.io/hosts.toml"])
    assert list(tomllib.loads(text)["host"]) == ["https://hub", "https://acr", "http://a"]


def test_config_only_points_to_the_files_of_hosts() -> None:
    files = node_files(told(Form.HOSTS), fake)
    assert files[CONFIG] == {
        "plugins": {PLUGIN: {"registry": {"config_path": "/etc/containerd/certs.d"}}}
    }
    assert files["etc/containerd/certs.d/docker.io/hosts.toml"] == {"server": "https://docker.io"}


@pytest.mark.parametrize(
    ("writes", "registry", "path"),
    [
        (Form.HOSTS, "docker.io", "etc/containerd/certs.d/docker.io/hosts.toml"),
        (Form.CONFIG, None, CONFIG),
        (Form.DROP_IN, None, DROP_IN),
        (Form.BARE, None, DROP_IN),
    ],
)
def test_a_file_that_the_chart_breaks_is_left_out_and_has_a_name(
    writes: Form, registry: str | None, path: str
) -> None:
    broken = Broken("for a reason", AT, registry)
    hosts = {"docker.io": (HUB,), "quay.io": (ACR,)}
    node = Node(Rendering(Interface.COMPONENTS, writes), hosts, (), (broken,))
    assert path_of(node, broken) == path
    left = {CONFIG, "etc/containerd/certs.d/quay.io/hosts.toml"} if registry else set()
    assert set(node_files(node, fake)) == left


@pytest.mark.parametrize(
    "node",
    [
        Node(Rendering(), {}),
        Node(Rendering(Interface.CONNECTIVITY, Form.BARE), {}),
    ],
)
def test_without_an_interface_or_registries_no_file_is_written(node: Node) -> None:
    assert node_files(node, fake) == {}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"server": "https://a"}, {"server": "https://a"}),
        ({"plugins": {PLUGIN: {"registry": {"mirrors": {}}}}}, {"mirrors": {}}),
        ({"plugins": {PLUGIN: {"sandbox_image": "pause"}}}, {}),
        ({"plugins": {}}, {}),
    ],
)
def test_the_part_about_registries_is_all_that_counts(content: Any, expected: Any) -> None:
    assert registry_part(content) == expected
