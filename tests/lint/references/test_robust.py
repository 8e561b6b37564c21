"""What is of no concern is no error; what is made to hurt ends in a clear word."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_regconf.errors import CannotCheck, InvalidInput
from gitops_regconf.fleet.load import load
from gitops_regconf.lint.outcome import Outcome
from gitops_regconf.lint.references import real
from gitops_regconf.lint.references.check import check
from gitops_regconf.source.worktree import WorkTree
from tests.lint.references.conftest import Check
from tests.support import FleetRepo

NAME = "container-registries-configuration"
FLUX = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: tools, namespace: flux-giantswarm}
spec:
  path: ./tools
  sourceRef: {kind: GitRepository, name: management-clusters-fleet}
"""
K = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
APP = """\
apiVersion: application.giantswarm.io/v1alpha1
kind: App
metadata: {name: dev1, namespace: org-acme}
spec: {name: cluster-aws, version: 7.7.3}
"""
OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cluster-aws}\n"


def clean(outcome: Outcome) -> bool:
    return not outcome.findings and not outcome.errors


def test_unrelated_files_are_no_errors(fleet: FleetRepo, checked: Check) -> None:
    fleet.write("docs/broken.yaml", "a: [\n")
    fleet.write("charts/x/templates/flux.yaml", FLUX + "  x: {{ if }}\n - {{ .y }}\n")
    (fleet.root / "docs/latin.yaml").write_bytes(b"name: Z\xfcrich\n")
    (fleet.root / "docs/binary.yaml").write_bytes(bytes(range(256)))
    (fleet.root / "docs/link.yaml").symlink_to("/etc/passwd")
    (fleet.root / "docs/nowhere.yaml").symlink_to("nowhere")
    (fleet.root / "linked").symlink_to("docs")
    fleet.write(".venv/lib/flux.yaml", FLUX)
    fleet.write("bases/patch.yaml", FLUX.partition("spec:")[0] + "spec: {timeout: 1m}\n")
    assert clean(checked())


def test_a_directory_without_anything_about_clusters_may_be_beyond_us(
    fleet: FleetRepo, checked: Check
) -> None:
    fleet.write("tools.yaml", FLUX)
    fleet.write("tools/kustomization.yaml", f"{K}resources: [a.yaml]\ntransformers: [b.yaml]\n")
    fleet.write("tools/a.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n")
    assert clean(checked())
    (fleet.root / "tools/kustomization.yaml").unlink()
    fleet.write("tools/values.yaml", "no: object\n")
    assert clean(checked())


def test_a_flux_kustomization_that_cannot_be_read_is_an_error(
    fleet: FleetRepo, checked: Check
) -> None:
    fleet.write("tools.yaml", FLUX + "  x: [\n")
    (error,) = checked().errors
    assert error.at
    assert error.at.path == "tools.yaml"


def test_what_a_build_needs_must_be_there_and_no_link(fleet: FleetRepo, checked: Check) -> None:
    fleet.write("tools.yaml", FLUX)
    fleet.write("tools/kustomization.yaml", f"{K}resources: [a.yaml]\n")
    outcome = checked()
    assert (outcome.exit_code, "tools/a.yaml" in str(outcome.errors[0])) == (2, True)
    (fleet.root / "tools/a.yaml").symlink_to("/etc/passwd")
    outcome = checked()
    assert (outcome.exit_code, "symbolic link" in str(outcome.errors[0])) == (2, True)


def chain(fleet: FleetRepo, levels: int) -> None:
    fleet.write("tools.yaml", FLUX)
    fleet.write("tools/kustomization.yaml", f"{K}resources: [../k/0]\n")
    for level in range(levels):
        fleet.write(f"k/{level}/kustomization.yaml", f"{K}resources: [../{level + 1}]\n")
    fleet.write(f"k/{levels}/kustomization.yaml", f"{K}resources: [a.yaml]\n")
    fleet.write(f"k/{levels}/a.yaml", OBJECT)


def test_deep_nesting_cannot_be_checked(fleet: FleetRepo, checked: Check) -> None:
    chain(fleet, 40)
    assert clean(checked())
    chain(fleet, 1000)
    outcome = checked()
    (error,) = outcome.errors
    assert isinstance(error, CannotCheck)
    assert "nested too deeply" in str(error)


