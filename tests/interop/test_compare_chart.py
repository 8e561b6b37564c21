"""`render --compare-chart` with the real Helm, and charts that are made here."""

from __future__ import annotations

import io
import json
import os
import secrets
import tarfile
from pathlib import Path

import pytest

from tests.interop.conftest import peer
from tests.support import FleetRepo, Result

PROD1 = ("--mc", "alpha", "--wc", "prod1")
CONFIG_MAP = (
    "management-clusters/alpha/organizations/acme/workload-clusters/prod1/mapi/cluster/"
    "cluster_user_config.yaml"
)
HOSTS = "etc/containerd/certs.d/docker.io/hosts.toml"
CAPABILITIES = '["pull", "resolve"]'
# What cluster-aws 7.7.3 has as its defaults, as far as registries go.
VALUES = """\
global:
  components:
    containerd:
      containerRegistries: {gsoci.azurecr.io: [{endpoint: gsoci.azurecr.io}]}
      managementClusterRegistryCache: {enabled: true, mirroredRegistries: [gsoci.azurecr.io]}
"""
# The files of one kind of node; they differ by what stands in $capabilities.
FILES = """\
{{- define "files" }}
{{- $global := .global }}
{{- $containerd := $global.components.containerd }}
{{- $capabilities := .capabilities }}
- path: /etc/containerd/config.toml
  content: |
    version = 2
    [plugins."io.containerd.grpc.v1.cri"]
    sandbox_image = "gsoci.azurecr.io/giantswarm/pause:3.9"
    [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "/etc/containerd/certs.d"
{{- range $registry, $hosts := $containerd.containerRegistries }}
- path: /etc/containerd/certs.d/{{ $registry }}/hosts.toml
  content: |
    server = "https://{{ $registry }}"
    {{- with $containerd.managementClusterRegistryCache }}
    {{- if and .enabled (has $registry .mirroredRegistries) }}
    [host."https://zot.{{ $global.managementCluster }}.{{ $global.connectivity.baseDomain }}"]
    capabilities = ["pull", "resolve"]
    {{- end }}
    {{- end }}
    {{- range $host := $hosts }}
    [host."https://{{ $host.endpoint }}"]
    capabilities = {{ $capabilities }}
    {{- with $host.credentials }}
    [host."https://{{ $host.endpoint }}".header]
    Authorization = ["Basic {{ printf "%s:%s" .username .password | b64enc }}"]
    {{- end }}
    {{- end }}
{{- end }}
- path: /etc/kubernetes/audit.yaml
  content: not of containerd
{{- end }}
"""
NODES = """\
apiVersion: controlplane.cluster.x-k8s.io/v1beta1
kind: KubeadmControlPlane
metadata: {name: {{ .Release.Name }}}
spec:
  kubeadmConfigSpec:
    {{- $files := dict "global" .Values.global "capabilities" `CONTROL_PLANE` }}
    files: {{- include "files" $files | nindent 6 }}
---
apiVersion: bootstrap.cluster.x-k8s.io/v1beta1
kind: KubeadmConfigTemplate
metadata: {name: {{ .Release.Name }}}
spec:
  template:
    spec:
      {{- $files := dict "global" .Values.global "capabilities" `WORKERS` }}
      files: {{- include "files" $files | nindent 8 }}
"""


