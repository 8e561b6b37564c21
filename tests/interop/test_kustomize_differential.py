"""Held against the real kustomize: the same Apps with the same lists, and the same failures."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitops_regconf.errors import CannotCheck, RegconfError
from gitops_regconf.fleet.kustomize import Kustomize
from gitops_regconf.source.worktree import WorkTree
from tests.interop.conftest import peer

EXAMPLES = int(os.environ.get("REGCONF_EXAMPLES", "60"))
API = "application.giantswarm.io/v1alpha1"
ABSENT = "absent"
Files = dict[str, str]
Identity = tuple[str, str | None]

NAMES = st.sampled_from(["a", "ab", "b"])
NAMESPACES = st.sampled_from([None, None, "n1"])
ENTRIES = st.fixed_dictionaries({"name": st.sampled_from(["v", "w"])})
LISTS = st.sampled_from([ABSENT, None]) | st.lists(ENTRIES, max_size=2)
LIST = "/spec/extraConfigs"


def app(name: str, namespace: str | None, listed: Any, labels: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    if labels:
        metadata["labels"] = labels
    spec: dict[str, Any] = {"name": "cluster-aws"}
    if listed != ABSENT:
        spec["extraConfigs"] = listed
    return {"apiVersion": API, "kind": "App", "metadata": metadata, "spec": spec}


APPS = st.builds(app, NAMES, NAMESPACES, LISTS, st.sampled_from([None, {"stage": "x"}]))

OPERATIONS = st.one_of(
    st.builds(lambda v: {"op": "add", "path": f"{LIST}/-", "value": v}, ENTRIES),
    st.builds(lambda v: {"op": "add", "path": f"{LIST}/0", "value": v}, ENTRIES),
    st.builds(lambda v: {"op": "add", "path": f"{LIST}/1", "value": v}, ENTRIES),
    st.builds(lambda v: {"op": "add", "path": LIST, "value": v}, st.lists(ENTRIES, max_size=2)),
    st.builds(lambda v: {"op": "replace", "path": LIST, "value": v}, st.lists(ENTRIES, max_size=1)),
    st.builds(lambda v: {"op": "replace", "path": f"{LIST}/0", "value": v}, ENTRIES),
    st.builds(lambda v: {"op": "replace", "path": f"{LIST}/0/name", "value": v}, st.just("z")),
    st.builds(
        lambda v: {"op": "test", "path": f"{LIST}/0/name", "value": v}, st.sampled_from("vw")
    ),
    st.builds(lambda v: {"op": "test", "path": LIST, "value": v}, st.sampled_from([None, []])),
    st.sampled_from(
        [
            {"op": "remove", "path": f"{LIST}/0"},
            {"op": "remove", "path": LIST},
            {"op": "copy", "from": f"{LIST}/0", "path": f"{LIST}/-"},
            {"op": "move", "from": f"{LIST}/0", "path": f"{LIST}/1"},
            {"op": "add", "path": "/metadata/labels", "value": {"stage": "y"}},
        ]
    ),
)
SURE = st.builds(
    lambda v: [
        {"op": "test", "path": LIST, "value": None},
        {"op": "add", "path": LIST, "value": [v]},
    ],
    ENTRIES,
)
JSON_PATCHES = st.lists(OPERATIONS, min_size=1, max_size=2)
TARGETS = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["App", "App", "Secret", "A.*"]),
        "name": st.sampled_from(["a", "b", "a.*", ".*b", "a|b", "c", "p-a"]),
        "namespace": st.sampled_from(["n1", "n.", "n2"]),
        "group": st.sampled_from(["application.giantswarm.io", "application", ".*"]),
        "version": st.sampled_from(["v1alpha1", "v1", "v.*"]),
        "labelSelector": st.sampled_from(
            ["stage=x", "stage==x", "stage!=x", "stage", "stage in (x)"]
        ),
        "annotationSelector": st.sampled_from(["k=v", "k!=v"]),
    },
).filter(lambda target: len(target) in (1, 2))


def strategic(identity: Identity, spec: Any) -> dict[str, Any]:
    name, namespace = identity
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": API, "kind": "App", "metadata": metadata, **spec}


SPECS = st.one_of(
    st.builds(lambda v: {"spec": {"extraConfigs": v}}, st.none() | st.lists(ENTRIES, max_size=2)),
    st.sampled_from(
        [
            {"spec": {"version": "1.0.0"}},
            {"metadata": {"name": "a", "labels": {"stage": "y"}}},
            {"$patch": "delete"},
            {"spec": {"$patch": "replace", "extraConfigs": [{"name": "z"}]}},
            {"spec": None},
            {"spec": {"extraConfigs": [{"$patch": "replace"}, {"name": "z"}]}},
        ]
    ),
)
IDENTITIES = st.tuples(NAMES, NAMESPACES)


@st.composite
def kustomizations(
    draw: st.DrawFn, files: Files, directory: str, kind: str, known: list[Identity]
) -> dict[str, Any]:
    """What stands in a kustomization beside resources and components."""
    identities = st.sampled_from(known) | st.sampled_from(known) | IDENTITIES
    strategic_patches = st.builds(strategic, identities, SPECS)
    patches_of_any_kind: st.SearchStrategy[Any] = st.one_of(
        JSON_PATCHES, SURE, strategic_patches, strategic_patches
    )
    data: dict[str, Any] = {"kind": kind}
    data["apiVersion"] = f"kustomize.config.k8s.io/v1{'alpha1' if kind == 'Component' else 'beta1'}"
    for field, values in {
        "namePrefix": ["p-", ""],
        "nameSuffix": ["-s"],
        "namespace": ["n2"],
    }.items():
        if draw(st.integers(0, 4)) == 0:
            data[field] = draw(st.sampled_from(values))
    patches: list[dict[str, Any]] = []
    for index in range(draw(st.sampled_from([0, 0, 1, 1, 2]))):
        item: dict[str, Any] = {}
        patch: Any = draw(patches_of_any_kind)
        if isinstance(patch, list) or draw(st.booleans()):
            item["target"] = draw(TARGETS)
        text = json.dumps(patch) if draw(st.booleans()) else yaml.safe_dump(patch)
        if draw(st.booleans()):
            item["patch"] = text
        else:
            item["path"] = f"patch-{index}.yaml"
            files[f"{directory}/patch-{index}.yaml"] = text
        patches.append(item)
    if draw(st.booleans()) or patches:
        data["patches"] = patches
    if draw(st.integers(0, 7)) == 0:
        data["patchesStrategicMerge"] = [yaml.safe_dump(draw(strategic_patches))]
    return data


@st.composite
def trees(draw: st.DrawFn) -> Files:
    """A small fleet: a base, perhaps a component and a middle, and an overlay on top."""
    files: Files = {}
    apps = draw(st.lists(APPS, min_size=1, max_size=3))
    unique = {(app["metadata"]["name"], app["metadata"].get("namespace")): app for app in apps}
    known = list(unique)
    base = draw(kustomizations(files, "base", "Kustomization", known))
    base["resources"] = ["apps.yaml"]
    files["base/apps.yaml"] = yaml.safe_dump_all(unique.values())
    files["base/kustomization.yaml"] = yaml.safe_dump(base)
    top = draw(kustomizations(files, "top", "Kustomization", known))
    top["resources"] = ["../base"]
    if draw(st.integers(0, 3)) == 0:
        files["top/more.yaml"] = yaml.safe_dump(draw(APPS))
        top["resources"].append(draw(st.sampled_from(["more.yaml", "./more.yaml"])))
    if draw(st.booleans()):
        component = draw(kustomizations(files, "component", "Component", known))
        if draw(st.booleans()):
            files["component/own.yaml"] = yaml.safe_dump(draw(APPS))
            component["resources"] = ["own.yaml"]
        files["component/kustomization.yaml"] = yaml.safe_dump(component)
        top["components"] = ["../component"]
    files["top/kustomization.yaml"] = yaml.safe_dump(top)
    return files


def lay(root: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


Seen = list[tuple[str, str, Any]]


def seen(data: Mapping[str, Any]) -> tuple[str, str, Any]:
    metadata, spec = data["metadata"], data.get("spec") or {}
    return metadata["name"], metadata.get("namespace", ""), spec.get("extraConfigs", ABSENT)


def ordered(apps: Seen) -> Seen:
    return sorted(apps, key=lambda app: app[:2])


def theirs(root: Path) -> Seen | str:
    """What the real kustomize builds, or what it says."""
    done = subprocess.run(
        [peer("kustomize", "5.8.1"), "build", root / "top"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if done.returncode:
        return done.stderr
    documents = yaml.safe_load_all(done.stdout)
    return ordered([seen(data) for data in documents if data["kind"] == "App"])


def ours(root: Path) -> Seen | RegconfError:
    try:
        apps = Kustomize(WorkTree(root), lambda *_: None).build("top")
    except RegconfError as error:
        return error
    return ordered([seen(app.data) for app in apps])


def difference(files: Files) -> tuple[str, Any, Any]:
    """What kind of outcome it was, and both results."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory).resolve()
        lay(root, files)
        mine, real = ours(root), theirs(root)
    if isinstance(mine, CannotCheck):
        return "not checked", mine, real
    if isinstance(mine, RegconfError) and isinstance(real, str):
        return "both fail", mine, real
    return ("same" if mine == real else "different"), mine, real


