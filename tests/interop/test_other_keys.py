"""A fleet whose keys only the sops command line can use: PGP and post-quantum age."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gitops_regconf import sops
from tests.interop.conftest import Gpg, Run, peer
from tests.support import FleetRepo

TEAM = "regconf.yaml"
ACCOUNT = "management-clusters/alpha/registry-credentials/docker-hub.enc.yaml"
SECRET = (
    "management-clusters/alpha/container-registries/container-registries-configuration-secret.yaml"
)


@pytest.fixture
def with_pgp(fleet: FleetRepo, gpg: Gpg, tmp_path: Path) -> FleetRepo:
    """The demo fleet with a PGP key beside the team's age key, and sops on the PATH."""
    fleet.environ = {
        "PATH": f"{Path(peer('sops')).parent}{os.pathsep}{os.environ['PATH']}",
        "GNUPGHOME": str(gpg.home),
    }
    fleet.edit(TEAM, "recipients:\n", f"recipients:\n  pgp: [{gpg.fingerprint}]\n")
    result = fleet.run("update-keys", key="team")
    assert result.code == 0, result.text
    return fleet


def test_a_pgp_key_of_the_team_opens_everything(with_pgp: FleetRepo, gpg: Gpg, run: Run) -> None:
    fleet = with_pgp
    for path in (ACCOUNT, SECRET):
        assert gpg.recipient in sops.parse(fleet.read(path)).metadata.names
        done = run(peer("sops"), "decrypt", path, cwd=fleet.root, environ=fleet.environ)
        assert done.returncode == 0, done.stderr
    assert fleet.check().code == 0
    # With the PGP key alone: every MAC is verified, and nothing is left to do.
    checked = fleet.run("regenerate", "--check")
    assert "every MAC verified with a key" in checked.err


def test_accounts_and_secrets_are_written_with_the_pgp_key_alone(with_pgp: FleetRepo) -> None:
    fleet = with_pgp
    user = ("set-credentials", "alpha", "docker-hub", "--username", "u", "--password-stdin")
    result = fleet.run(*user, stdin=b"new-CANARY")
    assert result.code == 0, result.text
    result = fleet.run("regenerate")
    assert result.code == 0, result.text
    assert "CANARY" not in result.text
    assert fleet.check(key="team").code == 0


def test_a_rule_of_sops_yaml_names_the_pgp_key(with_pgp: FleetRepo, run: Run, gpg: Gpg) -> None:
    fleet = with_pgp
    rule = sops.first_match(sops.parse_rules(fleet.read(".sops.yaml")), ACCOUNT)
    assert rule is not None
    assert gpg.recipient in rule.recipients
    environ = fleet.environ | fleet.key_of("team")
    done = run(peer("sops"), "updatekeys", "--yes", ACCOUNT, cwd=fleet.root, environ=environ)
    assert "already up to date" in done.stderr, done.stderr


def test_the_pgp_key_leaves(with_pgp: FleetRepo, gpg: Gpg, run: Run) -> None:
    fleet = with_pgp
    fleet.edit(TEAM, f"  pgp: [{gpg.fingerprint}]\n", "")
    result = fleet.run("update-keys", "--json", key="team")
    assert result.code == 0, result.text
    assert ACCOUNT in json.loads(result.out)["rotate"]
    for path in (ACCOUNT, SECRET):
        assert gpg.fingerprint not in fleet.read(path)
        done = run(peer("sops"), "decrypt", path, cwd=fleet.root, environ=fleet.environ)
        assert done.returncode == 128
    assert fleet.check(key="team").code == 0


def test_without_sops_on_the_path_it_is_said(with_pgp: FleetRepo) -> None:
    fleet = with_pgp
    fleet.environ |= {"PATH": "/nowhere"}
    before = fleet.snapshot()
    user = ("set-credentials", "alpha", "other", "--username", "u", "--password-stdin")
    result = fleet.run(*user, stdin=b"CANARY")
    assert (result.code, fleet.snapshot()) == (3, before)
    assert "'sops' is not on the PATH" in result.err
    assert fleet.check(key="team").code == 0  # the team's age key needs no sops


def test_a_post_quantum_key_of_an_mc(
    fleet: FleetRepo, age_keygen: str, run: Run, tmp_path: Path
) -> None:
    done = run(age_keygen, "-pq")
    secret = done.stdout
    recipient = secret.split("public key: ")[1].split("\n")[0]
    (tmp_path / "pq.agekey").write_text(secret)
    fleet.environ = {"PATH": f"{Path(peer('sops')).parent}{os.pathsep}{os.environ['PATH']}"}
    path = "management-clusters/alpha/regconf.yaml"
    fleet.edit(path, "recipients:\n", f"recipients: # {recipient[:12]}\n")
    text = fleet.read(path)
    old = fleet.yaml(path)["recipients"]["age"][0]
    fleet.write(path, text.replace(old, recipient))
    result = fleet.run("update-keys", key="team")
    assert result.code == 0, result.text
    assert fleet.check(key="team").code == 0
    environ = {"SOPS_AGE_KEY_FILE": str(tmp_path / "pq.agekey")}
    opened = run(peer("sops"), "decrypt", SECRET, cwd=fleet.root, environ=environ)
    assert opened.returncode == 0, opened.stderr
    # A PQ key is all that is at hand: sops unwraps, and the MAC is verified here.
    checked = fleet.run("regenerate", "--check")
    assert checked.code == 0
    identities = sops.find_identities({**os.environ, **fleet.environ, **environ})
    assert sops.decrypt(fleet.read(SECRET), identities=identities).tree["kind"] == "Secret"
