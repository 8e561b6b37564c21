"""The Secrets: included, in place, decrypted, left as they are, and applied."""

from __future__ import annotations

import pytest

from gitops_regconf.lint.outcome import Outcome
from tests.lint.references.conftest import Check
from tests.support import FleetRepo

NAME = "container-registries-configuration"
ALPHA = "management-clusters/alpha"
FLUX = f"{ALPHA}/alpha.yaml"
OWNED = f"{ALPHA}/container-registries"
SECRET = f"{OWNED}/{NAME}-secret.yaml"

RENAMED = """\
patches:
- target: {kind: Secret}
  patch: '[{"op": "replace", "path": "/metadata/name", "value": "x"}]'
"""
DELETED = f"""\
  patches:
  - patch: |
      apiVersion: v1
      kind: Secret
      metadata: {{name: {NAME}, namespace: default}}
      $patch: delete
"""


def rules(outcome: Outcome) -> list[str]:
    return [finding.rule for finding in outcome.findings]


def in_flux(fleet: FleetRepo, text: str) -> None:
    """Add lines to the spec of alpha's Flux Kustomization."""
    fleet.edit(FLUX, "  interval: 5m\n", f"  interval: 5m\n{text}")


def test_a_secret_that_the_kustomization_does_not_list(fleet: FleetRepo, checked: Check) -> None:
    fleet.edit(f"{OWNED}/kustomization.yaml", f"  - {NAME}-secret.yaml\n", "")
    (finding,) = checked().findings
    assert (finding.rule, finding.at.path) == ("secret-not-included", SECRET)
    assert "is in nothing that the Flux of alpha applies" in finding.message


def test_a_secret_that_does_not_exist(fleet: FleetRepo, checked: Check) -> None:
    fleet.edit(f"{OWNED}/kustomization.yaml", f"  - {NAME}-secret.yaml\n", "")
    (fleet.root / SECRET).unlink()
    (finding,) = checked().findings
    assert finding.rule == "secret-not-included"
    assert "does not exist, and clusters of alpha take it in" in finding.message


def test_the_secret_of_another_mc_is_no_stand_in(fleet: FleetRepo, checked: Check) -> None:
    fleet.edit(
        f"{OWNED}/kustomization.yaml",
        f"  - {NAME}-secret.yaml\n",
        f"  - ../../bravo/container-registries/{NAME}-secret.yaml\n",
    )
    assert rules(checked()) == ["secret-not-included"]


def test_the_secret_of_an_external_cluster_is_needed_too(fleet: FleetRepo, checked: Check) -> None:
    fleet.run("add-wc", "ext1", "--mc", "alpha", "--organization", "acme", "--external")
    path = f"{ALPHA}/workload-clusters/ext1/regconf.yaml"
    fleet.write(path, fleet.read(path) + "containerRegistries: {ghcr.io: [{endpoint: ghcr.io}]}\n")
    (finding,) = checked().findings
    assert (finding.rule, f"'ext1-{NAME}' does not exist" in finding.message) == (
        "secret-not-included",
        True,
    )


def test_two_flux_kustomizations_that_apply_one_secret(fleet: FleetRepo, checked: Check) -> None:
    again = fleet.read(FLUX).replace("name: flux\n", "name: again\n")
    fleet.write("again.yaml", again.replace(f"./{ALPHA}", f"./{ALPHA}/extra"))
    fleet.write(
        f"{ALPHA}/extra/kustomization.yaml",
        f"resources: [../container-registries/{NAME}-secret.yaml]\n",
    )
    (finding,) = checked().findings
    assert finding.rule == "secret-not-included"
    assert "applied 2 times, by the Flux Kustomizations again and flux" in finding.message


@pytest.mark.parametrize(
    ("where", "text", "becomes"),
    [
        ("kustomization", "namespace: flux-giantswarm\n", f"{NAME!r} in 'flux-giantswarm'"),
        ("kustomization", "namePrefix: a-\n", f"'a-{NAME}' in 'default'"),
        ("kustomization", "nameSuffix: -z\n", f"'{NAME}-z' in 'default'"),
        ("flux", "  targetNamespace: flux-giantswarm\n", f"{NAME!r} in 'flux-giantswarm'"),
        (
            "kustomization",
            RENAMED,
            "'x' in 'default'",
        ),
        (
            "flux",
            DELETED,
            "",
        ),
    ],
)
def test_what_moves_a_secret(
    fleet: FleetRepo, checked: Check, where: str, text: str, becomes: str
) -> None:
    prod1 = f"  - prod1-{NAME}-secret.yaml\n"
    fleet.edit(f"{OWNED}/kustomization.yaml", prod1, "")  # one Secret is enough here
    if where == "flux":
        in_flux(fleet, text)
    else:
        path = f"{ALPHA}/kustomization.yaml"
        fleet.write(path, fleet.read(path) + text)
    outcome = checked()
    of_default = [one for one in outcome.findings if f"Secret {NAME!r}" in one.message]
    if not becomes:
        assert [one.rule for one in of_default] == ["secret-not-included"]
        return
    moved = [one for one in of_default if one.rule == "secret-moved"]
    assert len(moved) == 1
    assert becomes in moved[0].message


