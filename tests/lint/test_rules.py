"""The rules: what each finds and where, what it leaves alone, and that it repeats no credential."""

from __future__ import annotations

import argparse
import importlib
import inspect
import secrets
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gitops_regconf.commands.clusters import view_of
from gitops_regconf.errors import RegconfError
from gitops_regconf.findings import Finding
from gitops_regconf.fleet.load import load
from gitops_regconf.fleet.view import ClusterView
from gitops_regconf.lint import rule_set, rules
from gitops_regconf.lint.rule_set import all_rules
from gitops_regconf.lint.runner import of_accounts, of_cluster, of_objects, of_values
from gitops_regconf.lint.subjects import AccountUse
from gitops_regconf.registries.values import Values
from gitops_regconf.source.documents import document
from gitops_regconf.source.position import Position
from gitops_regconf.source.worktree import WorkTree
from tests.support import FleetRepo

ALPHA = "management-clusters/alpha"
OF_WCS = f"{ALPHA}/organizations/acme/workload-clusters"
DEV1 = f"{OF_WCS}/dev1/regconf.yaml"
CONFIG = f"{OF_WCS}/dev1/mapi/cluster/cluster_user_config.yaml"
FLUX = f"{OF_WCS}/dev1.yaml"
NEWEST, OLD = "7.7.3", "6.5.1"

CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: ${cluster_name}-user-config
  namespace: org-${organization}
data:
  values: |
"""


def view_of_cluster(fleet: FleetRepo, wc: str | None = "dev1", mc: str = "alpha") -> ClusterView:
    return view_of(fleet.root, argparse.Namespace(mc=mc, wc=wc)).view


def found(findings: Iterator[Finding], rule: str) -> list[Finding]:
    return [finding for finding in findings if finding.rule == rule]


def place(text: str, marked: str) -> tuple[int, int]:
    """Line and column, from 1, at which `marked` stands in a text that holds it once."""
    assert text.count(marked) == 1, f"{marked!r} stands there {text.count(marked)} times"
    before = text[: text.index(marked)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def values_in_git(fleet: FleetRepo, values: str) -> str:
    """Write values into the ConfigMap of dev1's cluster App; gives the text of that file."""
    text = CONFIG_MAP + textwrap.indent(textwrap.dedent(values), "    ")
    fleet.write(CONFIG, text)
    return text


def under(registries: str, interface: str = "global.components.containerd") -> str:
    """Values with registries, given as YAML, under an interface."""
    keys = (*interface.split("."), "containerRegistries")
    lines = [f"{'  ' * depth}{key}:\n" for depth, key in enumerate(keys)]
    inside = textwrap.dedent(registries).strip("\n") + "\n"
    return "".join(lines) + textwrap.indent(inside, "  " * len(keys))


def in_a_file(registries: str) -> tuple[Values, str]:
    text = under(registries)
    read = document(text, "values.yaml")
    return Values("values.yaml", read.data, lambda path: read.key_at(*path)), text


def chart_version(fleet: FleetRepo, version: str) -> None:
    fleet.edit(FLUX, f'cluster_chart_version: "{OLD}"', f'cluster_chart_version: "{version}"')


# --- Rules about the registries in a values document.


@dataclass(frozen=True)
class OfBlock:
    """A rule, a bad and a good list of registries, and the text at which the finding stands."""

    rule: str
    bad: str
    marked: str
    good: str


