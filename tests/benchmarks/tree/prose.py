"""What people write: documentation and scripts."""

from __future__ import annotations

from tests.benchmarks.tree.writer import Writer


def page(write: Writer) -> str:
    sections = "\n".join(
        f"## {write.words(4).capitalize()}\n\n{write.paragraph(write.random.randrange(4, 12))}\n\n"
        f"```bash\nkubectl --namespace {write.words(1)} get {write.words(1)} {write.name()}\n```\n"
        for _ in range(write.random.randrange(3, 12))
    )
    return f"# {write.words(3).capitalize()}\n\n{sections}"


def shell(write: Writer) -> str:
    lines = "".join(
        f'{write.words(2, "_")}="$(kubectl get secret {write.name()} --output=name)"\n'
        f"# {write.words(10)}\n"
        f'if [[ -z "${{{write.words(2, "_").upper()}:-}}" ]]; then\n'
        f'  echo "{write.words(6)}" >&2\n  exit {write.random.randrange(1, 9)}\nfi\n'
        for _ in range(write.random.randrange(3, 30))
    )
    return f"#!/usr/bin/env bash\nset -euo pipefail\n{lines}"


def python(write: Writer) -> str:
    return "import os\nimport sys\n" + "".join(
        f"\n\ndef {write.words(3, '_')}_{step}({write.words(1)}: str) -> str:\n"
        f'    """{write.words(8).capitalize()}."""\n'
        f'    {write.words(1)} = os.environ["{write.words(2, "_").upper()}"]\n'
        f'    return "{write.words(4)}"\n'
        for step in range(write.random.randrange(3, 30))
    )
