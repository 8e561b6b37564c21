"""What a kustomization makes of Apps, and where that cannot be told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gitops_regconf.errors import CannotCheck, InvalidInput, Refused
from gitops_regconf.fleet.app import App, Apps
from gitops_regconf.fleet.kustomize import Kustomize
from gitops_regconf.fleet.patches import PatchFailed, json6902, merge
from gitops_regconf.fleet.references import (
    Append,
    Create,
    Keep,
    Reference,
    Swap,
    applied,
    operation,
)
from gitops_regconf.source.position import Position
from gitops_regconf.source.worktree import WorkTree

APP = """\
apiVersion: application.giantswarm.io/v1alpha1
kind: App
metadata:
  name: a
  labels: {stage: canary}
spec:
  extraConfigs: []
"""
LIST = "/spec/extraConfigs"


def kustomize(root: Path, **files: str) -> Kustomize:
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path = path.with_name("kustomization.yaml") if path.name == "k" else path
        path = path if path.suffix else path.with_suffix(".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Kustomize(WorkTree(root), lambda *_: None)


def built(root: Path, **files: str) -> Apps:
    return kustomize(root, **files).build("top")


def patched(root: Path, target: str) -> Any:
    kustomization = (
        "resources: [app.yaml]\n"
        f"patches:\n- target: {{{target}}}\n"
        f"  patch: '[{{op: add, path: {LIST}/-, value: x}}]'\n"
    )
    return built(root, top__k=kustomization, top__app=APP)[0].extra_configs


@pytest.mark.parametrize(
    "target",
    [
        *("kind: App", "name: a", "name: '[a-c]'", "namespace: default", "group: 'application.*'"),
        *("version: v1.*", "labelSelector: stage=canary", "labelSelector: 'stage==canary'"),
        *("labelSelector: 'stage!=prod'", "labelSelector: 'other!=x,stage = canary'"),
        "annotationSelector: 'x!=y'",
    ],
)
def test_a_target_selects_by_anchored_patterns_and_equality(tmp_path: Path, target: str) -> None:
    assert patched(tmp_path, target) == ["x"]


@pytest.mark.parametrize(
    "target",
    [
        *("kind: Ap", "name: b", "name: ''''a", "namespace: org", "group: application"),
        *("version: v1", "labelSelector: stage=prod", "labelSelector: 'stage!=canary'"),
        *("labelSelector: 'other=canary'", "annotationSelector: 'stage=canary'"),
    ],
)
def test_a_target_that_does_not_match_changes_nothing(tmp_path: Path, target: str) -> None:
    assert patched(tmp_path, target.replace("''''", "x")) == []


@pytest.mark.parametrize(
    "selector",
    [
        "stage in (canary)",
        "stage in (a,canary)",
        "stage notin (prod)",
        "stage",
        "!stage",
        "x!=y,stage",
    ],
)
@pytest.mark.parametrize("kind", ["label", "annotation"])
def test_what_a_set_based_selector_selects_cannot_be_checked(
    tmp_path: Path, selector: str, kind: str
) -> None:
    with pytest.raises(CannotCheck, match=r"kustomization\.yaml:2:1: what the selector"):
        patched(tmp_path, f"{kind}Selector: '{selector}'")


@pytest.mark.parametrize("field", ["transformers", "vars", "openapi", "crds"])
def test_fields_that_could_do_anything_cannot_be_checked(tmp_path: Path, field: str) -> None:
    text = f"resources: [app.yaml]\n{field}: [x.yaml]\n"
    with pytest.raises(CannotCheck) as caught:
        built(tmp_path, top__k=text, top__app=APP)
    assert caught.value.at == Position("top/kustomization.yaml", 2, 1)
    without_apps = f"resources: [app.yaml]\n{field}: [x.yaml]\n"
    assert built(tmp_path, top__k=without_apps, top__app="kind: ConfigMap\n") == ()


@pytest.mark.parametrize("kind", ["", "kind: App", "name: a"])
def test_a_replacement_that_could_touch_an_app_cannot_be_checked(tmp_path: Path, kind: str) -> None:
    text = (
        "resources: [app.yaml]\nreplacements:\n- source: {kind: ConfigMap}\n"
        f"  targets:\n  - select: {{{kind}}}\n"
    )
    with pytest.raises(CannotCheck) as caught:
        built(tmp_path, top__k=text, top__app=APP)
    assert caught.value.at == Position("top/kustomization.yaml", 3, 3)


def test_a_replacement_in_other_kinds_is_none_of_our_business(tmp_path: Path) -> None:
    text = "resources: [app.yaml]\nreplacements:\n- targets:\n  - select: {kind: ConfigMap}\n"
    assert len(built(tmp_path, top__k=text, top__app=APP)) == 1


@pytest.mark.parametrize(
    "remote",
    [
        *("https://example.com/base.yaml", "git@example.com:a/b.git", "github.com/a/b//c?ref=v1"),
        *("ssh://git@example.com/a", "../x?ref=main"),
    ],
)
def test_a_remote_resource_is_not_seen_and_a_remote_component_cannot_be_checked(
    tmp_path: Path, remote: str
) -> None:
    patch = "patches:\n- patch: |\n    " + APP.replace("name: a", "name: far").replace(
        "\n", "\n    "
    )
    resources = f"resources: [app.yaml, '{remote}']\n{patch}\n"
    assert [app.name for app in built(tmp_path, top__k=resources, top__app=APP)] == ["a"]
    with pytest.raises(CannotCheck) as caught:
        built(tmp_path, top__k=f"resources: [app.yaml]\ncomponents: ['{remote}']\n")
    assert caught.value.at == Position("top/kustomization.yaml", 2, 14)


def test_a_remote_resource_of_one_build_hides_nothing_in_another(tmp_path: Path) -> None:
    patch = "patches:\n- patch: |\n    " + APP.replace("name: a", "name: far").replace(
        "\n", "\n    "
    )
    own = kustomize(
        tmp_path,
        one__k="resources: ['https://example.com/x.yaml']\n",
        above__k=f"resources: [../one]\n{patch}\n",
        other__k=f"resources: [app.yaml]\n{patch}\n",
        other__app=APP,
    )
    for _ in range(2):
        assert own.build("one") == own.build("above") == ()
        with pytest.raises(Refused, match="none of the Apps"):
            own.build("other")


@pytest.mark.parametrize("field", ["resources", "components"])
@pytest.mark.parametrize("path", ["../../x", "/etc/passwd", "../../../etc", "../.."])
def test_paths_that_leave_the_fleet_are_refused(tmp_path: Path, field: str, path: str) -> None:
    with pytest.raises(InvalidInput, match="leads out of the fleet") as caught:
        built(tmp_path / "fleet", top__k=f"{field}:\n- {path}\n")
    assert caught.value.at == Position("top/kustomization.yaml", 2, 3)


def test_a_patch_that_leaves_the_fleet_is_refused(tmp_path: Path) -> None:
    text = "resources: [app.yaml]\npatches: [{path: ../../p.yaml}]\n"
    (tmp_path / "p.yaml").write_text(APP)
    with pytest.raises(InvalidInput, match="leaves the fleet"):
        built(tmp_path / "fleet", top__k=text, top__app=APP)


def test_a_link_is_refused_where_kustomize_would_follow_it(tmp_path: Path) -> None:
    (tmp_path / "fleet").mkdir()
    (tmp_path / "fleet" / "linked").symlink_to("top")
    with pytest.raises(InvalidInput, match="symbolic link"):
        built(tmp_path / "fleet", top__k="resources: [../linked]\n")


def test_a_directory_without_a_kustomization_says_what_flux_would_do(tmp_path: Path) -> None:
    (tmp_path / "top").mkdir()
    with pytest.raises(InvalidInput, match=r"no kustomization\.yaml") as caught:
        built(tmp_path)
    assert "Flux" in (caught.value.mend or "")


def test_two_kustomizations_in_one_directory_are_named(tmp_path: Path) -> None:
    (tmp_path / "top").mkdir()
    (tmp_path / "top" / "Kustomization").write_text("resources: []\n")
    with pytest.raises(InvalidInput, match=r"kustomization\.yaml and Kustomization"):
        built(tmp_path, top__k="resources: []\n")


def test_a_circle_is_drawn(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="circle: top → base → top"):
        built(tmp_path, top__k="resources: [../base]\n", base__k="resources: [../top]\n")


def test_a_component_in_itself_is_a_circle(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="circle: top → c → c"):
        built(tmp_path, top__k="components: [../c]\n", c__k="kind: Component\ncomponents: [../c]\n")


def test_an_app_is_found_by_the_name_it_had_and_keeps_the_one_it_has(tmp_path: Path) -> None:
    base = "resources: [app.yaml]\nnamePrefix: p-\nnamespace: org\n"
    top = "resources: [../base]\npatches: [{path: patch.yaml}]\n"
    patch = APP.replace("[]", "[{name: x}]")
    (app,) = built(tmp_path, base__k=base, base__app=APP, top__k=top, top__patch=patch)
    assert (app.name, app.namespace, app.extra_configs) == ("p-a", "org", [{"name": "x"}])


def test_a_patch_that_does_not_apply_is_refused_where_it_stands(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="does not apply to the App a") as caught:
        built(
            tmp_path,
            top__app=APP,
            top__k="resources: [app.yaml]\npatches:\n- target: {kind: App}\n"
            f"  patch: '[{{op: remove, path: {LIST}/0}}]'\n",
        )
    assert caught.value.at == Position("top/kustomization.yaml", 2, 1)


def test_before_a_component_are_the_resources_and_the_other_components(tmp_path: Path) -> None:
    top = "resources: [app.yaml]\ncomponents: [../one, ../two]\nnamePrefix: late-\n"
    files = {
        name: f"kind: Component\npatches:\n- target: {{kind: App}}\n"
        f"  patch: '[{{op: add, path: {LIST}/-, value: {name}}}]'\n"
        for name in ("one", "two")
    }
    own = kustomize(tmp_path, top__app=APP, top__k=top, one__k=files["one"], two__k=files["two"])
    (app,) = own.before("top", frozenset({"one"}))
    assert (app.name, app.extra_configs) == ("a", ["two"])
    assert own.components("top") == ["one", "two"]
    assert own.build("top")[0].extra_configs == ["one", "two"]


def test_components_of_our_own_are_not_read(tmp_path: Path) -> None:
    met: list[tuple[str, str, int]] = []

    def own(includer: str, component: str, apps: Apps) -> Apps | None:
        met.append((includer, component, len(apps)))
        return tuple(app.with_extra_configs(["ours"]) for app in apps)

    kustomize(tmp_path, top__app=APP, top__k="resources: [app.yaml]\ncomponents: [own]\n")
    (app,) = Kustomize(WorkTree(tmp_path), own).build("top")
    assert app.extra_configs == ["ours"]
    assert met == [("top", "top/own", 1)]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, None),
        ({"spec": None}, None),
        ({"spec": {"extraConfigs": None}}, None),
        ({"spec": {"extraConfigs": []}}, []),
    ],
)
def test_absent_and_null_are_no_list(spec: Mapping[str, Any], expected: Any) -> None:
    assert App({"metadata": {"name": "a"}, **spec}, Position("f")).extra_configs == expected


@pytest.mark.parametrize(
    ("target", "patch", "expected"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": 1}, {"a": None}, {}),
        ({}, {"a": {"b": None, "c": 1}}, {"a": {"c": 1}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"b": 1}}, {"a": {"$patch": "replace", "c": 2}}, {"a": {"c": 2}}),
        ({}, {"a": {"$patch": "replace", "c": 2}}, {"a": {"c": 2}}),
        ({"a": {"b": 1}}, {"a": 3}, {"a": 3}),
        ({"a": 3}, {"a": {"b": 1}}, {"a": {"b": 1}}),
    ],
)
def test_a_strategic_patch_merges_objects_and_replaces_lists(
    target: Any, patch: Any, expected: Any
) -> None:
    assert merge(target, patch) == expected


DOCUMENT = {"l": ["x", "y"], "n": None, "o": {"a/b": 1, "c~d": 2}}


@pytest.mark.parametrize(
    ("step", "path", "expected"),
    [
        ({"op": "add", "path": "/l/-", "value": "z"}, "l", ["x", "y", "z"]),
        ({"op": "add", "path": "/l/1", "value": "z"}, "l", ["x", "z", "y"]),
        ({"op": "add", "path": "/l", "value": []}, "l", []),
        ({"op": "replace", "path": "/l/0", "value": "z"}, "l", ["z", "y"]),
        ({"op": "remove", "path": "/l/0"}, "l", ["y"]),
        ({"op": "copy", "from": "/l/0", "path": "/l/-"}, "l", ["x", "y", "x"]),
        ({"op": "move", "from": "/l/0", "path": "/l/1"}, "l", ["y", "x"]),
        ({"op": "test", "path": "/n", "value": None}, "n", None),
        ({"op": "test", "path": "/absent", "value": None}, "n", None),
        ({"op": "test", "path": "/o/a~1b", "value": 1}, "n", None),
        ({"op": "replace", "path": "/o/c~0d", "value": 3}, "o", {"a/b": 1, "c~d": 3}),
    ],
)
def test_a_json_patch_does_what_kustomize_does(step: Any, path: str, expected: Any) -> None:
    assert json6902(DOCUMENT, [step])[path] == expected
    assert DOCUMENT == {"l": ["x", "y"], "n": None, "o": {"a/b": 1, "c~d": 2}}


@pytest.mark.parametrize(
    "step",
    [
        {"op": "add", "path": "/n/-", "value": 1},
        {"op": "add", "path": "/l/3", "value": 1},
        {"op": "remove", "path": "/absent"},
        {"op": "remove", "path": "/l/2"},
        {"op": "test", "path": "/l", "value": None},
        {"op": "test", "path": "/n", "value": []},
        {"op": "test", "path": "/absent/x", "value": None},
        {"op": "replace", "path": "/l/x", "value": 1},
        {"op": "explode", "path": "/l"},
        {"op": "add"},
    ],
)
def test_a_json_patch_that_does_not_apply_fails(step: Any) -> None:
    with pytest.raises(PatchFailed):
        json6902(DOCUMENT, [step])


OURS = Reference("registries", "default", 25)
SWAPPED = OURS.called("wc-registries")
AT = Position("app.yaml", 1, 1)
LONGER = {**OURS.entry(), "name": "team-registries-extra"}
CONFIG_MAP = {**OURS.entry(), "kind": "configMap"}
ELSEWHERE = {**OURS.entry(), "namespace": "org"}


@pytest.mark.parametrize(
    ("listed", "wanted", "expected"),
    [
        (None, OURS, Create()),
        ([], OURS, Append()),
        ([LONGER, CONFIG_MAP, ELSEWHERE, "odd"], OURS, Append()),
        ([LONGER, OURS.entry()], OURS, Keep(1)),
        ([{**OURS.entry(), "priority": 99}], OURS, Keep(0)),
        ([LONGER, OURS.entry()], SWAPPED, Swap(1, OURS)),
        ([OURS.entry(), SWAPPED.entry()], SWAPPED, Keep(1)),
    ],
)
def test_the_operation_follows_from_the_list(listed: Any, wanted: Reference, expected: Any) -> None:
    what = operation(listed, wanted, OURS, AT)
    assert what == expected
    assert sum(wanted.is_at(entry) for entry in applied(listed, wanted, what)) == 1


def test_a_reference_that_stands_twice_is_refused() -> None:
    with pytest.raises(Refused, match="2 times") as caught:
        operation([OURS.entry(), OURS.entry()], OURS, OURS, AT)
    assert caught.value.at == AT