OF_BLOCK = [
    OfBlock(
        "registry-name",
        "https://docker.io:\n- endpoint: mirror.example.com",
        "https://docker.io",
        "quay.io:\n- endpoint: quay.io",
    ),
    OfBlock(
        "registry-name",
        "index.docker.io:\n- endpoint: mirror.example.com",
        "index.docker.io",
        "docker.io:\n- endpoint: mirror.example.com",
    ),
    OfBlock(
        "registry-name",
        "Quay.io:\n- endpoint: mirror.example.com",
        "Quay.io",
        '"registry.internal:5000":\n- endpoint: mirror.example.com',
    ),
    OfBlock(
        "endpoint-form",
        "quay.io:\n- insecure: true\n  endpoint: https://registry.example.com/v2",
        "endpoint: https",
        "quay.io:\n- endpoint: registry.example.com",
    ),
    OfBlock(
        "endpoint-form",
        "quay.io:\n- endpoint: registry.example.com/team",
        "endpoint: ",
        "quay.io:\n- endpoint: registry.example.com:8443",
    ),
    OfBlock("endpoint-form", "quay.io:\n- endpoint: ''", "endpoint: ", "quay.io: []"),
    OfBlock(
        "endpoint-repeated",
        "quay.io:\n- endpoint: mirror.example.com\n- {endpoint: mirror.example.com}",
        "{endpoint",
        "quay.io:\n- endpoint: mirror.example.com\nghcr.io:\n- endpoint: mirror.example.com",
    ),
    OfBlock(
        "interface-schema",
        "quay.io:\n- endpoint: quay.io\n  insecure: 'no'",
        "insecure",
        "quay.io:\n- endpoint: quay.io\n  insecure: false",
    ),
    OfBlock(
        "docker-hub-host",
        "docker.io:\n- endpoint: docker.io",
        "docker.io:",
        "docker.io:\n- endpoint: docker.io\n- endpoint: registry-1.docker.io",
    ),
    OfBlock(
        "docker-hub-host",
        "docker.io:\n- endpoint: hub.docker.com\n- endpoint: index.docker.io",
        "docker.io:\n",
        "quay.io:\n- endpoint: docker.io",
    ),
    OfBlock(
        "unknown-key",
        "quay.io:\n- endpoint: registry.example.com\n  overridepath: true",
        "overridepath",
        "quay.io:\n- endpoint: registry.example.com\n  overridePath: true",
    ),
    OfBlock(
        "unknown-key",
        "quay.io:\n- endpoint: r.example.com\n  credentials:\n    auth: YTpi\n    user: robot",
        "user:",
        "quay.io:\n- endpoint: registry.example.com\n  credentials:\n    auth: YTpi",
    ),
    OfBlock(
        "credentials-misplaced",
        "quay.io:\n- endpoint: registry.example.com\n  username: robot",
        "username",
        "quay.io:\n- endpoint: registry.example.com\n  credentials: {username: robot, password: x}",
    ),
    OfBlock(
        "credentials-incomplete",
        "quay.io:\n- endpoint: registry.example.com\n  credentials:\n    username: robot",
        "credentials",
        "quay.io:\n- endpoint: registry.example.com\n  credentials: {identitytoken: x}",
    ),
    OfBlock(
        "credentials-incomplete",
        "quay.io:\n- endpoint: a.example.com\n  credentials: {username: u, password: p, auth: x}",
        "credentials",
        "quay.io:\n- endpoint: a.example.com\n  credentials: {username: u, password: p, auth: ''}",
    ),
]
by_rule = pytest.mark.parametrize("case", OF_BLOCK, ids=lambda case: case.rule)


@by_rule
def test_a_bad_block_gives_one_finding_where_it_stands(case: OfBlock) -> None:
    values, text = in_a_file(case.bad)
    (finding,) = found(of_values(values), case.rule)
    assert finding.at.path == "values.yaml"
    assert (finding.at.line, finding.at.column) == place(text, case.marked)
    assert finding.mend


@by_rule
def test_a_good_block_gives_none(case: OfBlock) -> None:
    values, _ = in_a_file(case.good)
    assert found(of_values(values), case.rule) == []


@by_rule
def test_a_bad_block_is_found_inside_a_config_map_of_a_cluster(
    fleet: FleetRepo, case: OfBlock
) -> None:
    text = values_in_git(fleet, under(case.bad))
    (finding,) = found(of_cluster(view_of_cluster(fleet)), case.rule)
    assert finding.at.path == CONFIG
    marked = case.marked.strip("\n")
    line = next(
        number
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip().lstrip("- ").startswith(marked)
    )
    assert finding.at.line == line
    assert text.splitlines()[line - 1][finding.at.column - 1 :].startswith(marked)


LOOK_ALIKES = {
    "an IPv6 endpoint": "quay.io:\n- endpoint: '[fd00::1]:5000'",
    "an IPv6 registry": "'[fd00::1]:5000':\n- endpoint: '[fd00::1]:5000'",
    "a port": "quay.io:\n- endpoint: registry.example.com:5000",
    "a registry with a port": "'registry.example.com:5000':\n- endpoint: registry.example.com:5000",
    "localhost": "'localhost:5000':\n- endpoint: localhost:5000\n  insecure: true",
    "an address": "'10.0.0.1:5000':\n- endpoint: 10.0.0.1:5000",
    "a variable for a host": "quay.io:\n- endpoint: ${mirror}",
    "a variable in a host": "quay.io:\n- endpoint: zot.${region:=eu}.${base_domain}:5000",
    "a variable for a port": "'${host}:${port}':\n- endpoint: ${host}:${port}",
    "a variable for a switch": "quay.io:\n- {endpoint: quay.io, insecure: '${insecure}'}",
    "a variable in a registry": "'registry.${base_domain}':\n- endpoint: registry.example.com",
    "one endpoint over http and another one over https": (
        "quay.io:\n- {endpoint: a.example.com, insecure: true}\n- {endpoint: b.example.com}"
    ),
}


