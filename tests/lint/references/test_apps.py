"""What cluster Apps and HelmReleases must take in, and what is said where they do not."""

from __future__ import annotations

import pytest

from gitops_regconf.errors import CannotCheck
from gitops_regconf.lint.outcome import Outcome
from tests.lint.references.conftest import Check
from tests.support import FleetRepo

NAME = "container-registries-configuration"
ALPHA = "management-clusters/alpha"
OF_WCS = f"{ALPHA}/organizations/acme/workload-clusters"
FLUX = f"{OF_WCS}/dev1.yaml"
MAPI = f"{OF_WCS}/dev1/mapi/kustomization.yaml"
LIST = "/spec/extraConfigs"


def rules(outcome: Outcome) -> list[str]:
    return [finding.rule for finding in outcome.findings]


def patched(fleet: FleetRepo, *operations: str) -> None:
    """Patch the App of dev1 on top of what the generated component does."""
    patch = f"patches:\n- target: {{kind: App}}\n  patch: '[{', '.join(operations)}]'\n"
    fleet.edit(MAPI, "- cluster\n", "- cluster\n" + patch)


def add(entry: str) -> str:
    return f'{{"op": "add", "path": "{LIST}/-", "value": {entry}}}'


OWN = f'{{"kind": "secret", "name": "{NAME}", "namespace": "default"}}'


def test_the_demo_fleet_is_clean(checked: Check) -> None:
    outcome = checked()
    assert (outcome.findings, outcome.errors) == ((), ())
    assert outcome.checked == {"apps": 10, "secrets": 6}


def test_a_second_inclusion(fleet: FleetRepo, checked: Check) -> None:
    patched(fleet, add(OWN))
    (finding,) = checked().findings
    assert finding.rule == "secret-taken-in-twice"
    assert "'dev1' takes in the Secret 'container-registries-configuration' 2 times" in str(finding)


def test_another_registry_secret_beside_the_right_one(fleet: FleetRepo, checked: Check) -> None:
    patched(fleet, add(OWN.replace(NAME, f"prod1-{NAME}")))
    (finding,) = checked().findings
    assert finding.rule == "secret-taken-in-twice"
    assert "also takes in 'prod1-container-registries-configuration'" in finding.message


def test_a_secret_of_a_team_with_a_similar_name_is_none_of_ours(
    fleet: FleetRepo, checked: Check
) -> None:
    patched(fleet, add(OWN.replace(NAME, f"team-{NAME}-extra")))
    assert checked().findings == ()


def test_a_configmap_of_the_same_name_beside_the_secret(fleet: FleetRepo, checked: Check) -> None:
    patched(fleet, add(f'{{"name": "{NAME}", "namespace": "default"}}'))
    (finding,) = checked().findings
    assert finding.rule == "secret-taken-in-twice"
    assert "as a ConfigMap of 'default'" in finding.message


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("kind", "configMap", "as a ConfigMap, and it is a Secret"),
        ("kind", "Secret", "its kind must be written `secret`, and is 'Secret'"),
        ("namespace", "org-acme", "from another namespace, 'org-acme', and it is in 'default'"),
        ("name", f"prod1-{NAME}", f"but 'prod1-{NAME}', which is not its own"),
        ("name", "other", "so its nodes pull without it"),
    ],
)
def test_an_entry_that_is_not_quite_the_reference(
    fleet: FleetRepo, checked: Check, path: str, value: str, said: str
) -> None:
    patched(fleet, f'{{"op": "replace", "path": "{LIST}/0/{path}", "value": "{value}"}}')
    (finding,) = checked().findings
    assert finding.rule == "secret-not-taken-in"
    assert said in finding.message
    assert "`regconf regenerate alpha`" in finding.mend


def test_a_strategic_patch_that_replaces_the_list(fleet: FleetRepo, checked: Check) -> None:
    path = f"{OF_WCS}/dev1/mapi/cluster/patch_user_config.yaml"
    text = fleet.read(path)
    fleet.write(f"{OF_WCS}/dev1/mapi/late.yaml", text + "  extraConfigs: []\n")
    fleet.edit(MAPI, "- cluster\n", "- cluster\npatches:\n- path: late.yaml\n")
    assert rules(checked()) == ["secret-not-taken-in"]


