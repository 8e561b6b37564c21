"""Where comments say what is encrypted, losing one would write a secret in clear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops.gotypes import Comment, Value
from gitops_regconf.sops.tree import Path, map_leaves

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitops_regconf.sops.gotypes import Tree
    from gitops_regconf.sops.selector import Selector


class Leaves:
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


def check_comments(before: Iterable[Tree], after: Iterable[Tree], selector: Selector) -> None:
    """Raise InvalidInput where a value that was encrypted in `before` would be clear in `after`.

    Both are plaintext, and `selector` goes by comments, which a plain copy of
    a tree no longer has.
    """
    old, new = Leaves(before, selector), Leaves(after, selector)
    for path in sorted(new.clear & (old.encrypted - old.clear)):
        raise InvalidInput(
            f"{'.'.join(path)} was encrypted, and the comment that says so is gone",
            mend="Keep the comments of the tree: change it in place, or copy it with copy().",
        )