@pytest.mark.parametrize("block", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_what_only_looks_wrong_gives_no_finding(block: str) -> None:
    values, _ = in_a_file(block)
    assert list(of_values(values)) == []


MALFORMED = {
    "null for an entry": "quay.io: [null]",
    "null for an endpoint": "quay.io: [{endpoint: null}]",
    "a list for an endpoint": "docker.io: [{endpoint: [a]}]",
    "a text for a list": "quay.io: all",
    "an entry for a list": "quay.io: {endpoint: quay.io}",
    "no endpoint": "quay.io: [{insecure: true}]",
    "a text for a switch": "quay.io: [{endpoint: quay.io, insecure: 'yes'}]",
    "a number for a password": (
        "quay.io: [{endpoint: quay.io, credentials: {username: me, password: 1234}}]"
    ),
    "the line break of a block scalar": (
        "quay.io:\n- endpoint: quay.io\n  credentials:\n    identitytoken: |\n      token\n"
    ),
    "auth that is no base64": "quay.io: [{endpoint: quay.io, credentials: {auth: 'me:pw'}}]",
    "a capital letter in an endpoint": "quay.io: [{endpoint: Quay.io}]",
}


@pytest.mark.parametrize("block", MALFORMED.values(), ids=MALFORMED)
def test_what_only_the_schema_refuses_gives_one_finding(block: str) -> None:
    values, _ = in_a_file(block)
    (finding,) = of_values(values)
    assert (finding.rule, finding.severity) == ("interface-schema", "error")
    assert finding.mend


@pytest.mark.parametrize("block", ["quay.io: []", "quay.io: null", "docker.io: null"])
def test_a_registry_without_endpoints_is_taken_by_charts_and_only_warned_of(block: str) -> None:
    values, _ = in_a_file(block)
    (finding,) = of_values(values)
    assert (finding.rule, finding.severity) == ("interface-schema", "warning")


TWICE_WRONG = {
    "registry-name": "Quay.io: [{endpoint: quay.io}]",
    "endpoint-form": "quay.io: [{endpoint: 'https://quay.io'}]",
    "endpoint-repeated": "quay.io: [{endpoint: quay.io}, {endpoint: quay.io}]",
    "unknown-key": "quay.io: [{endpoint: quay.io, overridepath: true}]",
    "credentials-misplaced": "quay.io: [{endpoint: quay.io, auth: x}]",
    "credentials-incomplete": (
        "quay.io: [{endpoint: quay.io, credentials: {username: me, password: ''}}]"
    ),
    "docker-hub-host": "docker.io: []",
}


@pytest.mark.parametrize("rule", TWICE_WRONG)
def test_what_the_schema_refuses_too_is_one_finding_all_the_same(rule: str) -> None:
    values, _ = in_a_file(TWICE_WRONG[rule])
    assert [finding.rule for finding in of_values(values)] == [rule]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("_default", "for all others"),
        ("'*'", "for all others"),
        ("docker.io:5000", "no name of Docker Hub"),
        ("registry-1.docker.io", "no name of Docker Hub"),
        ("Quay.io", "capital letters"),
        ("harbor", "neither dot nor port"),
        ("quay.io:0", "no host"),
        ("quay.io:65536", "no host"),
        ("quay.io:", "no host"),
        ("10.0.0.256", "no host"),
        ("10.0.0", "no host"),
        ("a..io", "no host"),
        ("-a.io", "no host"),
        ("a_b.io", "no host"),
        ("quay.io/team", "no host"),
        ("me@quay.io", "no host"),
        ("''", "no host"),
    ],
)
def test_a_name_that_no_image_has(name: str, problem: str) -> None:
    quoted = name if name.startswith("'") else f"'{name}'"
    values, text = in_a_file(f"{quoted}: [{{endpoint: mirror.example.com}}]")
    (finding,) = of_values(values)
    assert finding.rule == "registry-name"
    assert problem in finding.message
    assert (finding.at.line, finding.at.column) == place(text, quoted)


@pytest.mark.parametrize(
    "name",
    ["docker.io", "localhost", "localhost:5000", "harbor:443", "10.0.0.1", "9gag.io", "a-b.c-d.io"],
)
def test_a_name_that_images_have(name: str) -> None:
    values, _ = in_a_file(f"'{name}': [{{endpoint: mirror.example.com}}]")
    assert list(of_values(values)) == []


def test_a_variable_does_not_hide_what_is_wrong_around_it() -> None:
    values, _ = in_a_file("quay.io:\n- endpoint: https://${mirror}/v2")
    assert len(found(of_values(values), "endpoint-form")) == 1


def test_an_empty_list_leaves_docker_hub_without_a_host() -> None:
    """hosts.toml then has docker.io itself alone, which only redirects to a web page."""
    values, _ = in_a_file("docker.io: []")
    assert len(found(of_values(values), "docker-hub-host")) == 1


def test_values_without_registries_have_no_findings() -> None:
    for text in ("{}", "global: null", "global: {components: {containerd: {}}}", "global: []"):
        content = document(text, "values.yaml").data
        assert list(of_values(Values("values", content, lambda _: Position("values.yaml")))) == []


