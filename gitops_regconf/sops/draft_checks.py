"""What keeps a tree from becoming the next version of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops.errors import Unsupported
from gitops_regconf.sops.gotypes import Comment, Value
from gitops_regconf.sops.metadata import SOPS_KEY
from gitops_regconf.sops.recipients import KeyGroups, missing_and_extra
from gitops_regconf.sops.tree import Path, map_leaves

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gitops_regconf.sops.file import SopsFile
    from gitops_regconf.sops.gotypes import Tree
    from gitops_regconf.sops.selector import Selector


def check_trees(trees: Sequence[Tree], previous: SopsFile | None) -> None:
    """Raise InvalidInput for trees that no file can hold, Unsupported for a `previous` in JSON."""
    if previous and previous.is_json:
        raise Unsupported(
            "the file is written as JSON, which is only read here",
            at=previous.at(),
            mend="Change it with the sops command line.",
        )
    if not all(isinstance(tree, dict) for tree in trees):
        raise InvalidInput("a document of a SOPS file must be a mapping")
    if not trees:
        raise InvalidInput("a SOPS file has at least one document")
    if any(SOPS_KEY in tree for tree in trees):
        raise InvalidInput(f"the key {SOPS_KEY!r} is reserved for the metadata of a SOPS file")


def all_stay(previous: SopsFile, wanted: KeyGroups) -> bool:
    """Whether everyone who can open `previous` is to open it again: then its data key can stay.

    Raises Unsupported where it cannot, and nobody here could wrap a new one.
    """
    metadata = previous.metadata
    old = metadata.groups
    if len(set(metadata.names)) != len(metadata.names):
        stay = False  # whose stanza is whose cannot be told
    elif len(old.groups) > 1 or len(wanted.groups) > 1:
        stay = wanted.met_by(old)
    else:
        stay = not missing_and_extra(wanted.groups[0], metadata.names)[1]
    if metadata.unknown_kinds and not stay:
        raise Unsupported(
            "the file needs a new data key, which cannot be encrypted here for "
            + ", ".join(metadata.unknown_kinds),
            at=previous.at(),
            mend="Use 'sops updatekeys' and 'sops rotate'.",
        )
    return stay


def check_comments(before: Iterable[Tree], after: Iterable[Tree], selector: Selector) -> None:
    """Raise InvalidInput where a value that was encrypted in `before` would be clear in `after`.

    Both are plaintext, and `selector` goes by comments, which a plain copy of
    a tree no longer has.
    """
    old, new = _Leaves(before, selector), _Leaves(after, selector)
    for path in sorted(new.clear & (old.encrypted - old.clear)):
        raise InvalidInput(
            f"{'.'.join(path)} was encrypted, and the comment that says so is gone",
            mend="Keep the comments of the tree: change it in place, or copy it with copy().",
        )


class _Leaves:
    """The paths of the encrypted and of the clear values of trees of plaintext."""

    def __init__(self, trees: Iterable[Tree], selector: Selector) -> None:
        self.encrypted: set[Path] = set()
        self.clear: set[Path] = set()
        for tree in trees:
            map_leaves(tree, selector, covered=self._covered, clear=self._clear)

    def _covered(self, value: Value, path: Path) -> Value:
        if not isinstance(value, Comment):
            self.encrypted.add(path)
        return value

    def _clear(self, value: Value, path: Path) -> Value:
        if not isinstance(value, Comment):
            self.clear.add(path)
        return value