def test_components_that_double_at_each_level_end_soon(fleet: FleetRepo, checked: Check) -> None:
    fleet.write("tools.yaml", FLUX)
    fleet.write("tools/kustomization.yaml", f"{K}resources: [a.yaml]\ncomponents: [c0]\n")
    fleet.write("tools/a.yaml", OBJECT)
    component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
    for level in range(40):
        both = f"components: [../c{level + 1}, ../c{level + 1}]\n"
        fleet.write(f"tools/c{level}/kustomization.yaml", component + both)
    fleet.write("tools/c40/kustomization.yaml", component + "namePrefix: a\n")
    (error,) = checked().errors
    assert isinstance(error, CannotCheck)


def test_a_circle_is_an_error(fleet: FleetRepo, checked: Check) -> None:
    fleet.write("tools.yaml", FLUX)
    fleet.write("tools/kustomization.yaml", f"{K}resources: [x, a.yaml]\n")
    fleet.write("tools/a.yaml", OBJECT)
    fleet.write("tools/x/kustomization.yaml", f"{K}resources: [../../tools]\n")
    (error,) = checked().errors
    assert isinstance(error, InvalidInput)
    assert "form a circle: tools → tools/x → tools" in str(error)


@pytest.mark.parametrize("path", ["../outside", "./nowhere", "/../x"])
def test_a_directory_that_is_not_here(
    fleet: FleetRepo, checked: Check, path: str, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    fleet.write("tools.yaml", FLUX.replace("./tools", path))
    outcome = checked()
    assert (outcome.exit_code, "is not here" in str(outcome.errors[0])) == (3, True)


def test_files_that_are_not_those_on_disk_are_never_given_to_kustomize(
    fleet: FleetRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(_root: Path) -> str:
        raise AssertionError

    monkeypatch.setattr(real, "find_kustomize", asked)
    source = WorkTree(fleet.root, {"tools.yaml": FLUX, "tools/app.yaml": APP})
    loaded, _ = load(source)
    (finding,) = check(source, loaded, source).findings
    assert finding.at.path == "tools/app.yaml"


# --- Without a kustomization, Flux generates one.


def test_a_directory_without_a_kustomization_is_applied_as_a_whole(
    fleet: FleetRepo, checked: Check
) -> None:
    fleet.write("tools.yaml", FLUX)
    fleet.write("tools/deep/below/app.yml", APP.replace("dev1", "other"))
    fleet.write("tools/text.txt", "no: yaml: at all")
    fleet.write("tools/base/kustomization.yaml", f"{K}resources: [a.yaml]\n")
    fleet.write("tools/base/a.yaml", APP.replace("dev1", "third"))
    fleet.write("tools/base/not-listed.yaml", APP.replace("dev1", "fourth"))
    found = [one.message.split("'")[1] for one in checked().findings]
    assert found == ["third", "other"]


def test_what_is_no_object_would_stop_flux(fleet: FleetRepo, checked: Check) -> None:
    fleet.write("tools.yaml", FLUX)
    fleet.write("tools/app.yaml", APP.replace("dev1", "other"))
    fleet.write("tools/values.yaml", "some: values\n")
    outcome = checked()
    (error,) = outcome.errors
    assert (error.at and error.at.path, outcome.exit_code) == ("tools/values.yaml", 2)
    assert "Write a kustomization.yaml in tools" in str(error)


def test_the_fields_of_a_flux_kustomization_hold_for_what_it_generates(
    fleet: FleetRepo, checked: Check
) -> None:
    fleet.write("tools.yaml", FLUX + "  namePrefix: far-\n  targetNamespace: x\n")
    fleet.write("tools/app.yaml", APP)
    (finding,) = checked().findings
    assert "'far-dev1'" in finding.message


@pytest.mark.parametrize("field", ["patchesStrategicMerge", "patchesJson6902"])
def test_deprecated_patches_of_a_flux_kustomization_cannot_be_told(
    fleet: FleetRepo, checked: Check, field: str
) -> None:
    fleet.write("tools.yaml", FLUX + f"  {field}: [{{}}]\n")
    fleet.write("tools/app.yaml", APP)
    outcome = checked()
    assert (outcome.exit_code, f"spec.{field}" in str(outcome.errors[0])) == (3, True)