# --- No finding repeats a credential.


def planted(registry: str, endpoint: str) -> Iterator[tuple[str, str]]:
    """Entries with a credential in each place that could have one, and the credential."""
    kept = f"'{endpoint}'"
    for key in ("username", "password", "auth", "identitytoken"):
        secret = secrets.token_hex(12)
        yield f"'{registry}':\n- endpoint: {kept}\n  {key}: {secret}", secret
        yield f"'{registry}':\n- endpoint: {kept}\n  credentials: {{{key}: {secret}}}", secret
        yield f"'{registry}':\n- endpoint: {kept}\n  credentials: {{{key}: [{secret}]}}", secret
        whole = f"credentials: {{username: u, password: p, {key}2: {secret}}}"
        yield f"'{registry}':\n- endpoint: {kept}\n  {whole}", secret
    for form in ("robot:{}@{}", "https://robot:{}@{}/v2", "robot:a/{}@{}"):
        secret = secrets.token_hex(12)
        written = f"'{form.format(secret, endpoint)}'"
        account = "credentials: {username: u, password: p}"
        once = f"- endpoint: {written}\n  {account}\n  insecure: true\n  no: 1\n"
        yield f"'{registry}':\n{once}", secret
        yield f"'{registry}':\n{once}{once}", secret
        yield (
            f"{written}:\n- endpoint: {kept}\n  nokey: x\n  credentials: {{}}\n- endpoint: ''",
            secret,
        )
        yield f"{written}:\n- endpoint: {kept}\n- endpoint: {kept}", secret


PLANTED = list(planted("quay.io", "registry.example.com"))


@pytest.mark.parametrize("number", range(len(PLANTED)))
def test_no_finding_repeats_a_credential(fleet: FleetRepo, number: int) -> None:
    block, secret = PLANTED[number]
    values_in_git(fleet, under(block))
    assert secret in fleet.read(CONFIG)
    of_version = fleet.read(FLUX)
    said = []
    for version in (OLD, NEWEST, "0.78.0"):
        fleet.write(FLUX, of_version.replace(OLD, version))
        try:
            said += [f"{finding} {finding!r}" for finding in of_cluster(view_of_cluster(fleet))]
        except RegconfError as error:
            said.append(f"{error} {error!r}")
    assert secret not in "\n".join(said)


def test_a_cached_registry_with_user_info_is_named_without_it(fleet: FleetRepo) -> None:
    secret = secrets.token_hex(12)
    chart_version(fleet, NEWEST)
    fleet.edit(f"{ALPHA}/regconf.yaml", "profile: docker-hub-with-acr", "profile: mine")
    fleet.edit("regconf.yaml", "# profiles:", "profiles: {mine: {containerRegistries: {}}}\n#")
    values_in_git(
        fleet,
        f"""\
        global:
          components:
            containerd:
              managementClusterRegistryCache:
                mirroredRegistries: ["robot:{secret}@registry.example.com"]
        """,
    )
    (finding,) = found(of_cluster(view_of_cluster(fleet)), "cache-without-entry")
    assert secret not in f"{finding} {finding!r}"


# --- Rules about a cluster.


def additions(fleet: FleetRepo, text: str) -> None:
    fleet.write(DEV1, fleet.read(DEV1) + textwrap.dedent(text))


def entry(fleet: FleetRepo, item: str) -> None:
    additions(
        fleet,
        f"""\
        containerRegistries:
          registry.internal:
          - {item}
        """,
    )


def only_own(fleet: FleetRepo, registries: str) -> None:
    """Give alpha a profile of its own, with these registries and nothing else."""
    fleet.edit(f"{ALPHA}/regconf.yaml", "profile: docker-hub-with-acr", "profile: mine")
    own = f"profiles:\n  mine:\n    containerRegistries:\n{textwrap.indent(registries, ' ' * 6)}\n"
    fleet.edit("regconf.yaml", "# profiles:", f"{own}#")


@dataclass(frozen=True)
class OfCluster:
    """A rule, how dev1 becomes bad and how good, and the file and text of the finding."""

    rule: str
    bad: Callable[[FleetRepo], object]
    good: Callable[[FleetRepo], object]
    path: str
    marked: str
    severity: str = "error"


def account_over_http(fleet: FleetRepo) -> None:
    chart_version(fleet, NEWEST)
    entry(fleet, "{endpoint: registry.internal, insecure: true, account: docker-hub-2}")


def account_over_tls(fleet: FleetRepo) -> None:
    chart_version(fleet, NEWEST)
    entry(fleet, "{endpoint: registry.internal, skipVerify: true, account: docker-hub-2}")


CACHE_FOR_QUAY = """\
managementClusterRegistryCache:
  enabled: true
  mirroredRegistries: [quay.io]
"""


