"""The priority of an entry in `extraConfigs` lies between 1 and 150.

Why: the App's schema refuses anything else where it is checked, and where it is not,
an entry above 150 is never merged.

Bad: `priority: 0`
Good: `priority: 25`
Mend: choose a priority in the range; 25 is the default.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.fleet.app import is_app
from gitops_regconf.source.documents import Document

ID = "priority-range"
SHOWS_LINE = True


def of_object(document: Document) -> Iterator[Finding]:
    """One finding for each entry of an App whose priority is out of range."""
    if not is_app(document.data):
        return
    spec = document.data.get("spec")
    listed = spec.get("extraConfigs") if isinstance(spec, dict) else None
    for index, entry in enumerate(listed if isinstance(listed, list) else ()):
        priority = entry.get("priority") if isinstance(entry, dict) else None
        if priority is None:
            continue
        if type(priority) is not int or not 1 <= priority <= 150:
            shown = f"the priority {priority}" if isinstance(priority, int) else "this priority"
            yield Finding(
                ID,
                document.at("spec", "extraConfigs", index, "priority"),
                f"{shown} is not a number between 1 and 150",
                "Write 25, which is the default.",
            )
