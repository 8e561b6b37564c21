"""Packaged charts: what is one, and which files their manifests put on nodes."""

from __future__ import annotations

import base64
import gzip
import io
import tarfile
from pathlib import Path
from textwrap import dedent

import pytest

from gitops_regconf.commands.packaged_chart import files_on_nodes, packaged_chart
from gitops_regconf.errors import CannotCheck, InvalidInput

HOSTS = "etc/containerd/certs.d/docker.io/hosts.toml"
TEXT = 'server = "https://docker.io"\n'
ENCODED = base64.b64encode(TEXT.encode()).decode()
ZIPPED = base64.b64encode(gzip.compress(TEXT.encode(), mtime=0)).decode()


def archive(path: Path, files: dict[str, str]) -> Path:
    with tarfile.open(path, "w:gz") as packed:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            packed.addfile(member, io.BytesIO(text.encode()))
    return path


def file(content: str, path: str = f"/{HOSTS}", kind: str = "KubeadmConfigTemplate") -> str:
    """A manifest with one file; `content` is the YAML of the rest of its entry."""
    return f"kind: {kind}\nspec: {{template: {{spec: {{files: [{{path: {path}, {content}}}]}}}}}}\n"


# --- Which chart.


def test_the_name_and_version_are_those_of_the_chart_yaml(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "any.tgz",
        {
            "cluster-aws/charts/cluster/Chart.yaml": "{name: cluster, version: 6.7.0}",
            "cluster-aws/Chart.yaml": "{name: cluster-aws, version: 7.7.3}",
        },
    )
    chart = packaged_chart(path)
    assert (chart.name, chart.version, chart.path) == ("cluster-aws", "7.7.3", path)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"cluster-aws/values.yaml": "{}"},
        {"Chart.yaml": "{name: cluster-aws, version: 7.7.3}"},
        {"c/charts/d/Chart.yaml": "{name: cluster-aws, version: 7.7.3}"},
        {"cluster-aws/Chart.yaml": "{name: cluster-aws}"},
        {"cluster-aws/Chart.yaml": "[cluster-aws]"},
        {"cluster-aws/Chart.yaml": ""},
        {"cluster-aws/Chart.yaml": "{"},
    ],
)
def test_an_archive_that_is_no_chart(tmp_path: Path, files: dict[str, str]) -> None:
    path = archive(tmp_path / "chart.tgz", files)
    with pytest.raises(InvalidInput, match=r"chart\.tgz"):
        packaged_chart(path)


@pytest.mark.parametrize("how", ["absent", "directory", "text", "empty", "cut off", "damaged"])
def test_a_file_that_is_no_archive(tmp_path: Path, how: str) -> None:
    chart = {"c/values.yaml": "x: y\n" * 4096, "c/Chart.yaml": "{name: c, version: 1.0.0}"}
    whole = archive(tmp_path / "whole.tgz", chart).read_bytes()
    path = tmp_path / "chart.tgz"
    match how:
        case "directory":
            path.mkdir()
        case "text":
            path.write_text("name: cluster-aws\n")
        case "empty":
            path.write_bytes(b"")
        case "cut off":
            path.write_bytes(whole[: len(whole) // 2])
        case "damaged":
            middle = len(whole) // 2
            path.write_bytes(whole[:middle] + b"\xff" * 16 + whole[middle + 16 :])
    with pytest.raises(InvalidInput, match="is no packaged chart") as caught:
        packaged_chart(path)
    assert str(path) in str(caught.value)


# --- Which files.


@pytest.mark.parametrize(
    "content",
    [
        f"content: '{TEXT.strip()}\n\n'",
        f"content: {ENCODED}, encoding: base64",
        f"content: {ZIPPED}, encoding: gzip+base64",
        "contentFrom: {secret: {name: files, key: data}}",
        "contentFrom: {secret: {name: files, key: clear}}",
    ],
)
def test_the_content_of_a_file_however_it_is_written(content: str) -> None:
    secret = f"kind: Secret\nmetadata: {{name: files}}\ndata: {{data: {ENCODED}}}\n"
    secret += f"stringData: {{clear: '{TEXT.strip()}\n\n'}}\n"
    found = files_on_nodes(f"{secret}---\n{file(content)}")
    assert found == {"workers": {HOSTS: TEXT}}


def test_a_secret_may_stand_after_what_refers_to_it() -> None:
    secret = f"kind: Secret\nmetadata: {{name: files}}\ndata: {{data: {ENCODED}}}\n"
    reference = "contentFrom: {secret: {name: files, key: data}}"
    assert files_on_nodes(f"{file(reference)}---\n{secret}")["workers"][HOSTS] == TEXT


@pytest.mark.parametrize(
    "reference", ["{name: other, key: data}", "{name: files, key: other}", "{}"]
)
def test_a_secret_that_is_not_there_gives_an_empty_file(reference: str) -> None:
    secret = f"kind: Secret\nmetadata: {{name: files}}\ndata: {{data: {ENCODED}}}\n"
    found = files_on_nodes(f"{secret}---\n{file(f'contentFrom: {{secret: {reference}}}')}")
    assert found.get("workers", {}).get(HOSTS, "") == ""


@pytest.mark.parametrize(
    "content",
    [
        "content: YQ, encoding: base64",
        "content: //8=, encoding: base64",
        "content: YWJj, encoding: gzip+base64",
        f"content: {ZIPPED[:20]}, encoding: gzip+base64",
    ],
)
def test_a_content_that_cannot_be_decoded_is_no_crash(content: str) -> None:
    with pytest.raises(CannotCheck, match=rf"/{HOSTS} cannot be decoded"):
        files_on_nodes(file(content))


@pytest.mark.parametrize(
    ("kind", "of"),
    [
        ("KubeadmControlPlane", "control plane"),
        ("KubeadmControlPlaneTemplate", "control plane"),
        ("KubeadmConfigTemplate", "workers"),
        ("KubeadmConfig", "workers"),
    ],
)
def test_whose_file_it_is(kind: str, of: str) -> None:
    assert files_on_nodes(file("content: ''", kind=kind)) == {of: {HOSTS: ""}}


def test_files_are_found_at_any_depth_and_only_those_of_containerd() -> None:
    manifests = dedent("""\
        kind: KubeadmControlPlane
        spec:
          kubeadmConfigSpec:
            files:
            - {path: /etc/containerd/config.toml, content: a}
            - {path: /etc/containerd.toml, content: b}
            - {path: /opt/etc/containerd/x, content: '%%%', encoding: base64}
            - text
            preKubeadmCommands: [x]
        ---
        ---
        - a list
        ---
        kind: ConfigMap
        data: {files: text}
        """)
    assert files_on_nodes(manifests) == {"control plane": {"etc/containerd/config.toml": "a"}}


def test_no_manifests_give_no_files() -> None:
    assert files_on_nodes("") == {}
