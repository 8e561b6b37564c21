"""`regconf update-keys`: every file for whom regconf.yaml names, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gitops_regconf import sops
from gitops_regconf.generate.rewrapping import Difference, difference
from gitops_regconf.sops import generate_key
from tests.support import FleetRepo, changed

TEAM = "regconf.yaml"
ALPHA = "management-clusters/alpha/regconf.yaml"
ACCOUNT = "management-clusters/alpha/registry-credentials/docker-hub.enc.yaml"
OWNED = "management-clusters/alpha/container-registries"
SECRET = f"{OWNED}/container-registries-configuration-secret.yaml"
RULES = ".sops.yaml"
NEWCOMER_SECRET, NEWCOMER = generate_key()


def recipients(fleet: FleetRepo, path: str) -> list[str]:
    """The age recipients that a regconf.yaml lists."""
    found: list[str] = fleet.yaml(path)["recipients"]["age"]
    return found


def with_recipients(fleet: FleetRepo, path: str, *wanted: str) -> None:
    before = recipients(fleet, path)
    text = fleet.read(path)
    start = text.index("recipients:")
    end = text.index(before[-1], start) + len(before[-1])
    end = text.index("\n", end) + 1
    fleet.write(path, f"{text[:start]}recipients:\n  age: [{', '.join(wanted)}]\n{text[end:]}")
    assert recipients(fleet, path) == list(wanted)


def names(fleet: FleetRepo, path: str) -> set[str]:
    return set(sops.parse(fleet.read(path)).metadata.names)


def leaves(fleet: FleetRepo, path: str) -> object:
    tree = sops.parse(fleet.read(path)).tree
    return tree.get("data") or tree["spec"]


def encrypted(fleet: FleetRepo) -> set[str]:
    patterns = ("*/container-registries/*-secret.yaml", "*/registry-credentials/*.enc.yaml")
    found = [path for one in patterns for path in fleet.root.glob(f"management-clusters/{one}")]
    return {str(path.relative_to(fleet.root)) for path in found}


def test_nothing_to_do_changes_nothing_and_needs_no_key(fleet: FleetRepo) -> None:
    before = fleet.snapshot()
    for arguments in (("update-keys",), ("update-keys", "--check")):
        result = fleet.run(*arguments)
        assert (result.code, fleet.snapshot()) == (0, before)
        assert "10 files are encrypted for whom" in result.err


def test_a_new_member_of_the_team_opens_everything_and_no_value_changes(fleet: FleetRepo) -> None:
    with_recipients(fleet, TEAM, *recipients(fleet, TEAM), NEWCOMER)
    before = fleet.snapshot()
    values = {path: leaves(fleet, path) for path in encrypted(fleet)}
    checked = fleet.run("update-keys", "--check")
    assert (checked.code, fleet.snapshot()) == (1, before)
    assert checked.out.count(f"adds {NEWCOMER}") == 10
    result = fleet.run("update-keys", key="team")
    assert (result.code, changed(before, fleet.snapshot())) == (0, encrypted(fleet) | {RULES})
    assert {path: leaves(fleet, path) for path in encrypted(fleet)} == values
    assert "take back" not in result.text
    for path in encrypted(fleet):
        identities = sops.Identities.of(NEWCOMER_SECRET)
        assert sops.decrypt(fleet.read(path), identities=identities)
    assert fleet.run("update-keys", "--check").code == 0
    assert fleet.check(key="team").code == 0  # regenerate has nothing left to do


def test_adding_to_an_account_changes_only_its_block(fleet: FleetRepo) -> None:
    with_recipients(fleet, TEAM, *recipients(fleet, TEAM), NEWCOMER)
    before = sops.parse(fleet.read(ACCOUNT))
    fleet.run("update-keys", key="team")
    after = sops.parse(fleet.read(ACCOUNT))
    assert after.text is not None
    assert before.text is not None
    assert after.text.startswith(before.text[: before.text.index("sops:")])
    assert after.metadata.mac == before.metadata.mac
    assert after.metadata.lastmodified == before.metadata.lastmodified


def test_who_leaves_opens_nothing_and_is_told_what_to_rotate(fleet: FleetRepo) -> None:
    team = recipients(fleet, TEAM)
    with_recipients(fleet, TEAM, *team, NEWCOMER)
    fleet.run("update-keys", key="team")
    stanza = {path: sops.parse(fleet.read(path)).metadata for path in encrypted(fleet)}
    values = {path: leaves(fleet, path) for path in encrypted(fleet)}
    with_recipients(fleet, TEAM, *team)
    result = fleet.run("update-keys", key="team")
    assert result.code == 0
    assert "does not take back what it has read" in result.out
    accounts = {path for path in encrypted(fleet) if path.endswith(".enc.yaml")}
    assert all(f"  {path}\n" in result.out for path in accounts)
    leaver = sops.Identities.of(NEWCOMER_SECRET)
    for path in encrypted(fleet):
        assert NEWCOMER not in fleet.read(path)
        assert leaves(fleet, path) != values[path]
        old = leaver.data_key(stanza[path], sops.parse(fleet.read(path)).at())
        new = sops.open_file(sops.parse(fleet.read(path)), team_keys(fleet)).data_key
        assert old != new
    assert fleet.check(key="team").code == 0


def team_keys(fleet: FleetRepo) -> sops.Identities:
    return sops.Identities.of((fleet.keys / "team.agekey").read_text())


def test_a_new_key_of_one_mc_touches_only_its_secrets(fleet: FleetRepo) -> None:
    with_recipients(fleet, ALPHA, NEWCOMER)
    before = fleet.snapshot()
    result = fleet.run("update-keys", "--json", key="team")
    assert result.code == 0
    of_alpha = {path for path in encrypted(fleet) if path.startswith(OWNED)}
    assert changed(before, fleet.snapshot()) == of_alpha | {RULES}
    report = json.loads(result.out)
    assert {one["path"] for one in report["changes"]} == of_alpha
    assert all(one["added"] == [NEWCOMER] and one["removed"] for one in report["changes"])
    assert ACCOUNT in report["rotate"]
    assert report["rules"] == [RULES]
    assert fleet.check(key="team").code == 0


def test_one_who_was_added_past_regconf_is_removed_and_the_secrets_follow(
    fleet: FleetRepo,
) -> None:
    text = sops.rewrap(
        fleet.read(ACCOUNT),
        recipients=[*recipients(fleet, TEAM), NEWCOMER],
        identities=team_keys(fleet),
    )
    fleet.write(ACCOUNT, text)
    before = fleet.snapshot()
    result = fleet.run("update-keys", key="team")
    assert result.code == 0
    assert f"~ {ACCOUNT}: removes {NEWCOMER}" in result.out
    assert ACCOUNT in changed(before, fleet.snapshot())
    assert SECRET in changed(before, fleet.snapshot())  # its digest names the account's ciphertext
    assert fleet.check(key="team").code == 0


def test_a_secret_that_is_out_of_date_stays_so(fleet: FleetRepo) -> None:
    fleet.edit(ALPHA, "profile: docker-hub-with-acr", "profile: acr-with-cache")
    stale = fleet.check()
    assert stale.code == 1, stale.text
    with_recipients(fleet, ALPHA, *recipients(fleet, ALPHA), NEWCOMER)
    assert fleet.run("update-keys", key="team").code == 0
    assert NEWCOMER in names(fleet, SECRET)
    assert fleet.check().code == 1  # its values are regenerate's to change


@pytest.mark.parametrize("key", [None, "alpha"])
def test_without_the_teams_key_nothing_is_written(fleet: FleetRepo, key: str | None) -> None:
    with_recipients(fleet, TEAM, *recipients(fleet, TEAM), NEWCOMER)
    before = fleet.snapshot()
    result = fleet.run("update-keys", key=key)
    assert (result.code, fleet.snapshot()) == (3, before)
    assert "Nothing was written." in result.err


def test_with_one_broken_mc_nothing_is_written_and_a_check_goes_on(fleet: FleetRepo) -> None:
    with_recipients(fleet, ALPHA, NEWCOMER)
    fleet.write("management-clusters/bravo/regconf.yaml", "kind: [\n")
    before = fleet.snapshot()
    result = fleet.run("update-keys", key="team")
    assert (result.code, fleet.snapshot()) == (2, before)
    checked = fleet.run("update-keys", "--check")
    assert checked.code == 2
    assert f"~ {SECRET}: adds {NEWCOMER}" in checked.out


def test_kinds_that_are_not_known_are_told_and_kept(fleet: FleetRepo) -> None:
    unknown = "    quantum:\n        - enc: x\n          id: somebody\n"
    fleet.write(ACCOUNT, fleet.read(ACCOUNT) + unknown)
    with_recipients(fleet, TEAM, *recipients(fleet, TEAM), NEWCOMER)
    result = fleet.run("update-keys", key="team")
    assert result.code == 3  # whether they may open it cannot be checked
    assert f"{ACCOUNT}: quantum may name recipients" in result.err
    assert "somebody" in fleet.read(ACCOUNT)


# Past regconf


def relabelled(text: str, whose: str, by: str) -> str:
    """The file with `by` able to open it under the name of `whose`."""
    metadata = sops.parse(text).metadata
    encs = {one.recipient: one.enc for one in metadata.recipients}
    indented = {
        name: "".join(f"            {line}\n" for line in enc.split("\n")[:-1])
        for name, enc in encs.items()
    }
    return text.replace(indented[whose], indented[by])


def opens(fleet: FleetRepo, path: str, secret: str) -> bool:
    try:
        sops.decrypt(fleet.read(path), identities=[secret])
    except sops.WrongKey:
        return False
    return True


@pytest.mark.parametrize("command", ["update-keys", "regenerate"])
def test_who_leaves_opens_nothing_under_another_name_either(fleet: FleetRepo, command: str) -> None:
    team, (carols_secret, carol) = recipients(fleet, TEAM), generate_key()
    with_recipients(fleet, TEAM, *team, NEWCOMER, carol)
    fleet.run("update-keys", key="team")
    for path in encrypted(fleet):
        fleet.write(path, relabelled(fleet.read(path), carol, NEWCOMER))
        assert opens(fleet, path, NEWCOMER_SECRET)
    with_recipients(fleet, TEAM, *team, carol)
    assert fleet.run("update-keys", "--check").code == 1
    assert fleet.run(command, key="team").code == 0
    for path in encrypted(fleet):
        assert not opens(fleet, path, NEWCOMER_SECRET)
        assert opens(fleet, path, carols_secret)
    assert fleet.run("update-keys", "--check").code == 0
    assert fleet.check(key="team").code == 0


def test_a_wrapped_key_that_was_exchanged_is_seen_without_a_key(fleet: FleetRepo) -> None:
    (team,), (alpha,) = recipients(fleet, TEAM), recipients(fleet, ALPHA)
    fleet.write(SECRET, relabelled(fleet.read(SECRET), alpha, team))
    assert "changed without regconf" in fleet.check().out
    old = sops.open_file(sops.parse(fleet.read(SECRET)), team_keys(fleet)).data_key
    assert fleet.run("update-keys", key="team").code == 0
    assert sops.open_file(sops.parse(fleet.read(SECRET)), team_keys(fleet)).data_key != old
    assert fleet.check(key="team").code == 0


def test_a_secret_that_was_edited_by_hand_does_not_stop_the_others(fleet: FleetRepo) -> None:
    fleet.edit(SECRET, "namespace: default", "namespace: other")
    with_recipients(fleet, ALPHA, NEWCOMER)
    result = fleet.run("update-keys", key="team")
    assert result.code == 0, result.text
    assert fleet.check(key="team").code == 0


def test_a_secret_that_was_decrypted_in_place_is_called_leaked(fleet: FleetRepo) -> None:
    tree = sops.decrypt(fleet.read(SECRET), identities=team_keys(fleet)).tree
    fleet.write(SECRET, sops.emit(tree))
    for result in (fleet.run("update-keys", key="team"), fleet.check()):
        assert result.code in (1, 2)
        assert "leaked" in result.text


def test_a_hidden_account_and_a_linked_mc_are_not_passed_over(fleet: FleetRepo) -> None:
    hidden = ACCOUNT.replace("docker-hub", ".docker-hub")
    fleet.write(hidden, fleet.read(ACCOUNT))
    assert fleet.run("update-keys", "--check").code == 2
    (fleet.root / hidden).unlink()
    alpha = fleet.root / "management-clusters" / "alpha"
    alpha.rename(fleet.root / "elsewhere")
    alpha.symlink_to(fleet.root / "elsewhere")
    for arguments in (("update-keys", "--check"), ("regenerate", "--check")):
        result = fleet.run(*arguments)
        assert result.code == 2
        assert "symbolic link" in result.err


def test_after_a_kill_it_says_what_is_left_to_regenerate(fleet: FleetRepo) -> None:
    before = {path: fleet.read(path) for path in encrypted(fleet)}
    with_recipients(fleet, TEAM, *recipients(fleet, TEAM), NEWCOMER)
    fleet.run("update-keys", key="team")
    with_recipients(fleet, TEAM, *recipients(fleet, TEAM)[:1])
    fleet.run("update-keys", key="team")
    fleet.write(SECRET, before[SECRET])  # as if killed before it
    with_recipients(fleet, TEAM, *recipients(fleet, TEAM), NEWCOMER)
    result = fleet.run("update-keys", key="team")
    assert result.code == 0
    assert SECRET in result.err
    assert "Run `regconf regenerate`." in result.err


def test_what_to_rotate_is_a_result_even_of_a_quiet_run(fleet: FleetRepo) -> None:
    with_recipients(fleet, ALPHA, NEWCOMER)
    assert f"  {ACCOUNT}\n" in fleet.run("-q", "update-keys", key="team").out


def test_nothing_is_written_where_the_result_cannot_be(fleet: FleetRepo) -> None:
    with_recipients(fleet, ALPHA, NEWCOMER)
    before = fleet.snapshot()
    program = str(Path(sys.executable).parent / "regconf")
    command = [program, "--fleet", str(fleet.root), "update-keys"]
    environ = {"PATH": os.environ["PATH"], "HOME": str(fleet.keys), **fleet.key_of("team")}
    with open("/dev/full", "w") as full:  # noqa: PTH123  # a device
        done = subprocess.run(
            command, env=environ, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, fleet.snapshot()) == (3, before)
    assert done.stderr.startswith("error: the result cannot be written")


def test_a_closed_output_is_no_obstacle(fleet: FleetRepo) -> None:
    program = Path(sys.executable).parent / "regconf"
    line = f'exec "{program}" --fleet "{fleet.root}" update-keys --check >&-'
    environ = {"PATH": os.environ["PATH"], "HOME": str(fleet.keys)}
    done = subprocess.run(["sh", "-c", line], env=environ, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_long_recipients_are_cut_for_people() -> None:
    shown = str(Difference(("age1pq1" + "q" * 1952,), ()))
    assert len(shown) < 60
    assert shown.startswith("adds age1pq1qq")


def test_who_leaves_an_mc_opens_nothing_under_another_name_either(fleet: FleetRepo) -> None:
    (alpha,) = recipients(fleet, ALPHA)
    with_recipients(fleet, ALPHA, alpha, NEWCOMER)
    fleet.run("update-keys", key="team")
    fleet.write(SECRET, relabelled(fleet.read(SECRET), alpha, NEWCOMER))
    with_recipients(fleet, ALPHA, alpha)
    assert fleet.run("update-keys", key="team").code == 0
    assert not opens(fleet, SECRET, NEWCOMER_SECRET)
    assert fleet.check(key="team").code == 0


@pytest.mark.parametrize("kind", ["out of date", "not referenced any more"])
def test_a_secret_that_is_only_encrypted_anew_is_so_once(fleet: FleetRepo, kind: str) -> None:
    if kind == "out of date":
        fleet.edit(ALPHA, "profile: docker-hub-with-acr", "profile: acr-with-cache")
        path = SECRET
    else:
        path = next(one for one in sorted(encrypted(fleet)) if "/prod1-" in one)
        own = "management-clusters/alpha/organizations/acme/workload-clusters/prod1/regconf.yaml"
        text = fleet.read(own)
        fleet.write(own, text[: text.index("containerRegistries:")])
        fleet.regenerate()
        assert (fleet.root / path).exists()
    with_recipients(fleet, ALPHA, NEWCOMER)
    assert fleet.run("update-keys", key="team").code == 0
    assert names(fleet, path) == {*recipients(fleet, TEAM), NEWCOMER}
    before = fleet.snapshot()
    again = fleet.run("update-keys", key="team")
    assert (again.code, again.out, changed(before, fleet.snapshot())) == (0, "", set())
    assert fleet.run("update-keys", "--check").code == 0


def test_a_key_of_azure_without_a_version_is_not_removed_for_the_one_that_it_has(
    fleet: FleetRepo,
) -> None:
    entry = {"created_at": "2026-01-02T03:04:05Z", "enc": "x", "name": "k", "version": "7"}
    block = sops.emit({"azure_kv": [{**entry, "vault_url": "https://v.example"}]})
    text = fleet.read(ACCOUNT) + "".join(f"    {line}\n" for line in block.split("\n")[:-1])
    (team,), open_one = recipients(fleet, TEAM), "azure_keyvault:https://v.example/keys/k"
    wanted = (team, open_one)
    assert not difference(sops.parse(text), wanted, frozenset(wanted))
    assert difference(sops.parse(text), (team,), frozenset(wanted)).removed