def version_and(version: str, *steps: Callable[[FleetRepo], object]) -> Callable[[FleetRepo], None]:
    def do(fleet: FleetRepo) -> None:
        chart_version(fleet, version)
        for step in steps:
            step(fleet)

    return do


def containerd(version: str) -> Callable[[FleetRepo], None]:
    return lambda fleet: additions(fleet, f'containerd: "{version}"\n')


def git_values(values: str) -> Callable[[FleetRepo], str]:
    return lambda fleet: values_in_git(fleet, values)


TWO_ACCOUNTS = """\
containerRegistries:
  registry.internal:
  - {endpoint: registry.internal, account: robot}
"""

OF_CLUSTER = [
    OfCluster("account-lost", account_over_http, account_over_tls, DEV1, "{endpoint"),
    OfCluster(
        "cache-without-entry",
        lambda fleet: additions(fleet, CACHE_FOR_QUAY),
        lambda fleet: additions(
            fleet, CACHE_FOR_QUAY + "containerRegistries: {quay.io: [{endpoint: quay.io}]}\n"
        ),
        DEV1,
        "managementClusterRegistryCache",
    ),
    OfCluster(
        "containerd-config",
        git_values("global:\n  files:\n  - path: /etc/containerd/config.toml\n    owner: root\n"),
        git_values("global:\n  files:\n  - path: /etc/containers/registries.conf\n"),
        CONFIG,
        "path: ",
    ),
    OfCluster(
        "containerd-config",
        git_values(
            "global:\n  preKubeadmCommands:\n  - echo x | sudo tee -a /etc/containerd/config.toml\n"
        ),
        git_values(
            "global:\n  preKubeadmCommands:\n  - cp /etc/containerd/config.toml /tmp/backup\n"
            "  - '# writes > /etc/containerd/x'\n  - cat /etc/containerd/config.toml\n"
        ),
        CONFIG,
        "echo",
    ),
    OfCluster(
        "containerd-config",
        git_values(
            "files:\n- contents: |\n"
            "    [plugins.\"io.containerd.grpc.v1.cri\".registry]\n      config_path = ''\n"
        ),
        git_values(
            "description: files of io.containerd.grpc.v1.cri are in /etc/containerd/certs.d\n"
        ),
        CONFIG,
        "contents",
    ),
    OfCluster(
        "containerd-config",
        git_values(
            "additionalConfig: |\n  storage:\n    files:\n    - path: /etc/containerd/config.toml\n"
        ),
        git_values("additionalConfig: |\n  # path: /etc/containerd/config.toml\n"),
        CONFIG,
        "additionalConfig",
    ),
    OfCluster(
        "ignored-path",
        git_values("global:\n  connectivity:\n    containerRegistries:\n      quay.io: []\n"),
        git_values(under("quay.io: []")),
        CONFIG,
        "containerRegistries",
    ),
    OfCluster(
        "invalid-node-file",
        version_and("0.78.0", lambda fleet: additions(fleet, TWO_ACCOUNTS)),
        version_and("0.79.0", lambda fleet: additions(fleet, TWO_ACCOUNTS)),
        "built-in profile docker-hub-with-acr",
        "",
    ),
    OfCluster("mirrors-lost", version_and("7.0.0"), version_and("7.1.0"), FLUX, ""),
    OfCluster("mirrors-lost", version_and("0.75.0"), version_and("0.76.0"), FLUX, ""),
    OfCluster(
        "overridden-by-secret",
        git_values(under("docker.io:\n- endpoint: mirror.example.com")),
        git_values(under("quay.io:\n- endpoint: mirror.example.com")),
        CONFIG,
        "docker.io",
    ),
    OfCluster(
        "setting-lost",
        lambda fleet: entry(fleet, "{endpoint: registry.internal, insecure: true}"),
        version_and(
            NEWEST, lambda fleet: entry(fleet, "{endpoint: registry.internal, insecure: true}")
        ),
        DEV1,
        "{endpoint",
    ),
    OfCluster(
        "setting-lost",
        version_and("1.2.0", lambda fleet: additions(fleet, CACHE_FOR_QUAY)),
        version_and(
            "1.2.0",
            lambda fleet: additions(fleet, "managementClusterRegistryCache: {enabled: false}\n"),
        ),
        DEV1,
        "managementClusterRegistryCache",
    ),
    OfCluster(
        "setting-lost",
        git_values(under("quay.io:\n- endpoint: quay.io\n  skipVerify: true")),
        version_and(NEWEST, git_values(under("quay.io:\n- endpoint: quay.io\n  skipVerify: true"))),
        CONFIG,
        "skipVerify",
    ),
    OfCluster(
        "setting-lost",
        version_and(
            "1.2.0",
            git_values(
                "global: {components: {containerd: {\n"
                "  managementClusterRegistryCache: {enabled: true}}}}\n"
            ),
        ),
        git_values(
            "global: {components: {containerd: {\n"
            "  managementClusterRegistryCache: {enabled: true}}}}\n"
        ),
        CONFIG,
        "managementClusterRegistryCache",
    ),
    OfCluster(
        "credential-without-effect",
        version_and(NEWEST, containerd("2.0")),
        version_and(NEWEST, containerd("2.1")),
        "built-in profile docker-hub-with-acr",
        "",
    ),
    OfCluster(
        "credential-without-effect",
        version_and(NEWEST),
        version_and(OLD),
        "built-in profile docker-hub-with-acr",
        "",
        severity="warning",
    ),
]
of_clusters = pytest.mark.parametrize("case", OF_CLUSTER, ids=lambda case: case.rule)