def test_a_patch_of_the_flux_kustomization_that_drops_the_list(
    fleet: FleetRepo, checked: Check
) -> None:
    fleet.edit(
        FLUX,
        "  interval: 5m\n",
        "  interval: 5m\n  patches:\n  - target: {kind: App}\n"
        f'    patch: \'[{{"op": "remove", "path": "{LIST}"}}]\'\n',
    )
    assert rules(checked()) == ["secret-not-taken-in"]


def test_a_component_of_the_flux_kustomization_that_adds_the_entry_again(
    fleet: FleetRepo, checked: Check
) -> None:
    shared = "../../../../../../../bases/components/container-registries"
    fleet.edit(FLUX, "  interval: 5m\n", f"  interval: 5m\n  components: [{shared}]\n")
    assert rules(checked()) == ["secret-taken-in-twice"]


def test_what_our_own_evaluation_does_not_know_is_exit_code_3(
    fleet: FleetRepo, checked: Check
) -> None:
    fleet.edit(MAPI, "- cluster\n", "- cluster\ntransformers: [more.yaml]\n")
    outcome = checked()
    (error,) = outcome.errors
    assert isinstance(error, CannotCheck)
    assert error.at
    assert (error.at.path, outcome.exit_code) == (MAPI, 3)


def test_names_in_entries_are_filled_in_by_flux(fleet: FleetRepo, checked: Check) -> None:
    replaced = f'{{"op": "replace", "path": "{LIST}/0/name", "value": "${{what}}-configuration"}}'
    patched(fleet, replaced)
    outcome = checked()
    assert outcome.exit_code == 3
    assert "filled in from elsewhere" in str(outcome.errors[0])
    fleet.edit(FLUX, "    substitute:\n", "    substitute:\n      what: container-registries\n")
    assert checked().exit_code == 0
    fleet.edit(FLUX, "what: container-registries", "what: other")
    assert rules(checked()) == ["secret-not-taken-in"]


def test_an_app_whose_text_flux_leaves_alone(fleet: FleetRepo, checked: Check) -> None:
    patched(
        fleet,
        '{"op": "add", "path": "/metadata/annotations",'
        ' "value": {"kustomize.toolkit.fluxcd.io/substitute": "disabled"}}',
    )
    outcome = checked()
    assert outcome.exit_code == 3
    assert "${cluster_name}" in str(outcome.errors[0])


def test_a_flux_kustomization_counts_as_others_build_it(fleet: FleetRepo, checked: Check) -> None:
    """Its path and its variables may come from patches and from the Flux Kustomization above."""
    fleet.edit(FLUX, 'cluster_name: "dev1"', 'cluster_name: "nobody"')
    fleet.edit(
        f"{OF_WCS}/kustomization.yaml",
        "resources:\n",
        "patches:\n- target: {kind: Kustomization, name: clusters-dev1}\n"
        '  patch: \'[{"op": "replace", "path": "/spec/postBuild/substitute/cluster_name",'
        ' "value": "dev1"}]\'\nresources:\n',
    )
    assert checked().exit_code == 0


def test_a_cluster_that_nobody_configures_is_a_warning(fleet: FleetRepo, checked: Check) -> None:
    text = fleet.read(FLUX).replace("clusters-dev1", "clusters-new").replace('"dev1"', '"new"')
    fleet.write(f"{OF_WCS}/new.yaml", text)
    outcome = checked()
    (finding,) = outcome.findings
    assert (finding.rule, finding.severity) == ("unknown-cluster-app", "warning")
    assert "regconf add-wc new --mc alpha" in finding.mend
    assert outcome.exit_code == 0


def test_a_cluster_without_an_app_does_not_pass(fleet: FleetRepo, checked: Check) -> None:
    (fleet.root / FLUX).unlink()
    fleet.edit(f"{OF_WCS}/kustomization.yaml", "- dev1.yaml\n", "")
    outcome = checked()
    assert outcome.exit_code == 3
    assert "holds the cluster App of 'dev1'" in str(outcome.errors[0])


