"""`check-fleet-references` with the real kustomize on the PATH, and without it: the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from gitops_regconf.fleet.load import load
from gitops_regconf.lint.outcome import Outcome
from gitops_regconf.lint.references import real
from gitops_regconf.lint.references.check import check
from gitops_regconf.source.worktree import WorkTree
from tests.support import FleetRepo

NAME = "container-registries-configuration"
ALPHA = "management-clusters/alpha"
OF_WCS = f"{ALPHA}/organizations/acme/workload-clusters"
MAPI = f"{OF_WCS}/dev1/mapi/kustomization.yaml"
TOP = f"{ALPHA}/kustomization.yaml"
SECRET = f"{ALPHA}/container-registries/{NAME}-secret.yaml"


def added(path: str, text: str) -> Callable[[FleetRepo], None]:
    return lambda fleet: fleet.write(path, fleet.read(path) + text)


def edited(path: str, old: str, new: str) -> Callable[[FleetRepo], None]:
    return lambda fleet: fleet.edit(path, old, new)


def json6902(kind: str, operation: str) -> str:
    return f"patches:\n- target: {{kind: {kind}}}\n  patch: '[{{{operation}}}]'\n"


LIST = "/spec/extraConfigs"
ENTRY = f'{{"kind": "secret", "name": "{NAME}", "namespace": "default"}}'
VARIATIONS: dict[str, Callable[[FleetRepo], None]] = {
    "no list": added(MAPI, json6902("App", f'"op": "remove", "path": "{LIST}"')),
    "twice": added(MAPI, json6902("App", f'"op": "add", "path": "{LIST}/-", "value": {ENTRY}')),
    "another kind": added(MAPI, json6902("App", f'"op": "remove", "path": "{LIST}/0/kind"')),
    "another name of the App": added(MAPI, "namePrefix: a-\n"),
    "another namespace": added(TOP, "namespace: elsewhere\n"),
    "a prefix": added(TOP, "namePrefix: a-\n"),
    "a suffix": added(TOP, "nameSuffix: -z\n"),
    "a renamed Secret": added(
        TOP, json6902("Secret", '"op": "replace", "path": "/metadata/name", "value": "x"')
    ),
    "an annotation": added(
        TOP, "commonAnnotations: {kustomize.toolkit.fluxcd.io/decrypt: disabled}\n"
    ),
    "not listed": edited(
        f"{ALPHA}/container-registries/kustomization.yaml", f"  - {NAME}-secret.yaml\n", ""
    ),
    "a deleted Secret": added(
        TOP,
        "patches:\n- patch: |\n    $patch: delete\n    apiVersion: v1\n    kind: Secret\n"
        f"    metadata: {{name: {NAME}, namespace: default}}\n",
    ),
    "stringData": edited(SECRET, "\ndata:\n", "\nstringData:\n"),
    "a patch of the Flux Kustomization": added(
        f"{OF_WCS}/kustomization.yaml",
        json6902(
            "Kustomization", '"op": "add", "path": "/spec/postBuild/substitute/x", "value": "y"'
        ),
    ),
    "a resource that is missing": edited(TOP, "- organizations\n", "- organisations\n"),
    "a broken patch": added(MAPI, json6902("App", f'"op": "test", "path": "{LIST}", "value": 1')),
    "Flux generates a kustomization": lambda fleet: (fleet.root / MAPI).unlink(),
}


@pytest.fixture
def alpha(fleet: FleetRepo) -> FleetRepo:
    """The demo fleet with one MC: a third of the builds, and the same things to get wrong."""
    for mc in ("bravo", "charlie", "delta"):
        shutil.rmtree(fleet.root / "management-clusters" / mc)
    return fleet


def checked(fleet: FleetRepo) -> Outcome:
    source = WorkTree(fleet.root)
    loaded, errors = load(source)
    assert errors == []
    return check(source, loaded, source)


def with_kustomize(fleet: FleetRepo, kustomize: str, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    monkeypatch.setenv("PATH", str(Path(kustomize).parent))
    assert shutil.which("kustomize") == kustomize
    return checked(fleet)


def test_the_demo_fleet_is_clean(
    fleet: FleetRepo, kustomize: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = with_kustomize(fleet, kustomize, monkeypatch)
    assert (outcome.findings, outcome.errors) == ((), ())
    assert outcome.checked == {"apps": 10, "secrets": 6}


@pytest.mark.parametrize("variation", VARIATIONS.values(), ids=VARIATIONS)
def test_both_ways_give_the_same(
    alpha: FleetRepo,
    kustomize: str,
    variation: Callable[[FleetRepo], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    variation(alpha)
    monkeypatch.setenv("PATH", "")
    own = checked(alpha)
    theirs = with_kustomize(alpha, kustomize, monkeypatch)
    assert own.findings == theirs.findings
    assert own.exit_code == theirs.exit_code
    assert own.checked == theirs.checked


def test_what_our_own_evaluation_does_not_know_the_real_one_decides(
    alpha: FleetRepo, kustomize: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replacement gives the App the name of another Secret."""
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}
    alpha.write(f"{OF_WCS}/dev1/mapi/c.yaml", yaml.safe_dump({**config, "data": {"name": "other"}}))
    alpha.edit(MAPI, "- cluster\n", "- cluster\n- c.yaml\n")
    replacement = (
        "replacements:\n- source: {kind: ConfigMap, name: c, fieldPath: data.name}\n"
        "  targets:\n  - select: {kind: App}\n    fieldPaths: [spec.extraConfigs.0.name]\n"
    )
    alpha.write(MAPI, alpha.read(MAPI) + replacement)
    monkeypatch.setenv("PATH", "")
    assert checked(alpha).exit_code == 3
    outcome = with_kustomize(alpha, kustomize, monkeypatch)
    assert [finding.rule for finding in outcome.findings] == ["secret-not-taken-in"]
    assert outcome.findings[0].at.path == MAPI
    alpha.edit(f"{OF_WCS}/dev1/mapi/c.yaml", "other", NAME)
    assert with_kustomize(alpha, kustomize, monkeypatch).exit_code == 0


