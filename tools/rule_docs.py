"""Write docs/rules/ from the docstrings of the rules, and remove pages of rules that are gone.

python tools/rule_docs.py
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from gitops_regconf.lint.documentation import Documentation, documented_rules
from gitops_regconf.report.rules import index, page

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "rules"


def pages(rules: Iterable[Documentation]) -> dict[str, str]:
    """The text of every page by the name of its file."""
    known = list(rules)
    return {"README.md": index(known), **{f"{rule.id}.md": page(rule) for rule in known}}


def write(folder: Path, wanted: dict[str, str]) -> None:
    """Make the folder hold these pages and no others."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def main() -> int:
    write(FOLDER, pages(documented_rules().values()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
