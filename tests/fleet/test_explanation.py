"""The way of a pull where Git leaves something open: every possibility, named by what differs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gitops_regconf.errors import InvalidInput
from gitops_regconf.fleet.explanation import (
    Explanation,
    containerd_versions,
    effects,
    explain,
)
from gitops_regconf.fleet.view import ChartVersion, ClusterView
from gitops_regconf.registries.image import image
from gitops_regconf.source.position import Position
from tests.fleet.test_view import AT, external_view, view_of
from tests.support import FleetRepo

BEFORE, SINCE = "containerd before 2.1", "containerd 2.1 or later"
# It needs no account, so that nothing depends on whether that is stored.
OWN = "own.io: [{endpoint: own.example}]"


def with_account(view: ClusterView) -> ClusterView:
    """The view with the account of its profile stored: nobody looks into it."""
    return replace(view, mc=replace(view.mc, accounts={"docker-hub": None}))  # type: ignore[dict-item]


def possible(view: ClusterView, *versions: str) -> ClusterView:
    """The view with several versions that its chart may have."""
    chart = view.versions[0].chart
    some = tuple(ChartVersion(chart, version, AT, certain=False) for version in versions)
    return replace(view, versions=some)


def explained(view: ClusterView, reference: str, containerd: str | None = None) -> Explanation:
    return explain(view, image(reference), containerd)


def whens(explanation: Explanation) -> list[str]:
    return [alternative.when for alternative in explanation.alternatives]


def urls(explanation: Explanation) -> list[str]:
    return [host.url for host in explanation.pull.hosts]


# --- One way ----------------------------------------------------------------------------------


def test_where_nothing_is_open_there_is_one_way(tmp_path: Path) -> None:
    found = explained(external_view(tmp_path, registries=OWN, containerd="2.1"), "own.io/x/y")
    assert urls(found) == ["https://own.example", "https://own.io"]
    assert (found.alternatives, found.notes) == ((), ())
    assert found.pull.hosts[0].decided_at.path == AT.path


def test_what_is_open_and_makes_no_difference_gives_one_way_and_a_note(tmp_path: Path) -> None:
    found = explained(external_view(tmp_path, registries=OWN), "own.io/x/y")
    assert found.alternatives == ()
    (note,) = found.notes
    assert "containerd is not known" in note.message
    assert "`containerd:`" in note.message
    assert note.at == AT


def test_the_note_says_which_containerd_the_release_hints_at(tmp_path: Path) -> None:
    found = explained(external_view(tmp_path, version="1.0.0", registries=OWN), "own.io/x/y")
    assert "ships 1.7.13" in found.notes[0].message
    uncertain = possible(external_view(tmp_path, registries=OWN), "1.0.0")
    assert "ships" not in explained(uncertain, "own.io/x/y").notes[0].message


# --- containerd -------------------------------------------------------------------------------


def test_containerd_that_is_not_known_gives_both_generations(tmp_path: Path) -> None:
    view = with_account(external_view(tmp_path))
    found = explained(view, "nginx")
    assert whens(found) == [BEFORE, SINCE]
    assert [one.pull.hosts[0].effective for one in found.alternatives] == [False, True]
    # What they have in common, and that one thing depends.
    assert urls(found)[0] == "https://registry-1.docker.io"
    first, *others = found.pull.hosts
    assert (first.account, first.effective) == ("docker-hub", None)
    assert "see below" in first.why
    assert all("see below" not in other.why for other in others)


@pytest.mark.parametrize(
    ("text", "effective"),
    [("1.7", False), ("1.7.21", False), ("2.0.7", False), ("2.1", True), ("v2.1.5", True)],
)
def test_a_version_of_containerd_decides_it(tmp_path: Path, text: str, effective: bool) -> None:
    written = with_account(external_view(tmp_path, containerd=text))
    assumed = with_account(external_view(tmp_path, containerd="1.6"))
    for found in (explained(written, "nginx"), explained(assumed, "nginx", text)):
        assert (found.alternatives, found.notes) == ((), ())
        assert found.pull.hosts[0].effective is effective


@pytest.mark.parametrize("text", ["", "2", "latest", "2.x", "2.1.5.1"])
def test_what_is_no_version_of_containerd_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInput, match="no version of containerd"):
        containerd_versions(text)
    if text:
        with pytest.raises(InvalidInput, match="no version of containerd"):
            explained(external_view(tmp_path), "nginx", text)


# --- The kinds of node ------------------------------------------------------------------------


def test_control_plane_and_workers_that_differ_are_told_apart(tmp_path: Path) -> None:
    view = external_view(tmp_path, "vsphere", "0.62.0", OWN, containerd="1.7")
    found = explained(view, "own.io/x/y")
    assert whens(found) == ["control plane", "workers"]
    control_plane, workers = ([host.url for host in one.pull.hosts] for one in found.alternatives)
    assert control_plane == ["https://own.example", "https://own.io"]
    assert workers == ["https://own.io"]
    # They ask other hosts, so that there is nothing in common to be shown.
    assert found.pull == found.alternatives[-1].pull


def test_kinds_that_differ_elsewhere_are_not_told_apart(tmp_path: Path) -> None:
    view = external_view(tmp_path, "vsphere", "0.62.0", OWN, containerd="1.7")
    assert explained(view, "other.io/x/y").alternatives == ()


# --- The chart version ------------------------------------------------------------------------


def test_charts_that_do_the_same_are_one_way(tmp_path: Path) -> None:
    view = possible(external_view(tmp_path, registries=OWN), "7.1.0", "7.4.0")
    found = explained(view, "own.io/x/y")
    assert found.alternatives == ()
    assert urls(found) == ["https://own.example", "https://own.io"]


def test_charts_that_differ_are_named(tmp_path: Path) -> None:
    view = possible(external_view(tmp_path, registries="own.io: [{endpoint: own.io}]"), "1.3.0")
    view = replace(view, versions=(*view.versions, *possible(view, "7.1.0").versions))
    found = explained(view, "own.io/x/y", "1.7")
    assert whens(found) == ["cluster-aws 1.3.0", "cluster-aws 7.1.0"]
    # The newer one asks the registry once more, as the server of the file.
    assert [len(one.pull.hosts) for one in found.alternatives] == [1, 2]
    assert found.pull == found.alternatives[-1].pull


def test_versions_with_one_way_are_named_together(tmp_path: Path) -> None:
    view = external_view(tmp_path, registries=OWN)
    view = replace(
        possible(view, "0.79.0", "1.3.0", "7.1.0"),
        resolved=replace(view.resolved, registries={}),
    )
    found = explained(view, "gsoci.azurecr.io/x/y", "1.7")
    assert whens(found) == ["cluster-aws 0.79.0", "cluster-aws 1.3.0", "cluster-aws 7.1.0"]
    found = explained(
        with_account(possible(external_view(tmp_path), "1.0.0", "1.2.0", "7.1.0")), "nginx", "2.1"
    )
    assert whens(found) == ["cluster-aws 1.0.0 or cluster-aws 1.2.0", "cluster-aws 7.1.0"]


def test_several_things_that_are_open_are_named_together(tmp_path: Path) -> None:
    view = with_account(possible(external_view(tmp_path), "1.3.0", "7.1.0"))
    found = explained(view, "nginx")
    assert whens(found) == [
        f"cluster-aws 1.3.0, {BEFORE} or cluster-aws 1.3.0, {SINCE}",
        f"cluster-aws 7.1.0, {BEFORE}",
        f"cluster-aws 7.1.0, {SINCE}",
    ]


def test_a_file_that_is_broken_in_one_case_leaves_nothing_in_common(tmp_path: Path) -> None:
    two = "own.io: [{endpoint: own.example, account: own}]"
    view = possible(external_view(tmp_path, registries=two), "0.76.0", "0.79.0")
    found = explained(view, "nginx", "1.7")
    assert whens(found) == ["cluster-aws 0.76.0", "cluster-aws 0.79.0"]
    assert found.alternatives[0].pull.broken
    assert found.pull == found.alternatives[-1].pull


# --- A fleet ----------------------------------------------------------------------------------


def test_an_account_of_a_fleet_is_looked_up_among_those_stored(fleet: FleetRepo) -> None:
    found = explained(view_of(fleet), "nginx", "2.1")
    accounts = [(host.account, host.effective) for host in found.pull.hosts]
    assert accounts == [("docker-hub", True), (None, None), ("acme-mirror", None), (None, None)]
    (fleet.root / "management-clusters/alpha/registry-credentials/docker-hub.enc.yaml").unlink()
    found = explained(view_of(fleet), "nginx", "2.1")
    assert found.pull.hosts[0].effective is False
    assert "not stored" in found.pull.hosts[0].why


def test_what_a_layer_dropped_and_what_is_unread_is_noted(fleet: FleetRepo) -> None:
    own = "management-clusters/alpha/organizations/acme/workload-clusters/prod1"
    fleet.edit(f"{own}/regconf.yaml", "after:", "instead:")
    patch = f"{own}/mapi/cluster/patch_user_config.yaml"
    fleet.write(
        patch, fleet.read(patch) + "    secret: {name: more, namespace: 'org-${organization}'}\n"
    )
    messages = [note.message for note in explained(view_of(fleet), "nginx", "2.1").notes]
    assert len(messages) == 2
    assert "the Secret org-${organization}/more" in messages[0]
    assert "drops the account 'docker-hub'" in messages[1]


# --- The effect of every account --------------------------------------------------------------


def test_effects_are_those_of_every_possible_case(tmp_path: Path) -> None:
    view = possible(external_view(tmp_path), "1.3.0", "7.1.0")
    (((endpoint, at), found),) = effects(view).items()
    assert (endpoint, at.path) == ("registry-1.docker.io", "built-in profile docker-hub-with-acr")
    assert [one.effective for one in found] == [True, True, False, True]
    known = effects(replace(view, containerd="2.0.7", versions=view.versions[1:]))
    assert [one.effective for one in known[endpoint, at]] == [False]


def test_endpoints_without_an_account_have_no_effects(tmp_path: Path) -> None:
    assert effects(external_view(tmp_path, registries=OWN, profile="china")) == {}
    assert Position("") not in {at for _, at in effects(external_view(tmp_path))}
