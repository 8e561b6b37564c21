"""What Git holds: the index, a commit, and everything that a range of commits brings in.

Plumbing alone, with NUL between names, so that no setting, path or encoding
changes an answer. The environment is passed on as it is: in a hook, Git names
there which index the commit is made from (`GIT_INDEX_FILE`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Final, Self

from gitops_regconf.errors import CannotCheck, InvalidInput
from gitops_regconf.source import git_entries
from gitops_regconf.source.disk import read_file
from gitops_regconf.source.git_contents import Contents, in_groups
from gitops_regconf.source.git_entries import Entry, Stored, is_stored_as
from gitops_regconf.source.git_process import failed, run
from gitops_regconf.source.position import Position

# The name of the empty tree in every repository (git-hash-object of nothing, for each hash).
_EMPTY_TREE: Final = {
    b"sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    b"sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
# What `ls-files --directory` calls a hidden directory at the top.
_HIDDEN: Final = re.compile(rb"\.[^/]+/")


class Repository:
    """What the Git repository around a directory holds below it; to be used with `with`."""

    def __init__(self, root: str):
        """`root` is the directory; all paths are relative to it."""
        self.root = root
        self._contents = Contents(root)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._contents.close()

    @classmethod
    def around(cls, directory: str) -> Repository | None:
        """The repository whose work tree holds `directory`; None where there is none.

        Raises CannotCheck where Git is missing, or refuses the repository.
        """
        done = run(directory, ["rev-parse", "--show-prefix"])
        if done.returncode == 0:
            return cls(directory)
        if b"not a git repository" in done.stderr:
            return None
        raise failed(["rev-parse"], done.stderr)

    def index(self, paths: Sequence[str] = ()) -> list[Entry]:
        """What is staged at `paths` and below; everything without any. Raises CannotCheck.

        A path in a merge conflict has an entry for each side.
        """
        if not paths:
            return list(git_entries.staged(self._output(["ls-files", "-z", "--stage"])))
        found: list[Entry] = []
        for some in in_groups(paths):  # more could be too long for a command line
            found += git_entries.staged(self._output(["ls-files", "-z", "--stage", "--", *some]))
        return found

    def staged(self) -> list[Entry]:
        """What the next commit changes, as it is staged; deletions bring nothing in.

        Raises CannotCheck in a merge with conflicts, where it is not decided yet.
        """
        undecided = self._output(["ls-files", "-z", "--unmerged"])
        for entry in git_entries.staged(undecided):
            raise CannotCheck(
                "this file is in a merge conflict",
                at=Position(entry.path),
                mend="Resolve it first.",
            )
        arguments = ["diff-index", "--cached", "-z", "--no-renames", "--no-abbrev", "--relative"]
        output = self._output([*arguments, self._head])
        return [entry for entry in git_entries.raw(output) if entry.is_file]

    def changes(self, first: str = "", last: str = "") -> dict[str, bool]:
        """The paths that differ between two commits, and whether each is deleted.

        Without commits, between HEAD and the index. Raises InvalidInput where there is no such
        commit.
        """
        asked = ["--name-status", "-z", "--no-renames", "--relative"]
        if last:
            ends = [self.commit(first), self.commit(last)]
            output = self._output(["diff-tree", "-r", *asked, *ends])
        else:
            output = self._output(["diff-index", "--cached", *asked, self._head])
        parts = output.split(b"\0")[:-1]
        pairs = zip(parts[::2], parts[1::2], strict=True)
        return {os.fsdecode(path): status == b"D" for status, path in pairs}

    def is_on_disk(self, revision: str = "") -> bool:
        """Whether the files on disk are those of the index, or of a commit, and no others.

        What Git ignores is another one: a build reads it where it is, and nowhere else. Left out
        are hidden directories at the top that are ignored as a whole: what tools keep there
        (.venv), often a hundred thousand files, is no part of any build.
        """
        asked = ["diff-index", "--quiet", revision] if revision else ["diff-files", "--quiet"]
        if run(self.root, asked).returncode:
            return False
        # An H is a file that the command above has compared; others count as unchanged unseen.
        tracked = self._output(["ls-files", "-z", "-v"]).split(b"\0")[:-1]
        if not all(line.startswith(b"H ") for line in tracked):
            return False
        others = ["ls-files", "-z", "--others", "--exclude-standard"]
        if self._output(others):
            return False
        # An ignored directory is one line, and not read to its end.
        ignored = [*others, "--ignored", "--directory", "--no-empty-directory"]
        return all(map(_HIDDEN.fullmatch, self._output(ignored).split(b"\0")[:-1]))

    def not_checked_out(self) -> list[Entry]:
        """What a sparse checkout leaves out: tracked, and not on disk on purpose."""
        lines = self._output(["ls-files", "-z", "-t", "--stage"]).split(b"\0")[:-1]
        left_out = b"\0".join([line[2:] for line in lines if line.startswith(b"S ")] + [b""])
        return [
            entry
            for entry in git_entries.staged(left_out)
            if entry.is_file and not os.path.lexists(f"{self.root}/{entry.path}")
        ]

    def work_tree(self, paths: Sequence[str] = ()) -> list[str]:
        """The paths of files on disk that are tracked, or neither tracked nor ignored."""
        arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        output = self._output([*arguments, "--deduplicate", "--", *paths])
        return [os.fsdecode(path) for path in output.split(b"\0")[:-1]]

    def tree(self, revision: str) -> list[Entry]:
        """All files of a commit. Raises InvalidInput where there is no such commit."""
        return list(
            git_entries.in_tree(self._output(["ls-tree", "-r", "-z", self.commit(revision)]))
        )

    def commit(self, revision: str) -> str:
        """The full name of a commit. Raises InvalidInput where there is none."""
        done = run(
            self.root,
            ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"],
        )
        if done.returncode:
            problem = f"there is no commit {revision!r} in this repository"
            if self._ends:
                raise CannotCheck(f"{problem}, which is a shallow clone", mend=_FETCH_ALL)
            branch = revision.removeprefix("origin/")
            mend = f"Is the name right? If so, fetch it: `git fetch origin {branch}`."
            raise InvalidInput(problem, mend=mend)
        return done.stdout.decode().strip()

    def has(self, revision: str) -> bool:
        """Whether there is such a commit; of a branch that is new, nothing came before."""
        try:
            self.commit(revision)
        except InvalidInput:
            return False
        return True

    def brought_in(self, first: str | None, last: str) -> list[Entry]:
        """Every file that the commits of `last` which `first` has not bring in.

        Without `first`, those that no branch of a remote has, as far as it is known here.

        What was added and removed again in between is still in the history, and
        so is what only a merge commit holds. A file is named once for each path
        that it had; its mode does not count. Raises CannotCheck where the history is not here.
        """
        without = ["--not", "--remotes"] if first is None else [f"^{self.commit(first)}"]
        span = [self.commit(last), *without]
        commits = self._output(["rev-list", *span])
        self._refuse_shallow(commits.decode().split())
        # The changes of each commit, with every path; of a merge, where it differs from all of its
        # parents (-c).
        arguments = ["diff-tree", "--stdin", "-r", "-c", "--root", "-z", "--no-renames"]
        changes = self._output([*arguments, "--no-abbrev", "--relative"], commits)
        found: dict[Stored, Entry] = {}
        for entry in git_entries.raw(changes):
            found.setdefault(entry.stored, entry)
        # What no change has would be missed, so the objects are asked for as well. Their paths
        # end at a line break here, and are taken only for want of better ones.
        known = {name for _, name in found}
        objects = self._output(["rev-list", "--objects", *span]).splitlines()
        paths = {name.decode(): os.fsdecode(path) for name, _, path in map(_at_blank, objects)}
        prefix = os.fsdecode(self._output(["rev-parse", "--show-prefix"])[:-1])
        for name, kind in self._kinds(paths).items():
            if kind == "blob" and name not in known and paths[name].startswith(prefix):
                entry = Entry(paths[name].removeprefix(prefix), "100644", name)
                found[entry.stored] = entry
        return [entry for entry in found.values() if entry.is_file]

    def contents(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, bytes]]:
        """Each entry with its whole content. Raises CannotCheck where one is not here."""
        return self._contents.of(entries)

    def content(self, entry: Entry) -> bytes:
        """The whole content of one entry. Raises CannotCheck where it is not here."""
        # Most often the file on disk is the same, and needs no other process.
        with suppress(CannotCheck):
            content = read_file(f"{self.root}/{entry.path}", entry.path)
            if content is not None and is_stored_as(content, entry):
                return content
        return next(content for _, content in self.contents([entry]))

    @cached_property
    def _head(self) -> str:
        done = run(self.root, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])
        if done.returncode == 0:
            return done.stdout.decode().strip()
        # Before the first commit.
        return _EMPTY_TREE[self._output(["rev-parse", "--show-object-format"]).strip()]

    def _refuse_shallow(self, commits: Iterable[str]) -> None:
        """Where a shallow clone ends within the range, what is behind its end is not here."""
        if not self._ends.isdisjoint(commits):
            problem = "this clone is shallow, and commits of the range are not in it"
            raise CannotCheck(problem, mend=_FETCH_ALL)

    @cached_property
    def _ends(self) -> frozenset[str]:
        """The commits at which a shallow clone ends; none where it is whole."""
        where = os.fsdecode(self._output(["rev-parse", "--git-path", "shallow"])[:-1])
        try:
            with open(os.path.join(self.root, where), encoding="ascii") as file:  # noqa: PTH118, PTH123
                return frozenset(file.read().split())
        except FileNotFoundError:
            return frozenset()

    def _kinds(self, names: Iterable[str]) -> dict[str, str]:
        asked = "".join(f"{name}\n" for name in names).encode()
        output = self._output(["cat-file", "--batch-check=%(objectname) %(objecttype)"], asked)
        kinds = dict(line.split(" ", 1) for line in output.decode().splitlines())
        missing = [name for name, kind in kinds.items() if kind == "missing"]
        if missing:
            raise CannotCheck(
                f"this clone lacks objects of the range: {len(missing)}",
                mend="Fetch them: this looks like a partial or a damaged clone.",
            )
        return kinds

    def _output(self, arguments: Sequence[str], given: bytes = b"") -> bytes:
        done = run(self.root, arguments, given)
        if done.returncode:
            raise failed(arguments, done.stderr)
        return done.stdout


_FETCH_ALL: Final = (
    "Fetch the whole history: `git fetch --unshallow` (actions/checkout: `fetch-depth: 0`)."
)


def _at_blank(line: bytes) -> tuple[bytes, bytes, bytes]:
    return line.partition(b" ")
