"""A packaged cluster chart, rendered by the real Helm: what it writes on each kind of node."""

from __future__ import annotations

import base64
import gzip
import json
import os
import shutil
import subprocess
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gitops_regconf.errors import CannotCheck, InvalidInput
from gitops_regconf.registries.values import merged
from gitops_regconf.source.documents import document

_SECONDS = 120
_LONGEST_CHART_FILE = 1024 * 1024
# Kinds whose files are those of the control plane; any other object's are those of workers.
_CONTROL_PLANE = ("KubeadmControlPlane", "KubeadmControlPlaneTemplate")
# Without it, charts look their Release up in the cluster.
_OFFLINE: dict[str, Any] = {
    "cluster": {
        "internal": {
            "ephemeralConfiguration": {"offlineTesting": {"renderWithoutReleaseResource": True}}
        }
    }
}


@dataclass(frozen=True, slots=True)
class PackagedChart:
    """A chart file: its name and version as its Chart.yaml has them."""

    path: Path
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """The files under /etc/containerd by kind of node and path without the leading slash.

    `refused` is what Helm said where the chart's schema refuses the values.
    """

    files: Mapping[str, Mapping[str, str]]
    refused: str = ""


def packaged_chart(path: Path) -> PackagedChart:
    """A chart file's name and version. Raises InvalidInput where it is no packaged chart."""
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                parts = member.name.split("/")
                if len(parts) == 2 and parts[1] == "Chart.yaml" and member.isfile():
                    content = archive.extractfile(member)
                    text = content.read(_LONGEST_CHART_FILE) if content else b""
                    data = document(text.decode(), f"{path}/Chart.yaml").data
                    return PackagedChart(path, str(data["name"]), str(data["version"]))
    except (OSError, EOFError, tarfile.TarError, zlib.error, ValueError) as error:
        raise InvalidInput(f"{path} is no packaged chart: {error}") from None
    except (KeyError, TypeError):
        raise InvalidInput(
            f"{path} is no packaged chart: its Chart.yaml has no name or version"
        ) from None
    raise InvalidInput(f"{path} is no packaged chart: there is no Chart.yaml in it")


def rendered(chart: PackagedChart, name: str, values: Mapping[str, Any]) -> Rendered:
    """What the chart writes on nodes for these values; they must hold no real credentials.

    Raises CannotCheck where Helm is not there, or the chart does not render.
    """
    helm = shutil.which("helm")
    if helm is None:
        raise CannotCheck(
            "helm is not on the PATH, and renders the chart to compare with",
            mend="Install Helm 3 (https://helm.sh).",
        )
    command = [helm, "template", name, str(chart.path), "--namespace", "org", "--values", "-"]
    text = json.dumps(merged(dict(values), _OFFLINE))
    done = _run(command, text)
    refused = ""
    if done.returncode and "schema" in done.stderr:
        refused = done.stderr.strip()
        done = _run([*command, "--skip-schema-validation"], text)
    if done.returncode:
        raise CannotCheck(
            f"{chart.name} {chart.version} does not render: {_last(done.stderr)}",
            mend="The values that it needs must be in Git, in the ConfigMaps of the cluster App.",
        )
    return Rendered(files_on_nodes(done.stdout), refused)


def files_on_nodes(manifests: str) -> dict[str, dict[str, str]]:
    """The files under /etc/containerd in Cluster API manifests, by kind of node."""
    objects = [one for one in yaml.load_all(manifests, _Loader) if isinstance(one, dict)]
    secrets = {
        (one.get("metadata") or {}).get("name"): one
        for one in objects
        if one.get("kind") == "Secret"
    }
    found: dict[str, dict[str, str]] = {}
    for one in objects:
        kind = "control plane" if one.get("kind") in _CONTROL_PLANE else "workers"
        for file in _files(one):
            path = str(file.get("path", ""))
            if path.startswith("/etc/containerd/"):
                try:
                    found.setdefault(kind, {})[path[1:]] = _content(file, secrets)
                except (OSError, EOFError, zlib.error, ValueError, TypeError, AttributeError):
                    raise CannotCheck(
                        f"what the chart writes to {path} cannot be decoded"
                    ) from None
    return found


def _files(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every item of a list called `files` that is a mapping, wherever it stands."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "files" and isinstance(value, list):
                yield from (item for item in value if isinstance(item, dict))
            else:
                yield from _files(value)
    elif isinstance(node, list):
        for item in node:
            yield from _files(item)


def _content(file: Mapping[str, Any], secrets: Mapping[Any, Mapping[str, Any]]) -> str:
    """The text of a file of cloud-init, written inline or in a Secret."""
    reference = (file.get("contentFrom") or {}).get("secret")
    if reference:
        secret = secrets.get(reference.get("name")) or {}
        key = reference.get("key")
        if key in (secret.get("stringData") or {}):
            return str(secret["stringData"][key])
        return base64.b64decode((secret.get("data") or {}).get(key, "")).decode()
    content = str(file.get("content", ""))
    match str(file.get("encoding", "")):
        case "base64":
            return base64.b64decode(content).decode()
        case "gzip+base64":
            return gzip.decompress(base64.b64decode(content)).decode()
        case _:
            return content


_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _run(command: list[str], text: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603  # helm itself, with arguments of our own
            command,
            input=text,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
            env={key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ},
        )
    except subprocess.TimeoutExpired:
        raise CannotCheck(f"helm did not end within {_SECONDS} seconds") from None
    except OSError as error:
        raise CannotCheck(f"helm cannot be started: {error.strerror}") from None


def _last(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip() and "--debug" not in line]
    return lines[-1].strip()[-300:] if lines else "helm gives no reason"