@of_clusters
def test_a_bad_cluster_gives_one_finding_where_it_was_decided(
    fleet: FleetRepo, case: OfCluster
) -> None:
    case.bad(fleet)
    (finding,) = found(of_cluster(view_of_cluster(fleet)), case.rule)
    assert finding.at.path == case.path
    assert finding.severity == case.severity
    assert finding.mend
    if case.marked:
        text = fleet.read(case.path).splitlines()[finding.at.line - 1]
        assert text[finding.at.column - 1 :].startswith(case.marked)
    if case.path == FLUX:
        assert "cluster_chart_version" in fleet.read(FLUX).splitlines()[finding.at.line - 1]


@of_clusters
def test_a_good_cluster_gives_none(fleet: FleetRepo, case: OfCluster) -> None:
    case.good(fleet)
    assert found(of_cluster(view_of_cluster(fleet)), case.rule) == []


def test_control_plane_and_workers_that_read_different_paths(fleet: FleetRepo) -> None:
    """No such version can be generated for; a cluster that has one is still told why."""
    app = "management-clusters/charlie/cluster-app-manifests.yaml"
    version = fleet.yaml("management-clusters/charlie/regconf.yaml")["provider"]
    assert version == "vsphere"
    text = fleet.read(app)
    before = next(line for line in text.splitlines() if line.startswith("  version: "))
    assert found(of_cluster(view_of_cluster(fleet, None, "charlie")), "split-paths") == []
    for number, split in (("0.62.0", True), ("0.64.0", False)):
        fleet.write(app, text.replace(before, f"  version: {number}"))
        findings = found(of_cluster(view_of_cluster(fleet, None, "charlie")), "split-paths")
        assert [finding.at.path for finding in findings] == [app] * split


@pytest.mark.parametrize(
    ("version", "item"),
    [
        (NEWEST, "{endpoint: registry.internal, insecure: false, account: docker-hub-2}"),
        (OLD, "{endpoint: registry.internal, insecure: false}"),
        (NEWEST, "{endpoint: registry.internal, insecure: true}"),
    ],
)
def test_a_switch_that_is_off_or_alone_loses_nothing(
    fleet: FleetRepo, version: str, item: str
) -> None:
    chart_version(fleet, version)
    entry(fleet, item)
    findings = list(of_cluster(view_of_cluster(fleet)))
    assert {finding.rule for finding in findings} <= {"credential-without-effect"}


@pytest.mark.parametrize("version", ["0.75.0", "7.0.0"])
def test_what_a_chart_does_to_its_own_default_is_no_loss(fleet: FleetRepo, version: str) -> None:
    chart_version(fleet, version)
    only_own(fleet, "{}")
    assert found(of_cluster(view_of_cluster(fleet)), "mirrors-lost") == []


def test_the_demo_has_nothing_to_find_but_credentials_of_unknown_effect(fleet: FleetRepo) -> None:
    for wc in (None, "prod1", "dev1"):
        for finding in of_cluster(view_of_cluster(fleet, wc)):
            assert (finding.rule, finding.severity) == ("credential-without-effect", "warning")


def test_what_no_version_of_containerd_decides_is_not_said_to_depend_on_it(
    fleet: FleetRepo,
) -> None:
    chart_version(fleet, NEWEST)
    entry(fleet, "{endpoint: registry.internal, account: acme-mirror}")
    hub, own = found(of_cluster(view_of_cluster(fleet)), "credential-without-effect")
    assert "`containerd:" in hub.mend
    assert "`containerd:" not in own.mend
    assert (own.at.path, own.severity) == (DEV1, "warning")


# --- Rules about accounts.


def use_of_accounts(fleet: FleetRepo) -> AccountUse:
    loaded, errors = load(WorkTree(fleet.root))
    assert not errors
    mc = next(mc for mc in loaded.management_clusters if mc.name == "alpha")
    views = [view_of_cluster(fleet, wc) for wc in (None, "prod1", "dev1")]
    used = {name: one for view in views for name, one in view.resolved.accounts().items()}
    return AccountUse(mc, mc.accounts, used)


