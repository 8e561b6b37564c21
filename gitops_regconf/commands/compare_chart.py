"""`regconf render --compare-chart`: where a packaged chart writes something else than is known."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gitops_regconf.commands.output import Output
from gitops_regconf.commands.packaged_chart import packaged_chart, rendered
from gitops_regconf.commands.without_credentials import without_credentials
from gitops_regconf.errors import InvalidInput
from gitops_regconf.fleet.view import ClusterView, at_version
from gitops_regconf.registries import charts
from gitops_regconf.registries.model import Placeholder
from gitops_regconf.registries.node import Node
from gitops_regconf.registries.values import Values, plain
from gitops_regconf.render.node import node_files, path_of, registry_part, toml
from gitops_regconf.render.values import filled
from gitops_regconf.source.documents import document

_INVALID = "not valid TOML\n"


def compare(view: ClusterView, path: Path, output: Output) -> int:
    """Show where a packaged chart writes something else than what is known of its version."""
    chart = packaged_chart(path)
    if charts.chart(chart.name) is None:
        known = ", ".join(one.name for one in (*charts.charts().values(), charts.base_chart()))
        raise InvalidInput(f"nothing is known of the chart {chart.name!r}", mend=f"Known: {known}.")
    at = without_credentials(at_version(view, chart.version, chart.name))
    version = at.versions[0]
    real = rendered(chart, at.name, filled(plain(at.values(version)), _stand_in))
    if real.refused:
        output.say(f"note: the schema of {version} refuses these values:\n{real.refused}")
    differences: list[dict[str, Any]] = []
    for kind, node in _by_kind(at.nodes(version)).items():
        expected = _texts(node)
        found = {file: _text(text) for file, text in real.files.get(kind, {}).items()}
        for file in sorted({*expected, *found}):
            lines = _difference(expected.get(file, ""), found.get(file, ""))
            if lines:
                differences.append({"node": kind, "file": file, "diff": lines})
    for difference in differences:
        output.result(f"{difference['node']}: {difference['file']}")
        for line in difference["diff"]:
            output.diff_line(line)
    if not differences:
        output.result(f"{version} writes what regconf expects, on control plane and workers")
    output.data(
        {"chart": str(version), "refused": real.refused or None, "differences": differences}
    )
    return 1 if differences else 0


def _by_kind(nodes: Mapping[str, Node]) -> Mapping[str, Node]:
    if "nodes" in nodes:
        return {"control plane": nodes["nodes"], "workers": nodes["nodes"]}
    return nodes


def _stand_in(placeholder: Placeholder) -> str:
    """What Helm is given in place of a credential: `auth` must be base64."""
    return f"{placeholder.account}-{placeholder.field}"


def _texts(node: Node) -> dict[str, str]:
    files = {
        path: toml(registry_part(content)) for path, content in node_files(node, _stand_in).items()
    }
    for broken in node.broken:
        files[path_of(node, broken)] = _INVALID
    return files


def _text(text: str) -> str:
    try:
        return toml(registry_part(tomllib.loads(text)))
    except (tomllib.TOMLDecodeError, RecursionError, AttributeError):
        return _INVALID


def _difference(expected: str, real: str) -> list[str]:
    if expected == real:
        return []
    return list(
        difflib.unified_diff(
            expected.splitlines(), real.splitlines(), "regconf", "chart", lineterm=""
        )
    )


def with_values(view: ClusterView, path: Path) -> ClusterView:
    """The cluster with more values beneath those that Git has."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read: {error}") from None
    content = document(text, str(path))
    if not isinstance(content.data, dict):
        raise InvalidInput("values must be a mapping", at=content.at())
    more = Values(str(path), content.data, lambda below: content.key_at(*below))
    return replace(view, given=(more, *view.given))
