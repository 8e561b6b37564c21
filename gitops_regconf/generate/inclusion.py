"""The lines by which kustomizations that people own include the generator's components."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from gitops_regconf.errors import Refused
from gitops_regconf.fleet import layout
from gitops_regconf.fleet.cluster_apps import ClusterApps
from gitops_regconf.fleet.kustomize import KUSTOMIZATION_FILES
from gitops_regconf.fleet.references import Append, Create, Keep, Operation, Reference
from gitops_regconf.generate.changes import Change, Step, file_change
from gitops_regconf.generate.edits import replaced_item, with_item, without_item
from gitops_regconf.render.components import component
from gitops_regconf.source.documents import Document, document
from gitops_regconf.source.files import Files

_FIELD = "components"


@dataclass(frozen=True, slots=True)
class LineEdit:
    """A line of a kustomization's components: added (no `old`), removed (no `new`), replaced."""

    path: str
    old: str | None
    new: str | None
    reason: str

    def applied(self, file: Document) -> str:
        """The file's text after the edit. Raises InvalidInput where it cannot be made safely."""
        if self.old is None:
            return with_item(file, _FIELD, self.new or "")
        if self.new is None:
            return without_item(file, _FIELD, self.old)
        return replaced_item(file, _FIELD, self.old, self.new)


def line_changes(source: Files, edits: Iterable[LineEdit]) -> Iterator[Change]:
    """One change for each file, with all the edits of its lines."""
    by_path = sorted(edits, key=lambda edit: edit.path)
    for path, group in groupby(by_path, key=lambda edit: edit.path):
        of_file = list(group)
        text = before = source.document(path).text
        for edit in of_file:
            text = edit.applied(document(text, path))
        reason = "; ".join(dict.fromkeys(edit.reason for edit in of_file))
        yield from file_change(Step.INCLUSION, path, before, text, reason)


def inclusion(
    source: Files, apps: ClusterApps, directory: str, own: str, *, wanted: bool
) -> list[LineEdit]:
    """The edit after which the kustomization in `directory` includes `own`, or does not."""
    found = apps.components(directory).count(own)
    if found > 1:
        raise Refused(
            "this kustomization includes the component for container registries twice",
            at=_kustomization(source, directory).at(_FIELD),
            mend="Remove one of the lines.",
        )
    if bool(found) == wanted:
        return []
    path = _kustomization(source, directory).path
    item = posixpath.relpath(own, directory)
    if wanted:
        return [LineEdit(path, None, item, f"the line for {item} is missing")]
    return [LineEdit(path, item, None, f"the line for {item} is not needed any more")]


def shared_inclusion(source: Files, directory: str, operation: Operation) -> LineEdit:
    """The edit that includes the shared component, in the form that fits the App met there."""
    reason = "its App takes in no registry configuration: the line for the component is missing"
    item = posixpath.relpath(_form(operation), directory)
    return LineEdit(_kustomization(source, directory).path, None, item, reason)


def shared_components(
    source: Files, reference: Reference, includers: dict[str, Operation]
) -> list[Change]:
    """The shared component in each form that is in use.

    The plain form appends to a list. A JSON6902 patch can do only one of
    "append" and "create", so an App without a list needs another form.
    """
    changes: list[Change] = []
    for directory, operation in sorted(forms_of(includers).items()):
        path = f"{directory}/kustomization.yaml"
        text = component(layout.FLEET_FILE, reference, operation)
        reason = "not what the inputs give, or edited by hand"
        changes += file_change(Step.COMPONENT, path, source.text(path), text, reason)
    return changes


def forms_of(includers: Mapping[str, Operation]) -> dict[str, Operation]:
    """The directories of the shared component's forms that are in use, and what each does."""
    forms = {_form(operation): operation for operation in includers.values()}
    return {layout.SHARED_COMPONENT: Append(), **forms}


def right_forms(source: Files, includers: dict[str, Operation]) -> Iterator[LineEdit]:
    """The edits of the lines that name a form of the shared component that does not fit."""
    for directory, operation in sorted(includers.items()):
        file = _kustomization(source, directory)
        form = _form(operation)
        for item in file.data.get(_FIELD) or []:
            named = posixpath.normpath(posixpath.join(directory, item))
            if named != form and f"{named}/".startswith(f"{layout.SHARED_COMPONENT}/"):
                reason = "the list of its App has changed: another form of the component fits"
                yield LineEdit(file.path, item, posixpath.relpath(form, directory), reason)


def _form(operation: Operation) -> str:
    match operation:
        case Create():
            return f"{layout.SHARED_COMPONENT}/without-list"
        case Keep(index):
            return f"{layout.SHARED_COMPONENT}/with-entry-{index}"
        case _:
            return layout.SHARED_COMPONENT


def _kustomization(source: Files, directory: str) -> Document:
    name = next(name for name in KUSTOMIZATION_FILES if name in source.names(directory))
    return source.document(f"{directory}/{name}")
