"""Giving files the recipients that `regconf.yaml` names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from gitops_regconf import sops
from gitops_regconf.fleet import layout
from gitops_regconf.fleet.model import Account, Fleet, ManagementCluster
from gitops_regconf.generate import secrets
from gitops_regconf.generate.changes import Change, Step
from gitops_regconf.render import sops_rules
from gitops_regconf.sops.recipients import missing_and_extra
from gitops_regconf.source.files import Files

_SHOWN = 120
_REASON = "its recipients are not those that regconf.yaml names"


@dataclass(frozen=True, slots=True)
class Difference:
    """Who is to be added to a file, and who removed; both sorted."""

    added: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    def __str__(self) -> str:
        parts = [f"adds {_short(name)}" for name in self.added]
        parts += [f"removes {_short(name)}" for name in self.removed]
        return ", ".join(parts)


def _short(recipient: str) -> str:
    """What tells a recipient from others: a post-quantum one has 2,000 characters."""
    return recipient if len(recipient) <= _SHOWN else f"{recipient[:24]}…{recipient[-12:]}"


def difference(file: sops.SopsFile, wanted: tuple[str, ...], former: frozenset[str]) -> Difference:
    """Between whom the file is encrypted for and the recipients `wanted`.

    Whoever is among the `former` ones and not wanted any more is removed,
    named in the file or not: under which name a key is wrapped for somebody,
    only that one's key can tell. A file for key groups is one for nobody
    alone: everyone is to be added.
    """
    added, removed = missing_and_extra(wanted, file.metadata.names)
    removed |= missing_and_extra(wanted, former)[1]
    if len(file.metadata.groups.groups) > 1:
        added = set(wanted)
    return Difference(tuple(sorted(added)), tuple(sorted(removed)))


@dataclass(frozen=True, slots=True)
class Rewrapper:
    """Plans the changes of recipients, for one state of the work tree.

    With `check`, the changes only say that there is one; then no key is needed.
    """

    source: Files
    identities: sops.Identities
    check: bool
    former: Mapping[str, frozenset[str]]
    """Whom the rules in `.sops.yaml` still name, by their expression."""

    @classmethod
    def of(cls, source: Files, identities: sops.Identities, *, check: bool) -> Rewrapper:
        """For the rules as they stand. Raises InvalidInput where they cannot be read."""
        rules = source.text(layout.SOPS_FILE) or ""
        return cls(source, identities, check, sops_rules.recipients_by_rule(rules))

    def of_secret(self, file: sops.SopsFile, mc: str, wanted: tuple[str, ...]) -> Difference:
        """The difference for a Secret of an MC."""
        return difference(file, wanted, self._former_of(mc))

    def has_left(self, mc: str, wanted: tuple[str, ...]) -> bool:
        """Whether somebody may have the data keys of an MC's Secrets who is not wanted."""
        return bool(missing_and_extra(wanted, self._former_of(mc))[1])

    def _former_of(self, mc: str) -> frozenset[str]:
        return self.former.get(sops_rules.secrets_regex(mc), frozenset())

    def secret(
        self, path: str, key: str, recipients: tuple[str, ...], *, new_data_key: bool
    ) -> Change:
        """The change that encrypts a Secret for `recipients`; `key` is its one data key.

        Raises MissingKey without a private key, MacMismatch for one that was edited by hand.
        """
        return self._change(
            Step.CONTENT,
            path,
            lambda text: secrets.rewrapped(
                text,
                path,
                key,
                recipients=recipients,
                identities=self.identities,
                new_data_key=new_data_key,
            ),
        )

    def _account(self, path: str, recipients: tuple[str, ...], differs: Difference) -> Change:
        return self._change(
            Step.INPUT,
            path,
            lambda text: sops.rewrap(
                text,
                recipients=recipients,
                identities=self.identities,
                path=path,
                new_data_key=bool(differs.removed),
            ),
        )

    def _change(self, step: Step, path: str, rewrapped: Callable[[str], str]) -> Change:
        before = self.source.text(path) or ""
        after = None if self.check else rewrapped(before)
        return Change(step, path, "update", _REASON, before, after)

    def accounts(
        self, fleet: Fleet, mc: ManagementCluster
    ) -> tuple[ManagementCluster, list[tuple[Difference, Change]]]:
        """The MC with its account files encrypted for the team, and the changes that does it."""
        accounts: dict[str, Account] = {}
        changes = []
        for name, account in sorted(mc.accounts.items()):
            accounts[name] = account
            former = self.former.get(sops_rules.accounts_regex(), frozenset())
            differs = difference(account.file, fleet.recipients, former)
            if not differs:
                continue
            change = self._account(account.path, fleet.recipients, differs)
            if change.after is not None:
                accounts[name] = replace(account, file=sops.parse(change.after, account.path))
            changes.append((differs, change))
        return replace(mc, accounts=accounts), changes
