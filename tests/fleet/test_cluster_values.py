"""From where an App takes its values, and in which order they are merged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gitops_regconf.errors import InvalidInput
from gitops_regconf.fleet.app import App
from gitops_regconf.fleet.cluster_values import ClusterValues, cluster_values
from gitops_regconf.fleet.config_maps import ConfigMap, ConfigMaps
from gitops_regconf.registries.values import merged_by_app_platform, plain
from gitops_regconf.source.position import Position

APP_AT, MAP_AT = Position("app.yaml", 1, 1), Position("cm.yaml", 4, 1)
OWN_SECRET = "container-registries-configuration"
Change = Callable[[str], str]


def config_map(name: str, content: Any = None, unknown: str = "") -> ConfigMap:
    """A ConfigMap of which the values say its name, after the change made to that."""

    def read(change: Change) -> tuple[Any, Callable[..., Position]]:
        own = {"last": change(name), name: True}
        return own if content is None else content, lambda *_: MAP_AT

    return ConfigMap(name, "org-acme", read, MAP_AT, unknown)


def built(*maps: ConfigMap) -> ConfigMaps:
    return {(one.name, one.namespace): one for one in maps}


def app(extra: list[Any] | None = None, **spec: Any) -> App:
    data = {"metadata": {"name": "prod1"}, "spec": {**spec, "extraConfigs": extra}}
    return App(data, APP_AT)


def extra(name: str, priority: object = None, **more: Any) -> dict[str, Any]:
    entry = {"kind": "configMap", "name": name, "namespace": "org-acme", **more}
    return entry if priority is None else {**entry, "priority": priority}


def own(name: str, kind: str = "configMap") -> dict[str, Any]:
    return {kind: {"name": name, "namespace": "org-acme"}}


def given(app: App, *maps: ConfigMap, change: Change = str) -> ClusterValues:
    return cluster_values(app, built(*maps), change, OWN_SECRET)


NAMES = ["a", "b", "c", "d", "e"]


def order(app: App) -> list[str]:
    """The names of the ConfigMaps, first to last merged."""
    found = given(app, *(config_map(name) for name in [*NAMES, "config", "user"]))
    assert found.notes == ()
    return [values.content["last"] for values in found.config_maps]


@pytest.mark.parametrize(
    ("priority", "expected"),
    [
        (1, ["a", "config", "user"]),
        (25, ["a", "config", "user"]),
        (50, ["a", "config", "user"]),
        (51, ["config", "a", "user"]),
        (100, ["config", "a", "user"]),
        (101, ["config", "user", "a"]),
        (150, ["config", "user", "a"]),
        # What is below or above all bands is never merged.
        (151, ["config", "user"]),
        (-1, ["config", "user"]),
        # No priority, and zero, are 25.
        (None, ["a", "config", "user"]),
        (0, ["a", "config", "user"]),
    ],
)
def test_the_priority_says_before_or_after_the_apps_own(
    priority: int | None, expected: list[str]
) -> None:
    assert order(app([extra("a", priority)], config=own("config"), userConfig=own("user"))) == (
        expected
    )


@pytest.mark.parametrize(
    ("priorities", "expected"),
    [
        ([10, 20, 30], ["a", "b", "c"]),
        ([30, 20, 10], ["c", "b", "a"]),
        ([10, 10, 10], ["a", "b", "c"]),
        ([20, 10, 20, 10], ["b", "d", "a", "c"]),
        ([None, 24, 26, 25, 0], ["b", "a", "d", "e", "c"]),
        ([140, 60, 10], ["c", "b", "a"]),
    ],
)
def test_lower_priorities_come_first_and_ties_keep_the_order_of_the_list(
    priorities: list[int | None], expected: list[str]
) -> None:
    listed = [extra(name, priority) for name, priority in zip(NAMES, priorities, strict=False)]
    assert order(app(listed)) == expected


def test_the_last_one_wins() -> None:
    listed = [extra("a", 110), extra("b", 10)]
    found = given(
        app(listed, config=own("config"), userConfig=own("user")),
        *(config_map(name) for name in ("a", "b", "config", "user")),
    )
    merged = plain(merged_by_app_platform(found.config_maps))
    assert merged == {"last": "a", "a": True, "b": True, "config": True, "user": True}


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"config": None},
        {"config": {}},
        {"config": {"configMap": None}},
        {"config": {"configMap": {"name": ""}}},
        {"userConfig": {"secret": {}}},
        {"userConfig": []},
    ],
)
def test_an_app_may_have_none_of_its_own(spec: dict[str, Any]) -> None:
    assert given(app(None, **spec)) == ClusterValues()


def test_an_entry_without_a_kind_is_a_config_map() -> None:
    entry = {"name": "a", "namespace": "org-acme"}
    assert order(app([entry, "no entry"])) == ["a"]


def test_the_change_is_made_to_every_one() -> None:
    found = given(app([extra("a")], config=own("b")), *map(config_map, "ab"), change=str.upper)
    assert [values.content["last"] for values in found.config_maps] == ["A", "B"]


def test_a_config_map_of_another_namespace_is_another_one() -> None:
    found = given(app([extra("a", namespace="default")]), config_map("a"))
    (note,) = found.notes
    assert found.config_maps == ()
    assert "the ConfigMap default/a" in note.message


# --- What is not known ------------------------------------------------------------------------


def test_a_config_map_that_is_not_in_git_is_noted() -> None:
    found = given(app([extra("a"), extra("b")]), config_map("b"))
    (note,) = found.notes
    assert len(found.config_maps) == 1
    assert "the ConfigMap org-acme/a" in note.message
    assert "not in Git" in note.message
    assert note.at == APP_AT


def test_one_that_nobody_can_tell_is_noted_with_the_reason() -> None:
    found = given(app(config=own("a")), config_map("a", unknown="for a reason"))
    (note,) = found.notes
    assert found.config_maps == ()
    assert note.message.endswith("is not known here: for a reason")
    assert note.at == MAP_AT


@pytest.mark.parametrize(
    "spec",
    [
        {"extra": [extra("a", kind="secret")]},
        {"config": own("a", "secret")},
        {"userConfig": own("a", "secret")},
    ],
)
def test_a_secret_is_noted_as_unread(spec: dict[str, Any]) -> None:
    found = given(app(**spec), config_map("a"))
    (note,) = found.notes
    assert found.config_maps == ()
    assert "the Secret org-acme/a" in note.message
    assert "encrypted" in note.message
    assert note.at == APP_AT


@pytest.mark.parametrize("name", [OWN_SECRET, f"prod1-{OWN_SECRET}", f"{OWN_SECRET}-connectivity"])
def test_the_secrets_that_are_generated_are_not_noted(name: str) -> None:
    assert given(app([extra(name, kind="secret")])) == ClusterValues()


def test_notes_are_in_the_order_of_merging() -> None:
    spec = app([extra("late", 120), extra("early", 5)], config=own("own", "secret"))
    messages = [note.message for note in given(spec).notes]
    assert [message.split("/")[1].split()[0] for message in messages] == ["early", "own", "late"]


def test_a_config_map_that_holds_no_values_is_an_error() -> None:
    with pytest.raises(InvalidInput, match="must be a mapping") as caught:
        given(app([extra("a")]), config_map("a", content=[]))
    assert caught.value.at == MAP_AT


def test_one_that_is_never_merged_is_not_read() -> None:
    assert given(app([extra("a", 151)]), config_map("a", content=[])) == ClusterValues()
