"""ConfigMaps as a kustomization builds them, and where their values stand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gitops_regconf.errors import InvalidInput
from gitops_regconf.fleet.config_maps import ConfigMap, ConfigMaps, config_maps
from gitops_regconf.source.position import Position
from gitops_regconf.source.worktree import WorkTree

KUSTOMIZATION = "kustomization.yaml"


def config_map(values: str, name: str = "a", namespace: str = "org-acme") -> str:
    text = f"kind: ConfigMap\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
    return f"{text}data:\n  values: |\n    {values}\n"


def built(root: Path, files: Mapping[str, str]) -> ConfigMaps:
    """What `top` builds; a path that ends in a slash is that of a kustomization."""
    for name, text in files.items():
        path = root / (f"{name}{KUSTOMIZATION}" if name.endswith("/") else name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return config_maps(WorkTree(root), "top")


def content(one: ConfigMap) -> Any:
    assert not one.unknown
    return one.values(lambda text: text).content


def only(root: Path, files: Mapping[str, str]) -> ConfigMap:
    (one,) = built(root, files).values()
    return one


def test_a_config_map_of_a_resource_has_values_with_positions(tmp_path: Path) -> None:
    one = only(
        tmp_path, {"top/": "resources: [cm.yaml]\n", "top/cm.yaml": config_map("{a: {b: 1}}")}
    )
    assert (one.name, one.namespace, one.unknown) == ("a", "org-acme", "")
    values = one.values(lambda text: text)
    assert (values.name, values.content) == ("ConfigMap org-acme/a", {"a": {"b": 1}})
    assert values.locate(("a", "b")) == Position("top/cm.yaml", 5, 10)


def test_a_change_is_made_to_the_text_of_values(tmp_path: Path) -> None:
    one = only(
        tmp_path,
        {"top/": "resources: [cm.yaml]\n", "top/cm.yaml": config_map('{version: "${release}"}')},
    )
    values = one.values(lambda text: text.replace("${release}", "31.1.0"))
    assert values.content == {"version": "31.1.0"}


def test_resources_of_resources_and_components_are_built(tmp_path: Path) -> None:
    found = built(
        tmp_path,
        {
            "top/": "resources: [../base, own.yaml]\ncomponents: [../component]\n",
            "top/own.yaml": config_map("{of: top}", "own"),
            "base/": "resources: [cm.yaml]\n",
            "base/cm.yaml": config_map("{of: base}"),
            "component/": "kind: Component\nresources: [cm.yaml]\n",
            "component/cm.yaml": config_map("{of: component}", "c"),
        },
    )
    assert {name: content(one)["of"] for (name, _), one in found.items()} == {
        "a": "base",
        "own": "top",
        "c": "component",
    }


@pytest.mark.parametrize(
    "resource",
    [
        "https://github.com/acme/x",
        "github.com/acme/x?ref=v1",
        "missing.yaml",
        "../../outside",
        "app.yaml",
        "empty",
    ],
)
def test_what_holds_no_config_map_here_is_passed_over(tmp_path: Path, resource: str) -> None:
    files = {
        "top/": f"resources: ['{resource}']\n",
        "top/app.yaml": "kind: App\nmetadata: {name: ConfigMap}\n",
        "top/empty/x": "",
    }
    assert built(tmp_path, files) == {}


def test_a_circle_of_resources_ends(tmp_path: Path) -> None:
    files = {
        "top/": "resources: [../base, cm.yaml]\n",
        "top/cm.yaml": config_map("{}"),
        "base/": "resources: [../top]\n",
    }
    assert set(built(tmp_path, files)) == {("a", "org-acme")}


def test_several_documents_of_a_file_are_all_there(tmp_path: Path) -> None:
    text = "---\n".join([config_map("{n: 1}", "a"), "kind: Secret\n", config_map("{n: 2}", "b")])
    found = built(tmp_path, {"top/": "resources: [cm.yaml]\n", "top/cm.yaml": text})
    assert [content(one) for one in found.values()] == [{"n": 1}, {"n": 2}]
    last = found["b", "org-acme"].values(lambda text: text)
    assert last.locate(("n",)).line == 13


# --- Names ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("namespace: other", ("a", "other")),
        ("namePrefix: x-", ("x-a", "org-acme")),
        ("nameSuffix: -x", ("a-x", "org-acme")),
        ("{namePrefix: x-, nameSuffix: -y, namespace: n}", ("x-a-y", "n")),
    ],
)
def test_names_are_those_after_the_build(
    tmp_path: Path, line: str, expected: tuple[str, str]
) -> None:
    kustomization = f"{{resources: [cm.yaml], {line.strip('{}')}}}\n"
    files = {"top/": kustomization, "top/cm.yaml": config_map("{}")}
    assert set(built(tmp_path, files)) == {expected}


def test_names_grow_from_the_inside_out(tmp_path: Path) -> None:
    files = {
        "top/": "{resources: [../base], namePrefix: out-}\n",
        "base/": "{resources: [cm.yaml], namePrefix: in-, namespace: n}\n",
        "base/cm.yaml": config_map("{}"),
    }
    assert set(built(tmp_path, files)) == {("out-in-a", "n")}


# --- Generators -------------------------------------------------------------------------------

HASHLESS = "generatorOptions: {disableNameSuffixHash: true}\n"


def generator(item: str, options: str = HASHLESS) -> str:
    return f"configMapGenerator:\n- {{name: a, namespace: n, {item}}}\n{options}"


@pytest.mark.parametrize("entry", ["values=v.yaml", "v.yaml", "values=../top/v.yaml"])
def test_a_generator_with_one_file_has_its_values(tmp_path: Path, entry: str) -> None:
    files = {"top/": generator(f"files: ['{entry}']"), "top/v.yaml": "# values\na: {b: 1}\n"}
    one = only(tmp_path, files)
    assert ((one.name, one.namespace), content(one)) == (("a", "n"), {"a": {"b": 1}})
    assert one.values(lambda text: text).locate(("a", "b")) == Position("top/v.yaml", 2, 5)


@pytest.mark.parametrize(
    ("item", "options", "why"),
    [
        ("files: [v.yaml]", "", "hash"),
        ("files: [v.yaml], options: {disableNameSuffixHash: false}", HASHLESS, "hash"),
        ("files: [v.yaml, w.yaml]", HASHLESS, "exactly one"),
        ("files: []", HASHLESS, "exactly one"),
        ("literals: [a=b]", HASHLESS, "exactly one"),
        ("files: [v.yaml], literals: [a=b]", HASHLESS, "exactly one"),
        ("files: [v.yaml], envs: [x.env]", HASHLESS, "exactly one"),
        ("files: [missing.yaml]", HASHLESS, "there is no top/missing.yaml"),
        ("files: [v.yaml], behavior: merge", HASHLESS, "changes another"),
        ("files: [v.yaml], behavior: replace", HASHLESS, "changes another"),
    ],
)
def test_a_generator_that_does_more_leaves_its_config_map_unknown(
    tmp_path: Path, item: str, options: str, why: str
) -> None:
    one = only(tmp_path, {"top/": generator(item, options), "top/v.yaml": "{}\n"})
    assert why in one.unknown
    assert one.at.path.startswith("top/")


def test_a_generator_may_leave_out_its_hash_by_itself(tmp_path: Path) -> None:
    item = "files: [v.yaml], options: {disableNameSuffixHash: true}"
    assert content(only(tmp_path, {"top/": generator(item, ""), "top/v.yaml": "{a: 1}\n"}))


# --- Patches ----------------------------------------------------------------------------------


def patched(root: Path, item: str, field: str = "patches", patch: str = "") -> ConfigMap:
    return only(
        root,
        {
            "top/": f"resources: [cm.yaml]\n{field}:\n{item}",
            "top/cm.yaml": config_map("{of: resource}"),
            "top/patch.yaml": patch,
        },
    )


@pytest.mark.parametrize(
    ("field", "item"),
    [
        ("patches", "- path: patch.yaml\n"),
        ("patchesStrategicMerge", "- patch.yaml\n"),
        ("patches", "- path: ../top/patch.yaml\n"),
    ],
)
def test_a_strategic_patch_replaces_the_values(tmp_path: Path, field: str, item: str) -> None:
    one = patched(tmp_path, item, field, patch=config_map("{of: patch}"))
    assert content(one) == {"of": "patch"}
    assert one.values(lambda text: text).locate(("of",)) == Position("top/patch.yaml", 5, 6)


INLINE = """\
- patch: |
    kind: ConfigMap
    metadata: {name: a, namespace: org-acme}
    data:
      values: |
        of: patch
