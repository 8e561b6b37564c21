"""A cluster App takes in one registry Secret, once.

Why: lists are replaced as a whole, so that of two Secrets one wins, by their order.
A second entry with its name is refused by the App's schema, or, if it is of another
kind, names an object that does not exist: then nothing is deployed any more.

Bad: the default Secret beside the cluster's own in `extraConfigs`
Good: the cluster's own alone
Mend: take the other entry out; if a component is included twice, remove one line.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.lint.references.subjects import TakenIn

ID = "secret-taken-in-twice"
SHOWS_LINE = True


def of_reference(taken: TakenIn) -> Iterator[Finding]:
    """Findings for repeated entries, and for others beside the right one."""
    if taken.wanted is None or not taken.times:
        return
    name, cluster = taken.wanted.name, f"the cluster {taken.cluster!r}"
    if taken.times > 1:
        yield Finding(
            ID,
            taken.at,
            f"{cluster} takes in the Secret {name!r} {taken.times} times",
            "Keep one of the entries; a component that is included twice adds it twice.",
        )
    for entry in taken.beside:
        what = (
            f"{entry.name!r}, which is not its Secret: which one wins depends on their order"
            if entry.name != name
            else f"{name!r} as a {'Secret' if entry.kind == 'secret' else 'ConfigMap'} of "
            f"{entry.namespace!r}, which regconf does not generate"
        )
        yield Finding(
            ID, taken.at, f"{cluster} also takes in {what}", "Take that entry out of its list."
        )