@pytest.mark.parametrize(
    "entry", ["https://example.invalid/x.yaml", "github.com/acme/x?ref=main", "../../../../outside"]
)
def test_nothing_outside_of_the_repository_is_asked_for(
    alpha: FleetRepo, kustomize: str, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    outside = alpha.root.parent / "outside"
    outside.mkdir()
    (outside / "kustomization.yaml").write_text("resources: []\n")
    alpha.edit(TOP, "- organizations\n", f"- organizations\n- {entry}\n")
    monkeypatch.setenv("PATH", "")
    own = checked(alpha)
    built: list[str] = []
    run = real.build

    def recorded(kustomize: str, root: Path, directory: str, *rest: object) -> object:
        built.append(directory)
        return run(kustomize, root, directory, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(real, "build", recorded)
    theirs = with_kustomize(alpha, kustomize, monkeypatch)
    assert ALPHA not in built
    assert f"{OF_WCS}/dev1/mapi" in built
    assert (own.findings, own.exit_code) == (theirs.findings, theirs.exit_code)


def test_a_file_that_only_flux_would_read_is_left_to_our_own_evaluation(
    alpha: FleetRepo, kustomize: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = (alpha.root / "bases/clusters/aws/template/cluster.yaml").read_text()
    alpha.write(f"{OF_WCS}/apps/one.yaml", app.replace("${cluster_name}", "dev2"))
    alpha.edit(MAPI, "- cluster\n", "- cluster\n- ../../apps/one.yaml\n")
    outcome = with_kustomize(alpha, kustomize, monkeypatch)
    assert [finding.rule for finding in outcome.findings] == ["unknown-cluster-app"]
    assert outcome.exit_code == 0