"""


def test_a_patch_inside_the_kustomization_is_read_where_it_stands(tmp_path: Path) -> None:
    one = patched(tmp_path, INLINE)
    assert content(one) == {"of": "patch"}
    at = one.values(lambda text: text).locate(("of",))
    assert at == Position(f"top/{KUSTOMIZATION}", 8, 9)
    assert one.at == Position(f"top/{KUSTOMIZATION}", 7, 15)


def test_so_is_one_that_is_an_item_of_the_old_list(tmp_path: Path) -> None:
    item = INLINE.replace("patch: |", "|").replace("\n    ", "\n  ")
    one = patched(tmp_path, item, "patchesStrategicMerge")
    at = one.values(lambda text: text).locate(("of",))
    assert (content(one), at.line) == ({"of": "patch"}, 8)


@pytest.mark.parametrize(
    "patch",
    [
        config_map("{of: patch}", "other"),
        config_map("{of: patch}", namespace="other"),
        "kind: ConfigMap\nmetadata: {name: a, namespace: org-acme, labels: {x: y}}\n",
        "kind: Secret\nmetadata: {name: a, namespace: org-acme}\n# ConfigMap\n",
    ],
    ids=["name", "namespace", "labels", "kind"],
)
def test_a_patch_for_something_else_changes_nothing(tmp_path: Path, patch: str) -> None:
    one = patched(tmp_path, "- path: patch.yaml\n", patch=patch)
    assert content(one) == {"of": "resource"}


def test_a_patch_that_adds_a_key_leaves_two_and_no_values(tmp_path: Path) -> None:
    patch = config_map("{of: patch}").replace("values:", "other:")
    one = patched(tmp_path, "- path: patch.yaml\n", patch=patch)
    assert "2 data keys" in one.unknown


def test_a_patch_leaves_unknown_what_was_unknown_before(tmp_path: Path) -> None:
    files = {
        "top/": "resources: [cm.yaml]\npatches: [{path: patch.yaml}]\n",
        "top/cm.yaml": config_map("{a: 1}") + "  other: x\n",
        "top/patch.yaml": config_map("{a: 2}"),
    }
    assert "2 data keys" in only(tmp_path, files).unknown


def test_a_patch_changes_what_a_generator_made_under_the_same_key(tmp_path: Path) -> None:
    files = {
        "top/": generator("files: [values=v.yaml]") + "patches: [{path: patch.yaml}]\n",
        "top/v.yaml": "of: generator\n",
        "top/patch.yaml": config_map("{of: patch}", namespace="n"),
    }
    assert content(only(tmp_path, files)) == {"of": "patch"}
    files["top/"] = files["top/"].replace("values=v.yaml", "v.yaml")
    assert "2 data keys" in only(tmp_path, files).unknown


@pytest.mark.parametrize(
    ("target", "may_change"),
    [
        ("kind: ConfigMap", True),
        ("kind: ConfigMap, name: a", True),
        ("name: a", True),
        ("namespace: org-acme", True),
        ("kind: App", False),
        ("kind: ConfigMap, name: other", False),
    ],
)
def test_a_patch_with_a_target_that_may_be_it_leaves_it_unknown(
    tmp_path: Path, target: str, may_change: bool
) -> None:
    patch = "patch: '[{op: replace, path: /data/values, value: x}]'"
    one = patched(tmp_path, f"- target: {{{target}}}\n  {patch}\n")
    assert ("a patch with a target" in one.unknown) == may_change
    assert (f"top/{KUSTOMIZATION}:2:1" in one.unknown) == may_change


def test_a_patch_comes_before_the_new_name(tmp_path: Path) -> None:
    kustomization = "{resources: [cm.yaml], patches: [{path: patch.yaml}], namePrefix: x-}\n"
    files = {
        "top/": kustomization,
        "top/cm.yaml": config_map("{of: resource}"),
        "top/patch.yaml": config_map("{of: patch}"),
    }
    one = built(tmp_path, files)["x-a", "org-acme"]
    assert content(one) == {"of": "patch"}


# --- What does not hold values ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "count"), [("{a: x, b: y}", 2), ("{}", 0), ("null", 0), ("{a: x, b: y, c: z}", 3)]
)
def test_a_config_map_needs_exactly_one_key(tmp_path: Path, data: str, count: int) -> None:
    text = f"kind: ConfigMap\nmetadata: {{name: a}}\ndata: {data}\n"
    one = only(tmp_path, {"top/": "resources: [cm.yaml]\n", "top/cm.yaml": text})
    assert f"{count} data keys" in one.unknown
    assert one.at.path == "top/cm.yaml"


def test_the_one_key_may_have_any_name(tmp_path: Path) -> None:
    text = config_map("{a: 1}").replace("values:", "configmap-values.yaml:")
    one = only(tmp_path, {"top/": "resources: [cm.yaml]\n", "top/cm.yaml": text})
    assert content(one) == {"a": 1}


@pytest.mark.parametrize("values", ["[a]", "text", "1"])
def test_values_that_are_no_mapping_are_an_error_where_they_stand(
    tmp_path: Path, values: str
) -> None:
    one = only(tmp_path, {"top/": "resources: [cm.yaml]\n", "top/cm.yaml": config_map(values)})
    with pytest.raises(InvalidInput, match="must be a mapping") as caught:
        one.values(lambda text: text)
    assert caught.value.at == Position("top/cm.yaml", 5, 5)


def test_values_that_are_no_yaml_are_an_error_where_they_stand(tmp_path: Path) -> None:
    one = only(
        tmp_path,
        {"top/": "resources: [cm.yaml]\n", "top/cm.yaml": config_map("a: 1\n    a: 2")},
    )
    with pytest.raises(InvalidInput, match="twice") as caught:
        one.values(lambda text: text)
    assert caught.value.at == Position("top/cm.yaml", 6, 5)


def test_a_directory_without_a_kustomization_builds_nothing(tmp_path: Path) -> None:
    assert built(tmp_path, {"top/cm.yaml": config_map("{}")}) == {}