def test_an_account_that_is_stored_and_used_gives_no_finding(fleet: FleetRepo) -> None:
    assert list(of_accounts(use_of_accounts(fleet))) == []


def test_an_account_that_is_used_must_be_stored(fleet: FleetRepo) -> None:
    account = f"{ALPHA}/registry-credentials/acme-mirror.enc.yaml"
    (fleet.root / account).unlink()
    (finding,) = of_accounts(use_of_accounts(fleet))
    prod1 = f"{OF_WCS}/prod1/regconf.yaml"
    assert finding.rule == "account-missing"
    assert finding.at.path == prod1
    assert (finding.at.line, finding.at.column) == place(
        fleet.read(prod1), "{endpoint: mirror.acme"
    )
    assert "regconf set-credentials alpha acme-mirror" in finding.mend


def test_an_optional_account_may_be_missing(fleet: FleetRepo) -> None:
    fleet.edit(f"{ALPHA}/regconf.yaml", "profile: docker-hub-with-acr", "profile: acr-with-cache")
    rules_of = {finding.rule for finding in of_accounts(use_of_accounts(fleet))}
    assert "account-missing" not in rules_of


def test_an_account_that_is_stored_must_be_used(fleet: FleetRepo) -> None:
    password = secrets.token_urlsafe(16)
    stored = fleet.run(
        *("set-credentials", "alpha", "left-over", "--username", "u", "--password-stdin"),
        stdin=password.encode(),
    )
    assert stored.code == 0
    (finding,) = of_accounts(use_of_accounts(fleet))
    assert (finding.rule, finding.severity) == ("account-unused", "warning")
    assert str(finding.at) == f"{ALPHA}/registry-credentials/left-over.enc.yaml"
    assert password not in f"{finding} {finding!r}"


# --- Rules about single objects.

APP = """\
apiVersion: application.giantswarm.io/v1alpha1
kind: App
metadata: {{name: w, namespace: org-o}}
spec:
  extraConfigs:
  - name: a
    priority: {priority}
"""


@pytest.mark.parametrize("priority", ["0", "151", "-1", "25.5", "'25'", "true"])
def test_a_priority_out_of_range(priority: str) -> None:
    text = APP.format(priority=priority)
    (finding,) = of_objects([document(text, "app.yaml")])
    assert finding.rule == "priority-range"
    assert (finding.at.path, finding.at.line) == ("app.yaml", 7)
    assert finding.at.column == len("    priority: ") + 1


@pytest.mark.parametrize("priority", ["1", "25", "150", "null", ""])
def test_a_priority_in_range_or_left_to_its_default(priority: str) -> None:
    assert list(of_objects([document(APP.format(priority=priority), "app.yaml")])) == []


@pytest.mark.parametrize(
    "text",
    [
        "kind: App",
        "{apiVersion: application.giantswarm.io/v1alpha1, kind: App, metadata: {}, spec: x}",
        "{apiVersion: application.giantswarm.io/v1alpha1, kind: App, metadata: {}}",
        APP.format(priority=0).replace("  extraConfigs:", "  extraConfigs: x\n  others:"),
        APP.format(priority=0).replace("application.giantswarm.io", "argoproj.io"),
        "[a, b]",
        "text",
        "kind: Secret\nmetadata: container-registries-configuration\ndata: {a: x, b: y}",
        "kind: Secret\nmetadata: {name: container-registries-configuration}\ndata: text",
        "kind: Secret\nmetadata: {name: container-registries-configuration}",
        "kind: Secret\nmetadata: {name: container-registries-configuration}\ndata: {a: x}",
        "kind: Secret\nmetadata: {name: other}\ndata: {a: x, b: y}",
    ],
)
def test_objects_without_a_finding(text: str) -> None:
    assert list(of_objects([document(text, "object.yaml")])) == []


@pytest.mark.parametrize(
    "fields",
    ["data:\n  values.yaml: {0}\n  values: {0}\n", "data:\n  v: {0}\nstringData:\n  values: {0}\n"],
)
def test_a_registry_secret_has_one_data_key(fields: str) -> None:
    secret = secrets.token_hex(12)
    head = "kind: Secret\nmetadata: {name: w-container-registries-configuration}\n"
    text = head + fields.format(secret)
    (finding,) = of_objects([document(text, "secret.yaml")])
    assert finding.rule == "secret-one-key"
    assert (finding.at.line, finding.at.column) == place(text, "values: ")
    assert secret not in f"{finding} {finding!r}"


TAKEN_IN = {
    "named by an extra config": (
        "spec: {extraConfigs: [{kind: secret, name: s, namespace: o}]}",
        "",
    ),
    "a ConfigMap by default": ("spec: {extraConfigs: [{name: s, namespace: o}]}", "ConfigMap"),
    "named as user config": ("spec: {userConfig: {configMap: {name: s}}}", "ConfigMap"),
    "in the namespace that the App names": (
        "spec: {config: {secret: {name: s, namespace: o}}}",
        "",
    ),
}