def test_a_flux_kustomization_for_another_repository_is_left_alone(
    fleet: FleetRepo, checked: Check
) -> None:
    flux = fleet.read(FLUX).replace("management-clusters-fleet", "catalogs")
    path = f"./{OF_WCS}/dev1/mapi"
    assert path in flux
    fleet.write("other.yaml", flux.replace(path, "./catalogs").replace("clusters-dev1", "c"))
    assert checked().exit_code == 0
    fleet.edit("other.yaml", "name: catalogs", "name: management-clusters-fleet")
    assert checked().exit_code == 3


HELM = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: helm1, namespace: {namespace}}}
spec:
  {chart}
  valuesFrom: {entries}
"""
CHART = "chart: {spec: {chart: cluster-aws, version: 7.7.3}}"
RIGHT = f"[{{kind: Secret, name: {NAME}}}]"


def with_release(
    fleet: FleetRepo, entries: str, namespace: str = "default", chart: str = CHART
) -> None:
    base = f"{OF_WCS}/helm1/mapi"
    dev1 = fleet.read(f"{OF_WCS}/dev1/regconf.yaml")
    fleet.write(f"{OF_WCS}/helm1/regconf.yaml", dev1.replace("name: dev1", "name: helm1"))
    fleet.write(f"{base}/release.yaml", HELM.format(**locals()))
    fleet.write(f"{base}/kustomization.yaml", "resources: [release.yaml]\n")
    text = fleet.read(FLUX).replace("clusters-dev1", "clusters-helm1").replace("/dev1/", "/helm1/")
    fleet.write(f"{OF_WCS}/helm1.yaml", text.replace('"dev1"', '"helm1"'))


@pytest.mark.parametrize("entries", [RIGHT, RIGHT.replace("}]", ", valuesKey: values.yaml}]")])
def test_a_helm_release_takes_its_secret_in_by_values_from(
    fleet: FleetRepo, checked: Check, entries: str
) -> None:
    with_release(fleet, entries)
    assert checked().findings == ()
    assert checked().checked["apps"] == 11


@pytest.mark.parametrize(
    ("entries", "namespace", "said"),
    [
        ("[]", "default", "so its nodes pull without it"),
        (RIGHT.replace("Secret", "ConfigMap"), "default", "as a ConfigMap"),
        (RIGHT, "org-acme", "from another namespace, 'org-acme'"),
        (RIGHT.replace("}]", ", valuesKey: v}]"), "default", "valuesKey is 'v'"),
        (RIGHT.replace("}]", ", targetPath: a.b}]"), "default", "targetPath"),
    ],
)
def test_a_helm_release_that_does_not(
    fleet: FleetRepo, checked: Check, entries: str, namespace: str, said: str
) -> None:
    with_release(fleet, entries, namespace)
    (finding,) = checked().findings
    assert finding.rule == "secret-not-taken-in"
    assert said in finding.message
    assert "spec.valuesFrom" in finding.mend


def test_the_chart_of_a_helm_release_may_be_an_oci_repository(
    fleet: FleetRepo, checked: Check
) -> None:
    with_release(fleet, "[]", chart="chartRef: {kind: OCIRepository, name: chart}")
    release = f"{OF_WCS}/helm1/mapi/release.yaml"
    repository = """---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: chart, namespace: default}
spec: {url: oci://registry.example.com/charts/cluster-aws, ref: {tag: 7.7.3}}
"""
    fleet.write(release, fleet.read(release) + repository)
    assert rules(checked()) == ["secret-not-taken-in"]


def test_a_range_of_chart_versions_cannot_be_checked(fleet: FleetRepo, checked: Check) -> None:
    with_release(fleet, RIGHT, chart=CHART.replace("7.7.3", "'>=7.0.0'"))
    outcome = checked()
    assert outcome.exit_code == 3
    assert "which version of its chart" in str(outcome.errors[0])
