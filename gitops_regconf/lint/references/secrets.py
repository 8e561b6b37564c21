"""The Secrets that clusters of an MC take in, and what becomes of them on their way into it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal

from gitops_regconf.errors import CannotCheck, RegconfError
from gitops_regconf.fleet import layout
from gitops_regconf.fleet.app import App
from gitops_regconf.fleet.references import Reference
from gitops_regconf.lint.references.applied import AppliedBy, place_of
from gitops_regconf.lint.references.flux import annotation, keeps_variables
from gitops_regconf.lint.references.subjects import Applied, RegistrySecret
from gitops_regconf.source.files import Files
from gitops_regconf.source.position import Position


def registry_secrets(
    source: Files, found: Sequence[AppliedBy], needed: Collection[tuple[str, Reference]]
) -> Iterator[RegistrySecret]:
    """Each Secret that some cluster of an MC takes in, given as the MC's name and the reference."""
    every = [(by, one) for by in found for one in by.objects if one.kind == "Secret"]
    for mc, reference in sorted(set(needed), key=lambda one: (one[0], one[1].name)):
        path = f"{layout.owned_directory(mc)}/{reference.name}-secret.yaml"
        exists, mac = _file(source, path)
        of_mc = [both for both in every if both[0].mc in (mc, None)]
        itself = [both for both in of_mc if _comes_from(both[1], path, mac)]
        namesakes = [
            both
            for both in of_mc
            if both not in itself and both[0].mc and _has_name(both[1], reference)
        ]
        # Another Secret of that name is no stand-in for the one that is generated.
        shown = itself + namesakes if itself or not exists else []
        applied = tuple(_applied(by, secret) for by, secret in shown)
        if not applied and any(by.built is None and by.mc in (mc, None) for by in found):
            continue  # it may be in what could not be built, which is an error already
        yield RegistrySecret(mc, reference, Position(path), exists, applied)


def without_flux(
    found: Sequence[AppliedBy], secrets: Sequence[RegistrySecret]
) -> Iterator[RegconfError]:
    """What cannot be told where the Flux Kustomization of an MC is in no file of the fleet."""
    for mc in dict.fromkeys(secret.mc for secret in secrets):
        if any(by.flux is None and by.mc == mc for by in found):
            directory = layout.management_cluster(mc)
            yield CannotCheck(
                f"no Flux Kustomization in this repository builds {directory}, so that nothing "
                "here tells whether its Secrets are decrypted",
                at=Position(directory),
            )


def _file(source: Files, path: str) -> tuple[bool, str]:
    """Whether there is a file, and the MAC in it, which no kustomization changes."""
    try:
        text = source.text(path)
        return text is not None, _mac(source.document(path).data) if text else ""
    except RegconfError:
        return True, ""  # what is wrong with it, others say


def _mac(data: Any) -> str:
    block = data.get("sops") if isinstance(data, Mapping) else None
    return str(block.get("mac") or "") if isinstance(block, Mapping) else ""


def _comes_from(secret: App, path: str, mac: str) -> bool:
    return secret.at.path == path or bool(mac and _mac(secret.data) == mac)


def _has_name(secret: App, reference: Reference) -> bool:
    return (secret.name, secret.namespace) == (reference.name, reference.namespace)


def _applied(by: AppliedBy, secret: App) -> Applied:
    flux, data = by.flux, secret.data
    texts = data.get("stringData")
    return Applied(
        secret.name,
        secret.namespace,
        flux.name if flux else "",
        place_of(by),
        _decryption(by, data),
        substituted=bool(flux and flux.substitutes and texts and not keeps_variables(data)),
        held_back=tuple(_held_back(by, data)),
        elsewhere=bool(flux and flux.spec.get("kubeConfig")),
    )


def _decryption(
    by: AppliedBy, data: Mapping[str, Any]
) -> Literal["key", "no key", "none", "disabled", "not needed"]:
    if not _mac(data) or by.flux is None:
        return "not needed"
    if annotation(data, "decrypt") == "disabled":
        return "disabled"
    decryption = by.flux.spec.get("decryption")
    if not isinstance(decryption, Mapping) or decryption.get("provider") != "sops":
        return "none"
    reference = decryption.get("secretRef")
    named = isinstance(reference, Mapping) and reference.get("name")
    return "key" if named or decryption.get("serviceAccountName") else "no key"


def _held_back(by: AppliedBy, data: Mapping[str, Any]) -> Iterator[str]:
    if by.flux and by.flux.spec.get("suspend") is True:
        yield f"the Flux Kustomization {by.flux.name!r} is suspended"
    for name, values in {"reconcile": ("disabled",), "ssa": ("ignore", "ifnotpresent")}.items():
        value = annotation(data, name)
        if value in values:
            yield f"its annotation kustomize.toolkit.fluxcd.io/{name} is {value}"
    if data.get("immutable") is True:
        yield "it is immutable"
