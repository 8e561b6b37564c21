"""Every file of a fleet whose recipients are not those that `regconf.yaml` names."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from gitops_regconf import sops
from gitops_regconf.credentials.accounts import Vault
from gitops_regconf.errors import RegconfError
from gitops_regconf.fleet import layout
from gitops_regconf.fleet.cluster_apps import ClusterApps
from gitops_regconf.fleet.load import load
from gitops_regconf.fleet.model import Fleet, ManagementCluster
from gitops_regconf.generate import secrets
from gitops_regconf.generate.apply import is_staged
from gitops_regconf.generate.changes import Change, Step
from gitops_regconf.generate.outputs import default_reference, outputs_of, secret_recipients
from gitops_regconf.generate.rewrapping import Difference, Rewrapper
from gitops_regconf.generate.run import sops_rules_change
from gitops_regconf.render.secret import Secret
from gitops_regconf.source.files import Files

_COMPONENT = "/kustomization.yaml"


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A file to be written anew; no difference where only an account that it holds was."""

    change: Change
    differs: Difference


@dataclass
class KeyPlan:
    """What a run has found. `files` were looked at, `rotate` are accounts that someone has read."""

    changes: list[KeyChange] = field(default_factory=list)
    rules: list[Change] = field(default_factory=list)
    errors: list[RegconfError] = field(default_factory=list)
    rotate: dict[str, None] = field(default_factory=dict)
    unknown: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Kinds of keys that are not known, by file: kept, whoever they are."""
    stale: list[str] = field(default_factory=list)
    """Secrets that are out of date in other ways, too: `regenerate` writes them."""
    files: int = 0


def plan_keys(
    source: Files,
    identities: sops.Identities,
    *,
    check: bool,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> KeyPlan:
    """The changes that give every account file and Secret its recipients.

    A Secret that was up to date stays so: it is sealed as `regenerate` would.
    In a `check` no key is needed, and the changes have no text. Raises
    RegconfError where the fleet itself cannot be read; what is wrong with one
    MC is among the errors.
    """
    fleet, errors = load(source)
    plan = KeyPlan(errors=errors)
    updater = _Updater(source, fleet, identities, check=check)
    for done, mc in enumerate(fleet.management_clusters, start=1):
        try:
            updater.management_cluster(mc, plan)
        except RegconfError as error:
            plan.errors.append(error)
        progress(done, len(fleet.management_clusters))
    if not plan.errors:  # the rules of an MC that cannot be read are not known
        plan.rules = sops_rules_change(source, fleet)
    return plan


class _Updater:
    def __init__(self, source: Files, fleet: Fleet, identities: sops.Identities, *, check: bool):
        self._source = source
        self._fleet = fleet
        self._identities = identities
        self._rewrapper = Rewrapper.of(source, identities, check=check)
        self._apps = ClusterApps(source, default_reference(fleet))

    def management_cluster(self, mc: ManagementCluster, plan: KeyPlan) -> None:
        after, rewrapped = self._rewrapper.accounts(self._fleet, mc)
        plan.files += len(mc.accounts)
        for account in mc.accounts.values():
            _note_unknown(account.file, plan)
        for differs, change in rewrapped:
            plan.changes.append(KeyChange(change, differs))
            if differs.removed:
                plan.rotate[change.path] = None
        files = dict(self._secrets(mc))
        plan.files += len(files)
        wanted = secret_recipients(self._fleet, mc)
        differing = {
            path: self._rewrapper.of_secret(file, mc.name, wanted) for path, file in files.items()
        }
        key = self._fleet.output.key
        edited = {path for path, file in files.items() if not secrets.untouched(file, key)}
        if not rewrapped and not any(differing.values()) and not edited:
            return
        rendered = self._rendered(mc) if edited or not self._rewrapper.check else {}
        for path, file in files.items():
            _note_unknown(file, plan)
            secret, differs = rendered.get(path), differing[path]
            # What is not rendered any more has no digest that it would have to fit.
            anew = path in edited and secret is not None
            planned = self._change(mc, after, file, secret, differs, anew=anew)
            if planned:
                plan.changes.append(KeyChange(planned, differs))
            text = planned.after if planned else self._source.text(path)
            if secret and text and secrets.drift(secret, after.accounts, text) is not None:
                plan.stale.append(path)
            if differs.removed:
                held = secret.accounts() if secret else tuple(mc.accounts)
                plan.rotate |= dict.fromkeys(layout.account_file(mc.name, name) for name in held)

    def _secrets(self, mc: ManagementCluster) -> Iterator[tuple[str, sops.SopsFile]]:
        """The encrypted files in an MC's owned directory, also those that nothing references."""
        for path in self._source.files_below(layout.owned_directory(mc.name)):
            if not is_staged(path.rsplit("/", 1)[1]) and not path.endswith(_COMPONENT):
                yield path, self._parsed(path)

    def _parsed(self, path: str) -> sops.SopsFile:
        problem: sops.NotEncrypted | None = None
        try:
            return sops.parse(self._source.text(path) or "", path)
        except sops.NotEncrypted as error:
            problem = error
        raise sops.NotEncrypted(
            "this file is not encrypted",
            at=problem.at,
            mend="If it was, take the credentials in it for leaked, and change them; "
            "`regconf regenerate` writes it anew.",
        )

    def _rendered(self, mc: ManagementCluster) -> Mapping[str, Secret]:
        """What `regenerate` would write, by path; nothing where it would refuse to."""
        try:
            return {
                secret.path: secret for secret in outputs_of(self._fleet, mc, self._apps).secrets
            }
        except RegconfError:
            return {}

    def _change(
        self,
        before: ManagementCluster,
        after: ManagementCluster,
        file: sops.SopsFile,
        secret: Secret | None,
        differs: Difference,
        *,
        anew: bool,
    ) -> Change | None:
        """What is to become of a Secret; `anew` where it was changed past regconf."""
        text = self._source.text(file.path) or ""
        if secret is not None and not anew:
            # Up to date but for who can open it: then it is to be so again.
            as_it_was = replace(secret, recipients=file.metadata.names)
            if secrets.drift(as_it_was, before.accounts, text) is None:
                if not differs and secrets.drift(secret, after.accounts, text) is None:
                    return None
                previous = None if differs.removed else text
                reason = "its recipients, or an account that it holds, are written anew"
                return self._sealed(before, after, secret, previous, reason)
        if not differs and not anew:
            return None
        wanted = secret_recipients(self._fleet, before)
        key, left = self._fleet.output.key, bool(differs.removed)
        if not anew:
            with contextlib.suppress(sops.MacMismatch):
                return self._rewrapper.secret(file.path, key, wanted, new_data_key=left)
        if secret is None:  # nothing that could be written instead
            return self._rewrapper.secret(file.path, key, wanted, new_data_key=True)
        reason = "it was changed without regconf, and gets a new data key"
        return self._sealed(before, after, secret, None, reason)

    def _sealed(
        self,
        before: ManagementCluster,
        after: ManagementCluster,
        secret: Secret,
        previous: str | None,
        reason: str,
    ) -> Change:
        """A Secret as `regenerate` would write it."""
        vault = Vault(before.accounts, self._identities)
        sealed = None
        if not self._rewrapper.check:
            sealed = secrets.sealed(secret, after.accounts, vault, self._identities, previous)
        text = self._source.text(secret.path) or ""
        return Change(Step.CONTENT, secret.path, "update", reason, text, sealed)


def _note_unknown(file: sops.SopsFile, plan: KeyPlan) -> None:
    if file.metadata.unknown_kinds:
        plan.unknown[file.path] = file.metadata.unknown_kinds