def test_a_flux_kustomization_that_does_not_decrypt(fleet: FleetRepo, checked: Check) -> None:
    fleet.edit(
        FLUX, "  decryption:\n    provider: sops\n    secretRef:\n      name: sops-keys\n", ""
    )
    outcome = checked()
    assert rules(outcome) == ["secret-not-decrypted"] * 2
    assert outcome.findings[0].at.path == FLUX


def test_a_decryption_without_a_key_is_a_warning(fleet: FleetRepo, checked: Check) -> None:
    fleet.edit(FLUX, "    secretRef:\n      name: sops-keys\n", "")
    assert {(one.rule, one.severity) for one in checked().findings} == {
        ("secret-not-decrypted", "warning")
    }
    fleet.edit(FLUX, "    provider: sops\n", "    provider: sops\n    serviceAccountName: flux\n")
    assert checked().findings == ()


def test_decryption_that_a_patch_adds_counts(fleet: FleetRepo, checked: Check) -> None:
    decryption = "  decryption:\n    provider: sops\n    secretRef:\n      name: sops-keys\n"
    fleet.edit(FLUX, decryption, "")
    path = f"{ALPHA}/kustomization.yaml"
    patch = (
        "patches:\n- patch: |\n    apiVersion: kustomize.toolkit.fluxcd.io/v1\n"
        "    kind: Kustomization\n    metadata: {name: flux, namespace: flux-giantswarm}\n"
        "    spec: {decryption: {provider: sops, secretRef: {name: sops-keys}}}\n"
    )
    fleet.write(path, fleet.read(path) + patch)
    assert checked().findings == ()


def annotated(fleet: FleetRepo, name: str, value: str) -> None:
    fleet.edit(SECRET, "    annotations:\n", f"    annotations:\n        {name}: {value}\n")


def test_an_annotation_against_decryption(fleet: FleetRepo, checked: Check) -> None:
    annotated(fleet, "kustomize.toolkit.fluxcd.io/decrypt", "Disabled")
    assert rules(checked()) == ["secret-not-decrypted"]


def test_a_plain_secret_is_left_to_another_rule(fleet: FleetRepo, checked: Check) -> None:
    text = fleet.read(SECRET).partition("\nsops:\n")[0]
    fleet.write(SECRET, text + "\n")
    fleet.edit(FLUX, "    provider: sops\n", "    provider: none\n")
    assert ["prod1" in one.message for one in checked().findings] == [True]


def test_string_data_that_flux_fills_in(fleet: FleetRepo, checked: Check) -> None:
    in_flux(fleet, "  postBuild: {substitute: {a: b}}\n")
    assert checked().findings == ()  # base64 under `data` holds no variable
    fleet.edit(SECRET, "\ndata:\n", "\nstringData:\n")
    assert rules(checked()) == ["secret-substituted"]
    annotated(fleet, "kustomize.toolkit.fluxcd.io/substitute", "disabled")
    assert checked().findings == ()


def test_string_data_without_any_variable_is_left_alone(fleet: FleetRepo, checked: Check) -> None:
    fleet.edit(SECRET, "\ndata:\n", "\nstringData:\n")
    assert checked().findings == ()
    in_flux(fleet, "  postBuild: {substituteFrom: [{kind: ConfigMap, name: x}]}\n")
    assert rules(checked()) == ["secret-substituted"]


@pytest.mark.parametrize(
    ("name", "value"), [("reconcile", "disabled"), ("ssa", "IfNotPresent"), ("ssa", "Ignore")]
)
def test_what_holds_a_secret_back_is_a_warning(
    fleet: FleetRepo, checked: Check, name: str, value: str
) -> None:
    annotated(fleet, f"kustomize.toolkit.fluxcd.io/{name}", value)
    (finding,) = checked().findings
    assert (finding.rule, finding.severity) == ("secret-held-back", "warning")


def test_a_suspended_flux_kustomization_is_a_warning(fleet: FleetRepo, checked: Check) -> None:
    in_flux(fleet, "  suspend: true\n  prune: true\n")
    fleet.edit(FLUX, "  prune: false\n", "")
    assert {(one.rule, one.severity) for one in checked().findings} == {
        ("secret-held-back", "warning")
    }


def test_a_secret_that_goes_to_another_cluster(fleet: FleetRepo, checked: Check) -> None:
    in_flux(fleet, "  kubeConfig: {secretRef: {name: far}}\n")
    assert rules(checked()) == ["secret-moved"] * 2


def test_without_the_flux_kustomization_of_an_mc_decryption_cannot_be_told(
    fleet: FleetRepo, checked: Check
) -> None:
    (fleet.root / FLUX).unlink()
    fleet.edit(f"{ALPHA}/kustomization.yaml", "- alpha.yaml\n", "")
    outcome = checked()
    assert (outcome.findings, outcome.exit_code) == ((), 3)
    assert "builds management-clusters/alpha" in str(outcome.errors[0])


def test_a_failed_build_is_one_error_and_no_findings(fleet: FleetRepo, checked: Check) -> None:
    fleet.edit(f"{ALPHA}/kustomization.yaml", "- organizations\n", "- organisations\n")
    outcome = checked()
    assert (outcome.findings, outcome.exit_code) == ((), 2)
    (error,) = outcome.errors
    assert "organisations" in str(error)
