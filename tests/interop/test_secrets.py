"""Who can open what is generated, and what is in it: the real sops is the judge."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.interop.conftest import Run
from tests.support import FleetRepo

NAME = "container-registries-configuration"
ACCOUNT = "management-clusters/alpha/registry-credentials/docker-hub.enc.yaml"


@pytest.fixture
def decrypt(sops: str, run: Run, fleet: FleetRepo) -> Any:
    """`sops decrypt` of a file of the fleet with one private key alone."""

    def decrypted(path: str, who: str) -> subprocess.CompletedProcess[str]:
        return run(sops, "decrypt", path, cwd=fleet.root, environ=fleet.key_of(who))

    return decrypted


def secrets(fleet: FleetRepo) -> Iterator[tuple[str, str]]:
    """MC and path of every generated Secret."""
    for path in sorted(fleet.root.glob("management-clusters/*/container-registries/*-secret.yaml")):
        yield path.parts[-3], str(path.relative_to(fleet.root))


def test_every_secret_opens_with_its_mcs_key_alone_and_with_the_teams_alone(
    fleet: FleetRepo, decrypt: Any
) -> None:
    found = list(secrets(fleet))
    assert len(found) == 6
    for mc, path in found:
        of_mc, of_team = decrypt(path, mc), decrypt(path, "team")
        assert of_mc.returncode == 0, of_mc.stderr
        assert of_team.stdout == of_mc.stdout
        assert list(yaml.safe_load(of_mc.stdout)["data"]) == ["values.yaml"]


def test_no_secret_opens_with_another_mcs_key(fleet: FleetRepo, decrypt: Any) -> None:
    for mc, path in secrets(fleet):
        for other in {"alpha", "bravo", "charlie", "delta"} - {mc}:
            assert decrypt(path, other).returncode == 128


def test_account_files_open_with_the_teams_key_only(fleet: FleetRepo, decrypt: Any) -> None:
    accounts = sorted(fleet.root.glob("management-clusters/*/registry-credentials/*.enc.yaml"))
    assert len(accounts) == 4
    for account in accounts:
        path = str(account.relative_to(fleet.root))
        assert decrypt(path, "team").returncode == 0
        assert decrypt(path, account.parts[-3]).returncode == 128


def values(decrypted: subprocess.CompletedProcess[str]) -> Any:
    """The values document in a decrypted Secret."""
    data = yaml.safe_load(decrypted.stdout)["data"]["values.yaml"]
    return yaml.safe_load(base64.b64decode(data, validate=True))


def credentials(decrypt: Any, path: str) -> dict[str, str]:
    spec = yaml.safe_load(decrypt(path, "team").stdout)["spec"]
    return {key: spec[key] for key in ("username", "password")}


def test_the_values_of_docker_hub_with_acr_and_a_mirror_of_the_workload_clusters_own(
    fleet: FleetRepo, decrypt: Any
) -> None:
    owned = "management-clusters/alpha/container-registries"
    stored = "management-clusters/alpha/registry-credentials"
    platform = [
        {
            "endpoint": "registry-1.docker.io",
            "credentials": credentials(decrypt, f"{stored}/docker-hub.enc.yaml"),
        },
        {"endpoint": "giantswarm.azurecr.io"},
    ]
    own = {
        "endpoint": "mirror.acme.example",
        "credentials": credentials(decrypt, f"{stored}/acme-mirror.enc.yaml"),
    }
    assert values(decrypt(f"{owned}/{NAME}-secret.yaml", "alpha")) == {
        "global": {"components": {"containerd": {"containerRegistries": {"docker.io": platform}}}}
    }
    assert values(decrypt(f"{owned}/prod1-{NAME}-secret.yaml", "alpha")) == {
        "global": {
            "components": {"containerd": {"containerRegistries": {"docker.io": [*platform, own]}}}
        }
    }


def test_the_values_of_acr_with_cache_and_a_customers_own_docker_hub_account(
    fleet: FleetRepo, decrypt: Any
) -> None:
    owned = "management-clusters/bravo/container-registries"
    account = "management-clusters/bravo/registry-credentials/shop-docker-hub.enc.yaml"
    cache = {"enabled": True, "mirroredRegistries": ["gsoci.azurecr.io"]}
    acr = [{"endpoint": "gsoci.azurecr.io"}]
    of_mc = values(decrypt(f"{owned}/{NAME}-secret.yaml", "bravo"))
    assert of_mc["global"]["components"]["containerd"] == {
        "containerRegistries": {
            "docker.io": [{"endpoint": "registry-1.docker.io"}],
            "gsoci.azurecr.io": acr,
        },
        "managementClusterRegistryCache": cache,
    }
    of_shop = values(decrypt(f"{owned}/shop1-{NAME}-secret.yaml", "bravo"))
    assert of_shop["global"]["components"]["containerd"] == {
        "containerRegistries": {
            "docker.io": [
                {"endpoint": "registry-1.docker.io", "credentials": credentials(decrypt, account)}
            ],
            "gsoci.azurecr.io": acr,
            "ghcr.io": [{"endpoint": "ghcr.io"}],
        },
        "managementClusterRegistryCache": cache,
    }


def test_the_customers_account_of_the_profile_is_used_where_it_is_stored(
    fleet: FleetRepo, decrypt: Any
) -> None:
    owned = "management-clusters/charlie/container-registries"
    account = "management-clusters/charlie/registry-credentials/customer-docker-hub.enc.yaml"
    of_mc = values(decrypt(f"{owned}/{NAME}-secret.yaml", "charlie"))
    registries = of_mc["global"]["components"]["containerd"]["containerRegistries"]
    assert registries["docker.io"] == [
        {"endpoint": "registry-1.docker.io", "credentials": credentials(decrypt, account)}
    ]


@pytest.mark.parametrize(
    "password",
    [
        "p\"a\\s's: #w{o}r,d",
        "- [x]",
        "päßwörd ✓ 🔑",
        "true",
        "0123",
        " leading and trailing ",
        "${HOME} $(id) {{ .Values }} %s",
        "x" * 5000,
        "*alias &anchor !tag |",
        "\u2028\u0085\ufeff",
    ],
)
def test_any_password_arrives_as_it_was_stored(
    fleet: FleetRepo, decrypt: Any, password: str
) -> None:
    stored = fleet.run(
        "set-credentials",
        "alpha",
        "docker-hub",
        "--username",
        "robot$alpha+pull",
        "--password-stdin",
        stdin=password.encode() + b"\n",
    )
    assert stored.code == 0, stored.text
    fleet.regenerate()
    assert credentials(decrypt, ACCOUNT) == {"username": "robot$alpha+pull", "password": password}
    path = f"management-clusters/alpha/container-registries/{NAME}-secret.yaml"
    found = values(decrypt(path, "alpha"))
    entry = found["global"]["components"]["containerd"]["containerRegistries"]["docker.io"][0]
    assert entry["credentials"] == {"username": "robot$alpha+pull", "password": password}


def test_nothing_of_ours_lands_in_plain_text_or_for_the_wrong_key_by_a_users_rule(
    fleet: FleetRepo, decrypt: Any, sops: str, run: Run, tmp_path: Path
) -> None:
    """A rule of the user's that matches more stands first; ours are put before it."""
    stranger = (fleet.keys / "delta.agekey").read_text().split("public key: ")[1].split("\n")[0]
    fleet.edit(
        ".sops.yaml",
        "creation_rules:\n",
        "creation_rules:\n"
        "  # what the platform fleets of old have\n"
        "  - path_regex: management-clusters/alpha/.*(secret|credential).*\n"
        "    encrypted_regex: ^(nothing)$   # and it encrypts nothing\n"
        f"    age: {stranger}\n",
    )
    assert ".sops.yaml" in fleet.check().out
    fleet.run("set-credentials", "alpha", "new", "--auth-stdin", stdin=b"dXNlcjpwYXNz")
    fleet.regenerate()
    path = f"management-clusters/alpha/container-registries/{NAME}-secret.yaml"
    account = "management-clusters/alpha/registry-credentials/new.enc.yaml"
    assert "dXNlcjpwYXNz" not in fleet.read(account)
    for file, opens in ((path, {"alpha", "team"}), (account, {"team"})):
        who = {who for who in ("alpha", "delta", "team") if decrypt(file, who).returncode == 0}
        assert who == opens
        # and sops itself sees no reason to change them
        done = run(sops, "updatekeys", "--yes", file, cwd=fleet.root, environ=fleet.key_of("team"))
        assert "already up to date" in done.stderr, done.stderr
    fresh = fleet.root / "management-clusters/alpha/registry-credentials/by-hand.enc.yaml"
    fresh.write_text("spec:\n    password: plain\n    owner: acme\n")
    run(sops, "encrypt", "--in-place", fresh, cwd=fleet.root)
    assert "plain" not in fresh.read_text()
    assert "owner: acme" in fresh.read_text()
    # the user's rule is still there, word for word, and still rules what is not ours
    assert "encrypted_regex: ^(nothing)$   # and it encrypts nothing\n" in fleet.read(".sops.yaml")
