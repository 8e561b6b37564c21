"""A pull with containerd's own resolver, from the files of a node."""

from __future__ import annotations

import json
import subprocess
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gitops_regconf.render.node import CERTS, registry_part
from tests.interop.registry_server import RegistryServer, Visit

TIMEOUT_SECONDS = 60


def resolve(
    program: str,
    files: Mapping[str, str],
    image: str,
    server: RegistryServer,
    *,
    tls_on_node: bool = True,
) -> list[Visit]:
    """The visits to all hosts that containerd asks for an image that none of them has.

    `files` are those of the node, by their paths without the leading slash. All hosts speak TLS
    and plain HTTP, but those on the node itself perhaps no TLS.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings: dict[str, Any] = {}
        for path, text in files.items():
            written = Path(folder, path)
            written.parent.mkdir(parents=True, exist_ok=True)
            written.write_text(text, encoding="utf-8")
            if not path.startswith(CERTS):
                settings = _settings(tomllib.loads(text), folder)
        settings |= {
            "image": image,
            "elsewhere": server.address,
            "onNode": server.address if tls_on_node else server.plain_address,
        }
        subprocess.run(
            [program],
            input=json.dumps(settings),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=True,
        )
    return server.visits()


def _settings(content: Mapping[str, Any], root: str) -> dict[str, Any]:
    """What a file says about all registries, or about where the files of each are."""
    part = registry_part(content)
    if "config_path" in part:
        return {"configPath": root + part["config_path"]}
    return {
        "mirrors": {name: row["endpoint"] for name, row in part.get("mirrors", {}).items()},
        "logins": {name: row["auth"] for name, row in part.get("configs", {}).items()},
    }
