"""Walking the data of a file: paths, what is encrypted, and the MAC.

A tree is plain data (`dict` with string keys, `list`, and the scalars of
`gotypes`; both may carry comments) in document order, which the MAC depends
on. Source: sops.go, `walkBranch`, `walkSlice`, `shouldBeEncrypted`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops.comments import END, CommentedDict, CommentedList, Comments, comments_of
from gitops_regconf.sops.gotypes import Comment, Value, check_unicode, to_bytes
from gitops_regconf.source.limits import MAX_DEPTH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitops_regconf.sops.gotypes import Tree
    from gitops_regconf.sops.selector import Selector

Path = tuple[str, ...]
OnLeaf = Callable[[Value, Path], Any]

# sha256(b"sops"): keeps a MAC over encrypted values apart from one over all.
MAC_ONLY_ENCRYPTED: Final = bytes.fromhex(
    "8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69"
)


def aad(path: Path) -> str:
    """The additional data of a value: its keys, without list indices; `()` for a top comment."""
    return ":".join(path) + ":"


def map_leaves(tree: Tree, selector: Selector, *, covered: OnLeaf, clear: OnLeaf) -> Tree:
    """A copy of `tree` with every leaf replaced by what `covered` or `clear` returns for it.

    `covered` gets the leaves that `selector` encrypts, `clear` the others, in
    document order, comments among them as `Comment` with the path of their
    collection. `None` and empty collections stay as they are and are not
    passed on: sops neither encrypts nor hashes them. In a list, a comment
    becomes an item where text is returned for it, and an item a comment where
    a `Comment` is: sops keeps encrypted ones as items. Raises InvalidInput for
    a key that is not a string.
    """
    walked: Tree = _Walk(selector, covered, clear).mapping(tree, (), hit=False)
    return walked


class _Walk:
    """`hit` says whether something above matches the selector."""

    def __init__(self, selector: Selector, covered: OnLeaf, clear: OnLeaf) -> None:
        self.selector = selector
        self.depth = 0
        self.on_leaf = {selector.by_match: covered, not selector.by_match: clear}

    def value(self, node: Any, path: Path, *, hit: bool) -> Any:
        if not isinstance(node, (dict, list)):
            return None if node is None else self.on_leaf[hit](node, path)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise InvalidInput(f"the nesting is deeper than {MAX_DEPTH} levels")
        below: Any
        if isinstance(node, dict):
            below = self.mapping(node, path, hit=hit)
        else:
            below = self.items(node, path, hit=hit)
        self.depth -= 1
        return below

    def mapping(self, node: Tree, path: Path, *, hit: bool) -> Tree:
        below: Tree = {}
        comments = comments_of(node)
        kept: dict[str | None, Comments] = {}
        for key, value in node.items():
            if not isinstance(key, str):
                raise InvalidInput("a SOPS file can only have keys that are strings")
            check_unicode(key)
            here = hit
            if key in comments:
                kept[key], here = self.lines(comments[key], path, hit=hit)
            here = here or self.selector.matches(key)
            below[key] = self.value(value, (*path, key), hit=here)
        if comments.get(END):
            kept[END], _ = self.lines(comments[END], path, hit=hit)
        return CommentedDict(below, comments=kept) if kept else below

    def items(self, node: list[Any], path: Path, *, hit: bool) -> list[Any]:
        below: list[Any] = []
        comments = comments_of(node)
        kept: dict[int, Comments] = {}
        for index in range(len(node) + 1):
            here = hit
            if index in comments:
                lines, here = self.comments(comments[index], path, hit=hit, filled=True)
                for line in lines:
                    _add(line, below, kept)
            if index < len(node):
                _add(self.value(node[index], path, hit=here), below, kept)
        return CommentedList(below, comments=kept) if kept else below

    def lines(self, comments: Comments, path: Path, *, hit: bool) -> tuple[Comments, bool]:
        """Comments of a mapping, which stay comments whatever is returned for them."""
        found, here = self.comments(comments, path, hit=hit)
        return tuple(type(one)(new) for one, new in zip(comments, found, strict=True)), here

    def comments(
        self, comments: Comments, path: Path, *, hit: bool, filled: bool = False
    ) -> tuple[list[Any], bool]:
        """What is returned for comments, and whether one of them decides what follows.

        A comment that says what is encrypted is not encrypted itself. With
        `filled`, an empty one that is encrypted gets a blank: in a list, sops
        would make an item of it.
        """
        found = []
        for comment in comments:
            decides = self.selector.decides(comment)
            itself = hit or (decides and not self.selector.by_match)
            blank = filled and not comment and itself == self.selector.by_match
            found.append(self.on_leaf[itself](type(comment)(" ") if blank else comment, path))
            hit = hit or decides
        return found, hit


def _add(new: Any, items: list[Any], comments: dict[int, Comments]) -> None:
    if isinstance(new, Comment):
        comments[len(items)] = (*comments.get(len(items), ()), new)
    else:
        items.append(new)


class Mac:
    """The message authentication code: SHA-512 over the plaintext of the leaves in order."""

    def __init__(self, *, only_encrypted: bool) -> None:
        self._only_encrypted = only_encrypted
        self._hash = hashlib.sha512(MAC_ONLY_ENCRYPTED if only_encrypted else b"")

    def covered(self, value: Value, _path: Path = ()) -> Value:
        """Take in the plaintext of an encrypted leaf; comments do not count. Returns it."""
        if not isinstance(value, Comment):
            self._hash.update(to_bytes(value)[1])
        return value

    def clear(self, value: Value, _path: Path = ()) -> Value:
        """Take in a clear leaf, unless only encrypted ones count. Returns it."""
        return value if self._only_encrypted else self.covered(value)

    def text(self) -> str:
        """The digest as sops encrypts it: upper-case hexadecimal."""
        return self._hash.hexdigest().upper()


def mac_of(trees: Iterable[Tree], selector: Selector, *, only_encrypted: bool) -> str:
    """The MAC of a file with these documents of plaintext."""
    mac = Mac(only_encrypted=only_encrypted)
    for tree in trees:
        map_leaves(tree, selector, covered=mac.covered, clear=mac.clear)
    return mac.text()


def same(one: Any, other: Any) -> bool:
    """Whether two trees are equal for sops: types, key order and comments count."""
    if isinstance(one, dict) and isinstance(other, dict):
        return (
            list(one) == list(other)
            and _same_comments(one, other)
            and all(same(one[key], other[key]) for key in one)
        )
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and _same_comments(one, other) and all(map(same, one, other))
    if type(one) is not type(other):
        return False
    return one is None or to_bytes(one) == to_bytes(other)


def _same_comments(one: Any, other: Any) -> bool:
    left, right = comments_of(one), comments_of(other)
    return left.keys() == right.keys() and all(
        [(type(line), line) for line in left[at]] == [(type(line), line) for line in right[at]]
        for at in left
    )
