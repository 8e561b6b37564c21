"""Registries come through the interface, not as a containerd configuration of one's own.

Why: a file under /etc/containerd that values bring along replaces what the chart
writes, credentials included, or is replaced by it, depending on the order. The RFC
rejects a full containerd configuration (7.a) for that.

Bad: in the values of a cluster
    files:
    - path: /etc/containerd/config.toml
      content: …
Good: in a regconf.yaml
    containerRegistries:
      docker.io:
      - endpoint: mirror.example.com
Mend: say it with the interface.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gitops_regconf.findings import Finding
from gitops_regconf.fleet.view import ClusterView
from gitops_regconf.registries.values import Path

ID = "containerd-config"
SHOWS_LINE = True
_DIRECTORY = "/etc/containerd/"
# A file's path, also in a text that is itself YAML, such as Ignition's or cloud-init's.
_PATH_IN_TEXT = re.compile(r"""^\s*(?:- )?["']?path["']?:\s*["']?/etc/containerd/""", re.MULTILINE)
_CONTENT = re.compile(r"""^\s*\[plugins\.["']?io\.containerd\.""", re.MULTILINE)
_COMMANDS = re.compile(r"[;|&\n]+")
_REDIRECTED = re.compile(r""">\s*["']?/etc/containerd/""")
_WRITES_ANY = ("tee", "sed", "truncate", "touch")
_WRITES_LAST = ("cp", "mv", "ln", "install", "rsync")


def of_cluster(view: ClusterView) -> Iterator[Finding]:
    """One finding for each file of containerd that a cluster's own values write."""
    for values in view.given:
        for path, text in _texts(values.content, ()):
            if _is_file(path, text) or _writes(text):
                yield Finding(
                    ID,
                    values.locate(path),
                    "this brings a containerd configuration past the interface",
                    "Use containerRegistries in a regconf.yaml instead.",
                )


def _is_file(path: Path, text: str) -> bool:
    if path[-1:] == ("path",):
        return text.startswith(_DIRECTORY)
    return bool(_PATH_IN_TEXT.search(text) or _CONTENT.search(text))


def _writes(text: str) -> bool:
    """Whether a command in a text writes there; those that read, and remarks, do not."""
    return _DIRECTORY in text and any(map(_command_writes, _COMMANDS.split(text)))


def _command_writes(command: str) -> bool:
    if command.lstrip().startswith("#"):
        return False
    words = [word.strip("\"'") for word in command.split() if word != "sudo"]
    if _REDIRECTED.search(command):
        return True
    if not words:
        return False
    name = words[0].rpartition("/")[2]
    if name in _WRITES_LAST:
        return words[-1].startswith(_DIRECTORY)
    return name in _WRITES_ANY and any(word.startswith(_DIRECTORY) for word in words)


def _texts(node: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _texts(value, (*path, str(key)))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _texts(value, (*path, index))
