"""One MC's outputs against the work tree: the changes that make them what the inputs give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gitops_regconf import sops
from gitops_regconf.credentials.accounts import Vault
from gitops_regconf.errors import MissingKey, Refused, RegconfError
from gitops_regconf.fleet import layout
from gitops_regconf.fleet.cluster_apps import ClusterApps
from gitops_regconf.fleet.model import Account, Fleet, ManagementCluster
from gitops_regconf.fleet.references import Operation
from gitops_regconf.generate import secrets
from gitops_regconf.generate.apply import is_staged
from gitops_regconf.generate.changes import Action, Change, Gap, Step, file_change
from gitops_regconf.generate.inclusion import (
    LineEdit,
    forms_of,
    inclusion,
    shared_inclusion,
)
from gitops_regconf.generate.outputs import (
    Outputs,
    default_reference,
    mc_component,
    outputs_of,
    secret_recipients,
)
from gitops_regconf.generate.rewrapping import Rewrapper
from gitops_regconf.registries.model import Note
from gitops_regconf.render.header import is_generated
from gitops_regconf.render.secret import Secret
from gitops_regconf.source.files import Files
from gitops_regconf.source.position import Position

_SECRET_SUFFIX = "-secret.yaml"  # noqa: S105  # the end of a file name


@dataclass(frozen=True, slots=True)
class Settings:
    """How a run was asked to go about it."""

    check: bool = False
    prune: bool = False
    diff: bool = False


@dataclass
class Plan:
    """What one run has found: changes, gaps in the inputs, and what its reader should know."""

    changes: list[Change] = field(default_factory=list)
    lines: list[LineEdit] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    errors: list[RegconfError] = field(default_factory=list)
    includers: dict[str, Operation] = field(default_factory=dict)
    secrets: int = 0
    verified: int = 0

    def add(self, other: Plan) -> None:
        """Take in what another plan has found."""
        self.changes += other.changes
        self.lines += other.lines
        self.gaps += other.gaps
        self.notes += other.notes
        self.errors += other.errors
        self.includers |= other.includers
        self.secrets += other.secrets
        self.verified += other.verified


class Planner:
    """Plans the files of one MC after another, for one state of the work tree."""

    def __init__(
        self,
        source: Files,
        fleet: Fleet,
        identities: sops.Identities,
        settings: Settings,
    ):
        self._source = source
        self._fleet = fleet
        self._identities = identities
        self._settings = settings
        self._rewrapper = Rewrapper.of(source, identities, check=settings.check)
        # One for all MCs: what they share (the templates) is built once.
        self._apps = ClusterApps(source, default_reference(fleet))

    def management_cluster(self, mc: ManagementCluster) -> Plan:
        """The plan of one MC; what is wrong with it is among the plan's errors."""
        plan = Plan()
        # As they stand in the work tree: the planned ones may be for other keys.
        vault = Vault(mc.accounts, self._identities)
        try:
            mc, rewrapped = self._rewrapper.accounts(self._fleet, mc)
            for differs, change in rewrapped:
                plan.changes.append(change)
                if differs.removed:
                    message = "who could read this account keeps what was read: change its password"
                    plan.notes.append(Note(message, Position(change.path)))
            outputs = outputs_of(self._fleet, mc, self._apps)
            plan.gaps += outputs.gaps
            plan.notes += outputs.notes
            plan.includers |= outputs.lacking
            self._files(mc, outputs, vault, plan)
        except RegconfError as error:
            plan.errors.append(error)
        plan.includers |= self._apps.take_includers()
        return plan

    def shared(self) -> Plan:
        """The plan of what belongs to no MC, as far as it can be told without them."""
        plan = Plan()
        self._apps.visit_bases()
        plan.includers = self._apps.take_includers()
        return plan

    def needless_shared(
        self, includers: Mapping[str, Operation], *, only_some: bool
    ) -> Iterator[Change]:
        """The removal of forms of the shared component that nothing includes any more.

        With `only_some` MCs in the run, the others may include them.
        """
        wanted = {f"{form}/kustomization.yaml" for form in forms_of(includers)}
        for path in self._owned_files(layout.SHARED_COMPONENT):
            if path not in wanted and not only_some:
                yield self._removal(path, "nothing includes it any more")

    def _files(self, mc: ManagementCluster, outputs: Outputs, vault: Vault, plan: Plan) -> None:
        owned = layout.owned_directory(mc.name)
        for secret in outputs.secrets:
            plan.changes += self._secret(secret, mc, vault, plan)
        wanted = {secret.path for secret in outputs.secrets}
        stale = [] if outputs.gaps else self._stale_secrets(mc, owned, wanted, plan)
        resources = sorted(path.rsplit("/", 1)[1] for path in {*wanted, *stale})
        if not outputs.gaps:
            path, text = mc_component(mc, outputs, resources)
            plan.changes += self._component(path, text)
            directory = layout.management_cluster(mc.name)
            plan.lines += inclusion(self._source, self._apps, directory, owned, wanted=True)
        for path, text in outputs.components.items():
            plan.changes += self._component(path, text)
        for home, own in sorted(outputs.homes.items()):
            plan.changes += self._needless(home, own=own)
            component = f"{home}/{layout.COMPONENT}"
            plan.lines += inclusion(self._source, self._apps, home, component, wanted=own)
        for home, operation in sorted(outputs.lacking.items()):
            plan.lines.append(shared_inclusion(self._source, home, operation))

    def _secret(
        self, secret: Secret, mc: ManagementCluster, vault: Vault, plan: Plan
    ) -> Iterator[Change]:
        plan.secrets += 1
        before = self._source.text(secret.path)
        reason = secrets.drift(secret, mc.accounts, before)
        if reason is None and before is not None:
            verified, reason = secrets.verified(secret, vault, self._identities, before)
            plan.verified += verified
        left = self._rewrapper.has_left(mc.name, secret.recipients)
        if reason is None and left:
            reason = "somebody has left who may know its data key"
        if reason is None:
            return
        after = self._sealed(secret, mc.accounts, vault, None if left else before)
        action: Action = "create" if before is None else "update"
        yield Change(Step.CONTENT, secret.path, action, reason, before, after)

    def _sealed(
        self, secret: Secret, accounts: Mapping[str, Account], vault: Vault, before: str | None
    ) -> str | None:
        if self._settings.check and not self._settings.diff:
            return None
        try:
            return secrets.sealed(secret, accounts, vault, self._identities, before)
        except MissingKey:
            if self._settings.check:
                return None  # a check goes on without a key, and the diff says so
            raise

    def _component(self, path: str, text: str) -> list[Change]:
        before = self._source.text(path)
        return file_change(Step.COMPONENT, path, before, text, _component_reason(before))

    def _needless(self, home: str, *, own: bool) -> Iterator[Change]:
        """The removal of a WC's own component where it needs none any more."""
        directory = f"{home}/{layout.COMPONENT}"
        for path in self._owned_files(directory):
            if not own or path != f"{directory}/kustomization.yaml":
                yield self._removal(path, "this workload cluster has nothing of its own any more")

    def _stale_secrets(
        self, mc: ManagementCluster, owned: str, wanted: set[str], plan: Plan
    ) -> list[str]:
        """Secrets that nothing references any more: kept, and noted, until they are pruned."""
        kept: list[str] = []
        for path in self._owned_files(owned):
            if path in wanted or path == f"{owned}/kustomization.yaml":
                continue
            if not path.endswith(_SECRET_SUFFIX):
                plan.changes.append(self._removal(path, "nothing generates it any more"))
                continue
            name = path.rsplit("/", 1)[1].removesuffix(_SECRET_SUFFIX)
            if self._settings.prune:
                plan.changes.append(self._removal(path, "no cluster takes it in any more"))
                message = (
                    f"where Flux does not prune, delete it at {mc.name}: kubectl --namespace "
                    f"{self._fleet.output.namespace} delete secret {name}"
                )
            else:
                message = "no cluster takes it in any more; `regconf regenerate --prune` removes it"
                if self._kept(mc, path, plan):
                    kept.append(path)
            plan.notes.append(Note(message, Position(path)))
        return kept

    def _kept(self, mc: ManagementCluster, path: str, plan: Plan) -> bool:
        """Keep a Secret that nothing references, encrypted for whom it should be.

        Flux still applies it, so it must open with the MC's key. One that is
        not well-formed and encrypted is removed instead.
        """
        before = self._source.text(path) or ""
        recipients = secret_recipients(self._fleet, mc)
        problem = secrets.not_encrypted(before, path)
        if problem:
            plan.changes.append(self._removal(path, problem))
            return False
        differs = self._rewrapper.of_secret(sops.parse(before, path), mc.name, recipients)
        if differs:
            left = bool(differs.removed)
            key = self._fleet.output.key
            plan.changes.append(self._rewrapper.secret(path, key, recipients, new_data_key=left))
        return True

    def _removal(self, path: str, reason: str) -> Change:
        return Change(Step.REMOVAL, path, "delete", reason, self._source.text(path), None)

    def _owned_files(self, directory: str) -> Iterator[str]:
        """The generated files in an owned directory; raises Refused at any other file."""
        for path in self._source.files_below(directory):
            if is_staged(path.rsplit("/", 1)[1]):
                continue
            if not is_generated(self._source.text(path) or ""):
                raise Refused(
                    f"this file is not the generator's, but {directory}/ is",
                    at=Position(path),
                    mend="Move it elsewhere: files here are generated, and removed when they are "
                    "not needed any more.",
                )
            yield path


def _component_reason(before: str | None) -> str:
    if before is not None and not is_generated(before):
        return "replaced by hand"
    return "not what the inputs give, or edited by hand"