def chart(
    directory: Path,
    *,
    name: str = "cluster-aws",
    version: str = "7.7.3",
    files: str = FILES,
    control_plane: str = CAPABILITIES,
    workers: str = CAPABILITIES,
    schema: object = None,
) -> str:
    """Package a chart that writes what the real one does, but for what is given."""
    nodes = NODES.replace("CONTROL_PLANE", control_plane).replace("WORKERS", workers)
    texts = {
        "Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: {version}\n",
        "values.yaml": VALUES,
        "templates/_files.tpl": files,
        "templates/nodes.yaml": nodes,
        **({"values.schema.json": json.dumps(schema)} if schema else {}),
    }
    path = directory / f"{name}-{version}.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for inner, text in texts.items():
            member = tarfile.TarInfo(f"{name}/{inner}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return str(path)


@pytest.fixture(autouse=True)
def _helm(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(peer("helm")).parent
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def compared(fleet: FleetRepo, path: str, *flags: str) -> Result:
    result = fleet.run("render", *PROD1, "--as", "node", "--compare-chart", path, *flags)
    assert "Traceback" not in result.text
    return result


def differences(fleet: FleetRepo, path: str) -> dict[tuple[str, str], str]:
    """The differences by kind of node and file; there must be some."""
    result = compared(fleet, path, "--json")
    assert result.code == 1, result.text
    found = json.loads(result.out)["differences"]
    return {(one["node"], one["file"]): "\n".join(one["diff"]) for one in found}


def test_a_chart_that_writes_what_is_known_of_its_version(fleet: FleetRepo, tmp_path: Path) -> None:
    result = compared(fleet, chart(tmp_path))
    assert result.code == 0, result.text
    expected = "cluster-aws 7.7.3 writes what regconf expects, on control plane and workers\n"
    assert result.out == expected
    data = json.loads(compared(fleet, chart(tmp_path), "--json").out)
    assert data == {"chart": "cluster-aws 7.7.3", "refused": None, "differences": []}


def test_the_version_is_that_of_the_chart(fleet: FleetRepo, tmp_path: Path) -> None:
    """The files of 6.5.1 are all in config.toml: the same templates are then all wrong."""
    found = differences(fleet, chart(tmp_path, version="6.5.1"))
    assert {file for _, file in found} >= {HOSTS, "etc/containerd/config.toml"}


def test_another_capability_is_shown(fleet: FleetRepo, tmp_path: Path) -> None:
    other = '["pull", "resolve", "push"]'
    result = compared(fleet, chart(tmp_path, control_plane=other, workers=other))
    assert result.code == 1
    for kind in ("control plane", "workers"):
        assert f"{kind}: {HOSTS}\n--- regconf\n+++ chart\n" in result.out
    assert '+    "push",' in result.out
    assert "writes what regconf expects" not in result.out


def test_a_difference_on_workers_alone(fleet: FleetRepo, tmp_path: Path) -> None:
    found = differences(fleet, chart(tmp_path, workers='["pull"]'))
    assert {kind for kind, _ in found} == {"workers"}
    assert '-    "resolve",' in found["workers", HOSTS]


def test_a_missing_file(fleet: FleetRepo, tmp_path: Path) -> None:
    files = FILES.replace(
        "{{- range $registry, $hosts := $containerd.containerRegistries }}",
        '{{- range $registry, $hosts := omit $containerd.containerRegistries "docker.io" }}',
    )
    assert files != FILES
    found = differences(fleet, chart(tmp_path, files=files))
    assert set(found) == {("control plane", HOSTS), ("workers", HOSTS)}
    assert '-server = "https://docker.io"' in found["workers", HOSTS]


def test_a_file_more(fleet: FleetRepo, tmp_path: Path) -> None:
    more = '- path: /etc/containerd/certs.d/ghcr.io/hosts.toml\n  content: server = "https://x"\n'
    files = FILES.replace("- path: /etc/kubernetes", f"{more}- path: /etc/kubernetes")
    found = differences(fleet, chart(tmp_path, files=files))
    file = "etc/containerd/certs.d/ghcr.io/hosts.toml"
    assert set(found) == {("control plane", file), ("workers", file)}
    assert '+server = "https://x"' in found["workers", file]


def test_a_file_that_is_not_valid_toml(fleet: FleetRepo, tmp_path: Path) -> None:
    found = differences(fleet, chart(tmp_path, control_plane='["pull'))
    assert "+not valid TOML" in found["control plane", HOSTS]
    assert {kind for kind, _ in found} == {"control plane"}


def test_values_that_the_schema_of_the_chart_refuses(fleet: FleetRepo, tmp_path: Path) -> None:
    schema = {"properties": {"global": {"properties": {"managementCluster": {"type": "integer"}}}}}
    path = chart(tmp_path, schema=schema)
    result = compared(fleet, path)
    assert "the schema of cluster-aws 7.7.3 refuses these values" in result.err
    assert "managementCluster" in result.err
    assert "managementCluster" in json.loads(compared(fleet, path, "--json").out)["refused"]


def test_a_chart_that_does_not_render(fleet: FleetRepo, tmp_path: Path) -> None:
    files = FILES.replace("- path: /etc/kubernetes", '{{ fail "no region" }}\n- path: /etc/k')
    result = compared(fleet, chart(tmp_path, files=files))
    assert result.code == 3
    assert "cluster-aws 7.7.3 does not render: " in result.err
    assert "no region" in result.err


def test_values_that_the_chart_needs_and_git_does_not_have(
    fleet: FleetRepo, tmp_path: Path
) -> None:
    needs = '{{ required "vpc is missing" .global.vpc }}\n- path: /etc/k'
    path = chart(tmp_path, files=FILES.replace("- path: /etc/kubernetes", needs))
    assert "vpc is missing" in compared(fleet, path).err
    more, password = tmp_path / "more.yaml", secrets.token_hex(12)
    item = f"{{endpoint: a.example.com, credentials: {{username: u, password: {password}}}}}"
    registries = f"components: {{containerd: {{containerRegistries: {{quay.io: [{item}]}}}}}}"
    more.write_text(f"global: {{vpc: '# x', {registries}}}\n")
    result = compared(fleet, path, "--chart-values", str(more))
    assert result.code == 0, result.text
    assert password not in result.text


@pytest.mark.parametrize("content", [None, "[]", "{", ""])
def test_values_that_are_none(fleet: FleetRepo, tmp_path: Path, content: str | None) -> None:
    more = tmp_path / "more.yaml"
    if content is not None:
        more.write_text(content)
    result = compared(fleet, chart(tmp_path), "--chart-values", str(more))
    assert result.code == 2
    assert str(more) in result.err


def test_no_credential_reaches_helm_or_is_shown(fleet: FleetRepo, tmp_path: Path) -> None:
    of_endpoint, password = secrets.token_hex(12), secrets.token_hex(12)
    fleet.write(
        CONFIG_MAP,
        fleet.read(CONFIG_MAP)
        + "      components:\n        containerd:\n          containerRegistries:\n"
        "            quay.io:\n"
        f"            - endpoint: robot:{of_endpoint}@quay.io\n"
        "            - endpoint: mirror.example.com\n"
        f"              credentials: {{username: robot, password: {password}}}\n",
    )
    assert compared(fleet, chart(tmp_path)).code == 0
    printed = FILES.replace("Authorization =", "X-Password = [{{ .password | quote }}]\n    Auth =")
    result = compared(fleet, chart(tmp_path, files=printed, workers='["push"]'))
    assert result.code == 1
    assert 'X-Password = [\n+    "in-clear-password",' in result.out
    assert "<masked>@quay.io" in result.out
    assert password not in result.text
    assert of_endpoint not in result.text


# --- What cannot be compared.


def test_a_chart_of_another_name(fleet: FleetRepo, tmp_path: Path) -> None:
    result = compared(fleet, chart(tmp_path, name="hello-world"))
    assert result.code == 2
    assert "nothing is known of the chart 'hello-world'" in result.err
    assert "cluster-aws" in result.err


def test_a_chart_whose_version_is_none(fleet: FleetRepo, tmp_path: Path) -> None:
    result = compared(fleet, chart(tmp_path, version="latest"))
    assert result.code == 2
    assert "'latest' is no chart version" in result.err


@pytest.mark.parametrize("content", [None, b"", b"name: cluster-aws"])
def test_a_file_that_is_no_chart(fleet: FleetRepo, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "chart.tgz"
    if content is not None:
        path.write_bytes(content)
    result = compared(fleet, str(path))
    assert result.code == 2
    assert f"{path} is no packaged chart" in result.err


def test_without_helm_nothing_can_be_compared(
    fleet: FleetRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = compared(fleet, chart(tmp_path))
    assert result.code == 3
    assert "helm is not on the PATH" in result.err
    assert result.out == ""
