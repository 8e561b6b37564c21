"""Giving files the recipients that `regconf.yaml` names."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gitops_regconf import sops
from gitops_regconf.fleet.model import Account, Fleet, ManagementCluster
from gitops_regconf.generate.changes import Change, Step
from gitops_regconf.sops.recipients import missing_and_extra
from gitops_regconf.source.worktree import WorkTree


@dataclass(frozen=True, slots=True)
class Difference:
    """Who is to be added to a file, and who removed; both sorted."""

    added: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    def __str__(self) -> str:
        parts = [f"adds {name}" for name in self.added] + [
            f"removes {name}" for name in self.removed
        ]
        return ", ".join(parts)


def difference(file: sops.SopsFile, wanted: tuple[str, ...]) -> Difference:
    """Between whom the file is encrypted for and the recipients `wanted`.

    A file for key groups is one for nobody alone: everyone is to be added.
    """
    added, removed = missing_and_extra(wanted, file.metadata.names)
    if len(file.metadata.groups.groups) > 1:
        added = set(wanted)
    return Difference(tuple(sorted(added)), tuple(sorted(removed)))


@dataclass(frozen=True, slots=True)
class Rewrapper:
    """Plans the changes of recipients, for one state of the work tree.

    With `check`, the changes only say that there is one; then no key is needed.
    """

    source: WorkTree
    identities: sops.Identities
    check: bool

    def change(self, step: Step, path: str, recipients: tuple[str, ...]) -> Change:
        """The change that encrypts a file for `recipients`. Raises MissingKey without a key."""
        before = self.source.text(path) or ""
        after = None
        if not self.check:
            after = sops.rewrap(
                before, recipients=recipients, identities=self.identities, path=path
            )
        reason = "its recipients are not those that regconf.yaml names"
        return Change(step, path, "update", reason, before, after)

    def accounts(
        self, fleet: Fleet, mc: ManagementCluster
    ) -> tuple[ManagementCluster, list[tuple[Difference, Change]]]:
        """The MC with its account files encrypted for the team, and the changes that does it."""
        accounts: dict[str, Account] = {}
        changes = []
        for name, account in sorted(mc.accounts.items()):
            accounts[name] = account
            differs = difference(account.file, fleet.recipients)
            if not differs:
                continue
            change = self.change(Step.INPUT, account.path, fleet.recipients)
            if change.after is not None:
                accounts[name] = replace(account, file=sops.parse(change.after, account.path))
            changes.append((differs, change))
        return replace(mc, accounts=accounts), changes
