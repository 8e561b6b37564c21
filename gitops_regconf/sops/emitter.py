"""YAML text laid out exactly as sops 3.13 lays it out.

sops hands its tree to Go's yaml.v3 with an indentation of 4; `sops set` on a
file that is written here then changes only what it sets. PyYAML's emitter
chooses other styles and is several times too slow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops import style
from gitops_regconf.sops.comments import END, Comments, comments_of
from gitops_regconf.sops.gotypes import Comment, InlineComment, Timestamp, Tree, float_short

if TYPE_CHECKING:
    from collections.abc import Iterable

INDENTS: Final = range(2, 10)  # of Go's emitter
_LONGEST_SIMPLE_KEY = 128  # bytes; beyond, and with line breaks, the form `? key`


def emit(tree: Tree | list[Any], *, indent: int = 4) -> str:
    """The YAML text of `tree`, ending in a line feed.

    `tree` is a dict with string keys or a list, and holds such and the scalars of `gotypes`;
    `CommentedDict` and `CommentedList` are written with their comments. `indent`
    is one of `INDENTS` (sops: 4). Raises InvalidInput for other data.
    """
    lines: list[str] = []
    emitter = _Emitter(lines, indent)
    if tree:
        emitter.collection(tree, 0, "")
    else:
        emitter.comments(_all_comments(tree), "")
        lines.append("{}\n" if isinstance(tree, dict) else "[]\n")
    return "".join(lines)


class _Emitter:
    """Appends text to `out`; lines of a collection start at `column`, the first with `lead`."""

    def __init__(self, out: list[str], indent: int) -> None:
        self.out = out
        self.indent = indent

    def collection(self, value: Any, column: int, lead: str) -> None:
        if isinstance(value, dict):
            self.mapping(value, column, lead)
        else:
            self.items(value, column, lead)

    def mapping(self, tree: Tree, column: int, lead: str) -> None:
        comments = comments_of(tree)
        pad = " " * column
        for key, value in tree.items():
            if not isinstance(key, str):
                raise InvalidInput("a key in generated YAML must be a string")
            tail = self.before(comments.get(key, ()), value, lead) if comments else ""
            if key == "<<" and not _may_be_merged(value):
                self.value(value, column, f'{lead}"<<":', tail)
            elif style.is_multiline(key) or len(key.encode()) > _LONGEST_SIMPLE_KEY:
                self.out.append(f"{lead}? {self.scalar(key, column, self.below(column))}")
                self.explicit_value(value, column, f"{pad}:", tail)
            else:
                self.value(value, column, f"{lead}{style.inline(key)}:", tail)
            lead = pad
        if comments:
            self.comments(comments.get(END, ()), pad)

    def items(self, items: list[Any], column: int, lead: str) -> None:
        comments = comments_of(items)
        pad = " " * column
        for index, item in enumerate(items):
            tail = self.before(comments.get(index, ()), item, lead) if comments else ""
            if item and isinstance(item, (dict, list)):
                self.collection(item, column + 2, lead + "- ")
            else:
                self.out.append(f"{lead}- {self.scalar(item, column, column + 2, tail)}")
            lead = pad
        if comments:
            self.comments(comments.get(len(items), ()), pad)

    def value(self, value: Any, column: int, lead: str, tail: str = "") -> None:
        if not value or not isinstance(value, (dict, list)):
            self.out.append(f"{lead} {self.scalar(value, column, self.below(column), tail)}")
            return
        self.out.append(lead + "\n")
        self.collection(value, self.below(column), " " * self.below(column))

    def explicit_value(self, value: Any, column: int, lead: str, tail: str) -> None:
        """The value after a `? key`: a collection begins on the line of its colon."""
        if not value or not isinstance(value, (dict, list)):
            self.value(value, column, lead, tail)
        else:
            below = self.below(column)
            self.collection(value, below, lead + " " * (below - column - 1))

    def before(self, comments: Comments, value: Any, lead: str) -> str:
        """Write the comments above an item; what is left goes behind it, on its line."""
        if isinstance(value, (dict, list)):
            self.comments(comments, lead)
            return ""
        inline = next((one for one in comments if isinstance(one, InlineComment)), None)
        self.comments([one for one in comments if one is not inline], lead)
        return "" if inline is None else f" #{_checked(inline)}"

    def comments(self, comments: Iterable[Comment], lead: str) -> None:
        """Comment lines at the column at which `lead` begins."""
        pad = lead[: len(lead) - len(lead.lstrip())]
        self.out.extend(f"{pad}#{_checked(comment)}\n" for comment in comments)

    def scalar(self, value: Any, parent: int, column: int, tail: str = "") -> str:
        """A leaf or an empty collection with the comment behind it, ending in a line feed."""
        if isinstance(value, (dict, list)) and comments_of(value):
            return self.empty(value, parent, column)
        if isinstance(value, str) and not isinstance(value, Timestamp):
            literal = style.block(value, column, parent, self.indent) if "\n" in value else None
            text = literal or style.inline(value) + "\n"
        else:
            text = _plain(value) + "\n"
        return text.replace("\n", f"{tail}\n", 1) if tail else text

    def empty(self, value: Any, parent: int, column: int) -> str:
        """An empty collection with comments, which stand between its brackets."""
        opened, closed = "{}" if isinstance(value, dict) else "[]"
        lines: list[str] = []
        _Emitter(lines, self.indent).comments(_all_comments(value), " " * column + "#")
        return f"{opened}\n{''.join(lines)}{' ' * parent}{closed}\n"

    def below(self, column: int) -> int:
        """The column of what a mapping at `column` holds: the next multiple of the indentation."""
        return self.indent * (column // self.indent + 1)


def _may_be_merged(value: Any) -> bool:
    """Whether sops reads `value` again behind the `<<` that it writes."""
    return isinstance(value, dict) or (
        isinstance(value, list) and all(isinstance(item, dict) for item in value)
    )


def _all_comments(value: Any) -> list[Comment]:
    return [comment for comments in comments_of(value).values() for comment in comments]


def _checked(comment: Comment) -> Comment:
    if style.fits_comment(comment):
        return comment
    raise InvalidInput("a comment must be one line of printable text")


def _plain(value: Any) -> str:
    """What is written without quotes and is no string."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, float):
        return float_short(value)
    if isinstance(value, (int, Timestamp)):
        return str(value)
    if isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    raise InvalidInput(f"YAML cannot hold a value of the type {type(value).__name__}")