@pytest.mark.parametrize(("spec", "kind"), TAKEN_IN.values(), ids=TAKEN_IN)
def test_what_an_app_of_the_same_file_takes_in_has_one_data_key(spec: str, kind: str) -> None:
    kind = kind or "Secret"
    app = APP.partition("spec:")[0].format() + spec
    held = document(f"kind: {kind}\nmetadata: {{name: s}}\ndata: {{a: x, b: y}}", "f.yaml")
    (finding,) = of_objects([document(app, "f.yaml"), held])
    assert finding.rule == "secret-one-key"
    assert finding.at.line == 3
    elsewhere = document(f"kind: {kind}\nmetadata: {{name: other}}\ndata: {{a: x, b: y}}", "f.yaml")
    assert list(of_objects([document(app, "f.yaml"), elsewhere])) == []


def test_a_secret_that_regconf_generated_under_any_name_has_one_data_key() -> None:
    metadata = "metadata: {name: acme-registries, annotations: {regconf/inputs-digest: x}}"
    text = f"kind: Secret\n{metadata}\ndata: {{a: x, b: y}}"
    assert [one.rule for one in of_objects([document(text, "s.yaml")])] == ["secret-one-key"]


# --- Rules about regconf's own files.


def test_a_file_of_regconf_is_what_its_schema_says() -> None:
    secret = secrets.token_hex(12)
    text = f"""\
apiVersion: regconf/v1alpha1
kind: WorkloadCluster
metadata: {{name: dev1}}
containerRegistries:
  quay.io:
  - endpoint: {secret}
    password: {secret}
  - endpoint: https://robot:{secret}@quay.io
  "robot:{secret}@quay.io": []
{secret}: 1
"""
    found = list(of_objects([document(text, "regconf.yaml")]))
    assert {finding.rule for finding in found} == {"input-schema"}
    assert {finding.at.line for finding in found} == {7, 8, 9, 10}
    assert secret not in "".join(f"{finding} {finding!r}" for finding in found)


def test_an_unknown_kind_of_regconf_is_found() -> None:
    text = "apiVersion: regconf/v1alpha1\nkind: WorkloadClusters\n"
    (finding,) = of_objects([document(text, "regconf.yaml")])
    assert (finding.rule, finding.at.line) == ("input-schema", 2)
    assert "WorkloadCluster" in finding.mend


# --- What makes a module a rule.


def test_every_rule_is_tested_here() -> None:
    names = {case.rule for case in OF_BLOCK} | {case.rule for case in OF_CLUSTER}
    by_hand = {
        *("split-paths", "account-missing", "account-unused"),
        *("priority-range", "secret-one-key", "input-schema"),
        # In references/: what applies these needs more than one file.
        *("secret-not-taken-in", "secret-taken-in-twice", "unknown-cluster-app"),
        *("chart-version-differs", "secret-not-included", "secret-moved"),
        *("secret-not-decrypted", "secret-substituted", "secret-held-back"),
    }
    in_folders_of_their_own = {
        *("plaintext-credentials", "interface-schema", "invalid-input"),
        *("ignore-without-reason", "ignore-without-effect"),
        *(name for name in all_rules() if name.startswith("sops-")),
    }
    assert {*names, *by_hand, *in_folders_of_their_own} == set(all_rules()) - {"a-rule-of-a-test"}


@pytest.mark.parametrize("rule", sorted(all_rules()))
def test_a_rule_says_why_and_has_the_id_of_its_module(rule: str) -> None:
    found = all_rules()[rule]
    assert found.id == rule
    lines = inspect.cleandoc(found.docstring)
    assert not lines.startswith("Why:"), "the first line says what must hold"
    for part in ("Why:", "Bad:", "Good:", "Mend:"):
        assert f"\n{part}" in lines
    # Those about comments are found by the gate.
    assert len(found.checks) == (0 if rule.startswith("ignore-") else 1)
    assert not found.stops_regenerate or "of_cluster" in found.checks
    assert found.yields_to in ("", rule_set.ANY, *all_rules())


def test_a_new_module_is_a_rule_without_another_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a_rule_of_a_test.py").write_text(
        "from gitops_regconf.findings import Finding\n"
        "ID = 'a-rule-of-a-test'\n"
        "def of_block(block):\n"
        "    yield Finding(ID, block.at(), 'seen')\n"
    )
    monkeypatch.setattr(rules, "__path__", [*rules.__path__, str(tmp_path)])
    rule_set.all_rules.cache_clear()
    importlib.invalidate_caches()
    try:
        assert "a-rule-of-a-test" in all_rules()
        values, _ = in_a_file("quay.io: []")
        assert "seen" in [finding.message for finding in of_values(values)]
    finally:
        monkeypatch.undo()
        rule_set.all_rules.cache_clear()
