"""The kustomize components that carry the Secret and the reference to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from gitops_regconf.fleet.app import APP_GROUP
from gitops_regconf.fleet.cluster_apps import TEMPLATE_NAME, TEMPLATE_NAMESPACE
from gitops_regconf.fleet.references import Append, Create, Keep, Operation, Reference, Swap
from gitops_regconf.render.header import header
from gitops_regconf.sops import emit, headed

_LIST = "/spec/extraConfigs"
TEMPLATE = (TEMPLATE_NAME, TEMPLATE_NAMESPACE)


def component(
    source: str,
    reference: Reference,
    operation: Operation,
    *,
    targets: Sequence[tuple[str, str]] = (TEMPLATE,),
    resources: Sequence[str] = (),
) -> str:
    """The text of a component that brings `reference` into the Apps that it targets.

    `targets` are pairs of name and namespace. `operation` must have been chosen
    from the App that the component will meet; should that App change later, the
    build fails loudly at the `test`.
    """
    patch = emit(json6902(reference, operation), indent=2).rstrip("\n")
    data: dict[str, Any] = {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        **({"resources": list(resources)} if resources else {}),
        "patches": [
            {
                "target": {
                    "group": APP_GROUP,
                    "version": "v1alpha1",
                    "kind": "App",
                    "name": escaped(name),
                    "namespace": escaped(namespace),
                },
                "patch": patch,
            }
            for name, namespace in targets
        ],
    }
    return emit(headed(data, header(source)), indent=2)


def json6902(reference: Reference, operation: Operation) -> list[dict[str, Any]]:
    """The JSON6902 patch of an operation.

    Tried with kustomize 5.6.0, 5.7.1 and 5.8.1: `test` of null holds where the
    list is absent or null, and stops the build once there is one.
    """
    match operation:
        case Create():
            return [
                {"op": "test", "path": _LIST, "value": None},
                {"op": "add", "path": _LIST, "value": [reference.entry()]},
            ]
        case Append():
            return [{"op": "add", "path": f"{_LIST}/-", "value": reference.entry()}]
        case Swap(index, of):
            return [
                {"op": "test", "path": f"{_LIST}/{index}/name", "value": of.name},
                {"op": "replace", "path": f"{_LIST}/{index}", "value": reference.entry()},
            ]
        case Keep(index):
            return [{"op": "test", "path": f"{_LIST}/{index}/name", "value": reference.name}]


def escaped(name: str) -> str:
    r"""`name` as a target pattern of kustomize, which takes it for a regular expression.

    `${cluster_name}` becomes `\$\{cluster_name\}`; dashes need no escape.
    """
    return re.sub(r"([.\\+*?^$()\[\]{}|])", r"\\\1", name)