def test_apps_are_what_the_real_kustomize_builds() -> None:
    outcomes: Counter[str] = Counter()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(trees())
    def hold_against_each_other(files: Files) -> None:
        outcome, mine, real = difference(files)
        outcomes[outcome] += 1
        assert outcome != "different", f"{files}\nours: {mine}\nreal: {real}"

    hold_against_each_other()
    assert outcomes["not checked"] <= EXAMPLES // 8, outcomes
    assert outcomes["same"] >= EXAMPLES // 4, outcomes


K = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
C = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
APP = yaml.safe_dump(app("a", "n1", [{"name": "v"}], None))
BASE = {"base/kustomization.yaml": f"{K}resources: [app.yaml]\n", "base/app.yaml": APP}
TOP = {"top/kustomization.yaml": f"{K}resources: [../base]\n"}
BROKEN: dict[str, Files] = {
    "no kustomization": {},
    "nothing in it": {"top/kustomization.yaml": ""},
    "only its kind": {"top/kustomization.yaml": K},
    "only empty fields": {"top/kustomization.yaml": f"{K}resources:\nnamePrefix: ''\n"},
    "two of them": TOP | {"top/kustomization.yml": f"{K}resources: [../base]\n"},
    "a circle": BASE | {"top/kustomization.yaml": f"{K}resources: [../top]\n"},
    "a wide circle": {
        "top/kustomization.yaml": f"{K}resources: [../base]\n",
        "base/kustomization.yaml": f"{K}resources: [../top]\n",
    },
    "a circle of components": {
        "top/kustomization.yaml": f"{K}components: [../c]\n",
        "c/kustomization.yaml": f"{C}components: [../d]\n",
        "d/kustomization.yaml": f"{C}components: [../c]\n",
    },
    "a missing file": {"top/kustomization.yaml": f"{K}resources: [no.yaml]\n"},
    "a missing patch": BASE
    | {"top/kustomization.yaml": f"{K}resources: [../base]\npatches: [{{path: no.yaml}}]\n"},
    "a component as a resource": BASE
    | {"top/kustomization.yaml": f"{K}resources: [../base, ../c]\n"}
    | {"c/kustomization.yaml": f"{C}namePrefix: x\n"},
    "a kustomization as a component": BASE
    | {"top/kustomization.yaml": f"{K}components: [../base]\n"},
    "one App twice": BASE
    | {"top/kustomization.yaml": f"{K}resources: [../base, app.yaml]\n", "top/app.yaml": APP},
    "one App twice after a namespace": {
        "top/kustomization.yaml": f"{K}resources: [app.yaml]\nnamespace: n\n",
        "top/app.yaml": f"{APP}---\n{APP.replace('n1', 'n2')}",
    },
    "resources that are no list": {"top/kustomization.yaml": f"{K}resources: app.yaml\n"},
    "a patch for nobody": BASE
    | {
        "top/kustomization.yaml": f"{K}resources: [../base]\npatches: [{{path: p.yaml}}]\n",
        "top/p.yaml": APP.replace("name: a", "name: b"),
    },
}
SOUND: dict[str, Files] = {
    "plain": BASE | TOP,
    "empty lists": BASE | {"top/kustomization.yaml": f"{K}resources: []\npatches: []\n"},
    "no kind": BASE | {"top/kustomization.yaml": "resources: [../base]\n"},
    "another file name": BASE | {"top/Kustomization": f"{K}resources: [../base/]\n"},
    "a List of Apps": {
        "top/kustomization.yaml": f"{K}resources: [list.yaml]\n",
        "top/list.yaml": json.dumps(
            {"apiVersion": "v1", "kind": "List", "items": [yaml.safe_load(APP)]}
        ),
    },
    "one name in two namespaces": {
        "top/kustomization.yaml": f"{K}resources: [app.yaml]\n",
        "top/app.yaml": f"{APP}---\n{APP.replace('n1', 'n2')}",
    },
}


@pytest.mark.parametrize("files", BROKEN.values(), ids=BROKEN)
def test_what_the_real_kustomize_refuses_is_an_error_here(files: Files, tmp_path: Path) -> None:
    (tmp_path / "top").mkdir()
    lay(tmp_path, files)
    assert isinstance(theirs(tmp_path), str)
    mine = ours(tmp_path)
    assert isinstance(mine, RegconfError)
    assert mine.at


@pytest.mark.parametrize("files", SOUND.values(), ids=SOUND)
def test_what_the_real_kustomize_builds_is_built_here(files: Files, tmp_path: Path) -> None:
    lay(tmp_path, files)
    assert ours(tmp_path) == theirs(tmp_path)
