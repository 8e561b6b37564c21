"""A file as what rules look at. Cheap to import: most files that a hook sees are no candidates."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gitops_regconf.sops.rules import Rule
    from gitops_regconf.source.documents import Document
    from gitops_regconf.source.git import Repository
    from gitops_regconf.source.git_entries import Entry, Stored

# How comments begin that let a finding stand (`lint.ignores`), and where old findings are listed
# (`lint.baseline`): hooks have to know before they import either.
MARK: Final = b"regconf:"
BASELINE: Final = ".regconf/baseline.json"
YAML_OR_JSON: Final = (".yaml", ".yml", ".json")


class File:
    """One file as it would be committed: its bytes, and what can be made of them.

    `claim` is the rule of `.sops.yaml` that its path falls under; `origin` says
    where it is, when it is not where one would look for it; `past`, that it is
    only in the history any more, where a mistake is mended and a secret still out.
    """

    # A hook that has nothing to say costs little more than its imports: no dataclass here.
    def __init__(
        self,
        path: str,
        content: bytes,
        claim: Rule | None = None,
        origin: str = "",
        *,
        past: bool = False,
    ):
        self.path = path
        self.content = content
        self.claim = claim
        self.origin = origin
        self.past = past

    def under(self, claim: Rule | None) -> File:
        """The same file with the rule that its path falls under."""
        return File(self.path, self.content, claim, self.origin, past=self.past)

    @property
    def is_yaml(self) -> bool:
        """Whether its name says that it is YAML or JSON."""
        return os.path.splitext(self.path)[1].lower() in YAML_OR_JSON  # noqa: PTH122  # odd names

    @cached_property
    def text(self) -> str:
        """Its text, in whichever encoding it is."""
        from gitops_regconf.source.encoding import text_of

        return text_of(self.content)

    @cached_property
    def documents(self) -> list[Document]:
        """Its YAML or JSON documents. Raises InvalidInput where it is neither."""
        from gitops_regconf.source.documents import documents

        return documents(self.text, self.path)


def stored_files(
    repository: Repository, entries: Iterable[Entry], last: Container[Stored] | None = None
) -> Iterator[File]:
    """Each entry as a File. Raises CannotCheck where one is not in this clone.

    `last` are those at the end of a range: of any other, its commit is told.
    """
    for entry, content in repository.contents(entries):
        gone = last is not None and entry.stored not in last
        origin = f"in the history, commit {entry.commit[:12]}" if gone else ""
        yield File(entry.path, content, origin=origin, past=gone)
