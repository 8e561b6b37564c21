"""Mappings and lists that carry comments.

Both are the plain collections to whoever does not ask: comments are no keys
and no items. sops encrypts comments like values, but leaves them out of the MAC.
"""

from __future__ import annotations

from typing import Any, Final

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops.gotypes import Comment

Comments = tuple[Comment, ...]
END: Final = None  # the position of comments after the last key


class CommentedDict(dict[str, Any]):
    """A mapping; `comments` has, by key, those that stand before it, and by `END` the last ones."""

    comments: dict[str | None, Comments]

    def __init__(self, *args: Any, comments: dict[str | None, Comments] | None = None) -> None:
        super().__init__(*args)
        self.comments = comments if comments is not None else {}

    def copy(self) -> CommentedDict:
        """A mapping with the same values and comments, as `|` gives one; `{**tree}` has none."""
        return CommentedDict(self, comments={**self.comments})

    def __or__(self, other: Any) -> CommentedDict:  # type: ignore[override]  # no narrower keys
        return CommentedDict({**self, **other}, comments=self.comments | comments_of(other))

    def __ror__(self, other: Any) -> CommentedDict:  # type: ignore[override]  # no narrower keys
        return CommentedDict({**other, **self}, comments=comments_of(other) | self.comments)


class CommentedList(list[Any]):
    """A list; `comments` has, by index, those that stand before the item, by its length the last.

    They do not move when items are inserted or removed.
    """

    comments: dict[int, Comments]

    def __init__(self, *args: Any, comments: dict[int, Comments] | None = None) -> None:
        super().__init__(*args)
        self.comments = comments if comments is not None else {}

    def copy(self) -> CommentedList:
        """A list with the same items and comments; `[*items]` has none."""
        return CommentedList(self, comments={**self.comments})


def headed(tree: dict[str, Any], *lines: str) -> CommentedDict:
    """`tree` with these lines before its first key; each is one line that starts with `#`.

    Raises InvalidInput for others.
    """
    for line in lines:
        if not line.startswith("#"):
            raise InvalidInput("a comment must be one line that starts with '#'")
    first = next(iter(tree), END)
    comments = {**comments_of(tree), first: tuple(Comment(line[1:]) for line in lines)}
    return CommentedDict(tree, comments=comments)


def header_of(tree: dict[str, Any]) -> tuple[str, ...]:
    """The lines before the first key, each with its `#`."""
    return tuple(f"#{comment}" for comment in comments_of(tree).get(next(iter(tree), END), ()))


def comments_of(node: Any) -> dict[Any, Comments]:
    """The comments of a collection, by position; empty for a plain one."""
    return getattr(node, "comments", None) or {}
