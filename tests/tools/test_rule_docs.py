from __future__ import annotations

from pathlib import Path

from tools import rule_docs


def test_pages_are_written_and_those_of_rules_that_are_gone_removed(tmp_path: Path) -> None:
    folder = tmp_path / "docs" / "rules"
    rule_docs.write(folder, {"README.md": "both", "a.md": "a", "b.md": "b"})
    rule_docs.write(folder, {"README.md": "one", "b.md": "größe"})
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == {
        "README.md": "one",
        "b.md": "größe",
    }
