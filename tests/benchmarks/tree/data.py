"""Data: dashboards, lock files, settings, and a log that somebody has committed."""

from __future__ import annotations

import json

from tests.benchmarks.tree.writer import Writer


def dashboard(write: Writer) -> str:
    """A Grafana dashboard, 20 to 200 KiB."""
    panels = [
        {
            "id": number,
            "title": write.words(3),
            "description": write.words(12),
            "gridPos": {"h": 8, "w": 12, "x": 0, "y": 8 * number},
            "datasource": {"type": "prometheus", "uid": write.hexadecimal(16)},
            "targets": [
                {"expr": f"sum(rate({write.words(4, '_')}[5m])) by (pod)", "refId": step}
                for step in "abcde"
            ],
            "fieldConfig": {"defaults": {"unit": "short", "thresholds": {"steps": [0, 80]}}},
        }
        for number in range(write.random.randrange(15, 120))
    ]
    return json.dumps(
        {"uid": write.hexadecimal(16), "title": write.name(), "panels": panels}, indent=2
    )


def lock_file(write: Writer) -> str:
    packages = {
        write.name(): {
            "version": f"{write.random.randrange(9)}.{write.random.randrange(99)}.0",
            "resolved": f"https://registry.example.com/{write.words(2, '/')}.tgz",
            "integrity": f"sha256-{write.hexadecimal(64)}",
        }
        for _ in range(write.random.randrange(200, 1200))
    }
    return json.dumps({"lockfileVersion": 3, "packages": packages}, indent=1)


def toml(write: Writer) -> str:
    return "".join(
        f'[plugins."{write.words(2, ".")}".{write.name()}]\n{write.field()} = "{write.name()}"\n'
        f"{write.field()}_{step} = {write.random.randrange(999)}\n"
        for step in range(write.random.randrange(3, 12))
    )


def log(write: Writer) -> str:
    """A log that somebody has committed, 2 to 5 MiB."""
    return "".join(
        f"2026-01-01T00:00:{second % 60:02}Z level=info {write.field()}={write.name()} "
        f'msg="{write.words(9)}" id={write.hexadecimal(16)}\n'
        for second in range(write.random.randrange(17_000, 42_000))
    )
