"""What is known of charts, releases and registries: data files with the source of every row."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from gitops_regconf.source.documents import document


def known(name: str) -> dict[str, Any]:
    """The content of `data/<name>`."""
    text = (files("gitops_regconf.registries") / "data" / name).read_text("utf-8")
    content: dict[str, Any] = document(text, name).data
    return content
