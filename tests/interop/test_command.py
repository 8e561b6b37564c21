"""Data keys that the real sops wraps and unwraps for the keys that only it knows."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyrage
import pytest
import yaml

from gitops_regconf.errors import CannotCheck
from gitops_regconf.sops import WrongKey, generate_key
from gitops_regconf.sops.command import SopsCommand
from gitops_regconf.sops.recipients import KeyGroups, of_block
from gitops_regconf.source.position import Position
from tests.interop.conftest import Gpg, peer, versions
from tests.interop.key_services import key_services

AT = Position("secret.yaml")
OLD = "3.9.4"
SECRET, RECIPIENT = generate_key()
OTHER_SECRET, OTHER = generate_key()
DATA_KEY = bytes(range(32))
ARN = "arn:aws:kms:eu-central-1:123456789012:key/k"


@dataclass(frozen=True)
class Bench:
    """One version of the real sops, in a folder of its own."""

    version: str
    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def command(self, **environ: str | Path) -> SopsCommand:
        """The sops with a user's environment; `environ` is where that user's keys are."""
        home = {"PATH": os.environ["PATH"], "HOME": str(self.folder)}
        texts = {name: str(value) for name, value in environ.items()}
        return SopsCommand(peer("sops", self.version), {**home, **texts})

    def run(self, *arguments: str | Path, **environ: str | Path) -> str:
        sops = self.command(**environ)
        done = subprocess.run(
            [sops.program, *map(str, arguments)],
            cwd=self.folder,
            env=sops.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def encrypted(self, groups: list[dict[str, Any]], threshold: int = 0, **environ: Any) -> Any:
        """The block of a file that sops encrypts for `groups`; it stays in the folder."""
        rule = {"key_groups": groups} | ({"shamir_threshold": threshold} if threshold else {})
        (self.folder / ".sops.yaml").write_text(json.dumps({"creation_rules": [rule]}))
        (self.folder / "file.yaml").write_text("data: CANARY\n")
        text = self.run("encrypt", "file.yaml", **environ)
        (self.folder / "file.yaml").write_text(text)
        return yaml.safe_load(text)["sops"]

    def decrypted_with(self, keys: dict[str, Any], **environ: str | Path) -> None:
        """Assert that sops opens the file of `encrypted` with `keys` in place of its own."""
        data = yaml.safe_load((self.folder / "file.yaml").read_text())
        others = {name: data["sops"][name] for name in ("lastmodified", "mac", "version")}
        data["sops"] = others | keys
        file = self.folder / "rewrapped.yaml"
        file.write_text(json.dumps(data))
        assert self.run("decrypt", file, **environ) == "data: CANARY\n"


@pytest.fixture(params=versions("sops"))
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    return Bench(request.param, tmp_path)


@pytest.fixture(params=[version for version in versions("sops") if version != OLD])
def newer(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """A sops that knows age keys other than X25519."""
    return Bench(request.param, tmp_path)


@pytest.fixture(autouse=True)
def _nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []


def test_pgp_and_age_in_one_group(bench: Bench, gpg: Gpg) -> None:
    group = {"age": [RECIPIENT], "pgp": [gpg.fingerprint]}
    block = bench.encrypted([group], GNUPGHOME=gpg.home)
    assert of_block(block) == KeyGroups.of(RECIPIENT, gpg.recipient)
    data_key = bench.command(GNUPGHOME=gpg.home).unwrap(block, AT)
    assert bench.command(SOPS_AGE_KEY=SECRET).unwrap(block, AT) == data_key
    assert len(data_key) == 32
    # For wrapping, the public half of a key is enough.
    wanted = KeyGroups.of(gpg.recipient, OTHER)
    keys = bench.command(GNUPGHOME=gpg.public).wrap(data_key, wanted)
    assert set(keys) == {"age", "pgp"}
    assert wanted.met_by(of_block(keys))
    bench.decrypted_with(keys, GNUPGHOME=gpg.home)
    bench.decrypted_with(keys, SOPS_AGE_KEY=OTHER_SECRET)
    assert bench.command(GNUPGHOME=gpg.home).unwrap(keys, AT) == data_key


def test_a_key_that_is_not_at_hand(bench: Bench, gpg: Gpg) -> None:
    block = bench.encrypted([{"pgp": [gpg.fingerprint]}], GNUPGHOME=gpg.home)
    with pytest.raises(WrongKey, match=f"{gpg.fingerprint}: FAILED") as caught:
        bench.command(GNUPGHOME=gpg.public, SOPS_AGE_KEY=SECRET).unwrap(block, AT)
    assert caught.value.at == AT
    assert "secret key" in caught.value.message.lower()
    assert block["pgp"][0]["enc"].split("\n")[3] not in caught.value.message


def test_a_public_key_that_is_not_at_hand(bench: Bench, gpg: Gpg) -> None:
    with pytest.raises(CannotCheck, match=f"sops {re.escape(bench.version)} could not") as caught:
        bench.command(GNUPGHOME=gpg.home).wrap(DATA_KEY, KeyGroups.of(f"pgp:{'AB' * 20}"))
    assert "exit code 1" in caught.value.message
    assert "AB" * 20 in caught.value.message


def test_shamir_with_two_of_three_groups(bench: Bench, gpg: Gpg) -> None:
    groups = [{"age": [RECIPIENT]}, {"age": [OTHER]}, {"pgp": [gpg.fingerprint]}]
    block = bench.encrypted(groups, 2, GNUPGHOME=gpg.home)
    wanted = KeyGroups(((RECIPIENT,), (OTHER,), (gpg.recipient,)), 2)
    data_key = bench.command(SOPS_AGE_KEY=SECRET, GNUPGHOME=gpg.home).unwrap(block, AT)
    both = bench.command(SOPS_AGE_KEY=SECRET + OTHER_SECRET)
    assert both.unwrap(block, AT) == data_key
    with pytest.raises(WrongKey, match="threshold of 2"):
        bench.command(SOPS_AGE_KEY=SECRET).unwrap(block, AT)

    keys = bench.command(GNUPGHOME=gpg.public).wrap(data_key, wanted)
    assert set(keys) == {"key_groups", "shamir_threshold"}
    assert of_block(keys) == wanted
    bench.decrypted_with(keys, SOPS_AGE_KEY=OTHER_SECRET, GNUPGHOME=gpg.home)
    with pytest.raises(WrongKey):
        bench.command(GNUPGHOME=gpg.home).unwrap(keys, AT)


def test_shamir_with_all_groups(bench: Bench) -> None:
    groups = KeyGroups(((RECIPIENT,), (OTHER,)))
    keys = bench.command().wrap(DATA_KEY, groups)
    assert keys["shamir_threshold"] == 2
    assert of_block(keys) == groups
    both = bench.command(SOPS_AGE_KEY=SECRET + OTHER_SECRET)
    assert both.unwrap(keys, AT) == DATA_KEY
    with pytest.raises(WrongKey):
        bench.command(SOPS_AGE_KEY=OTHER_SECRET).unwrap(keys, AT)


def test_shamir_without_a_threshold_needs_all_groups(bench: Bench) -> None:
    third_secret, third = generate_key()
    keys = bench.command().wrap(DATA_KEY, KeyGroups(((RECIPIENT,), (OTHER,), (third,))))
    del keys["shamir_threshold"]
    with pytest.raises(WrongKey):
        bench.command(SOPS_AGE_KEY=SECRET + OTHER_SECRET).unwrap(keys, AT)
    every = bench.command(SOPS_AGE_KEY=SECRET + OTHER_SECRET + third_secret)
    assert every.unwrap(keys, AT) == DATA_KEY


@pytest.fixture(scope="session")
def post_quantum(age_keygen: str) -> tuple[str, str]:
    """A secret key and its recipient."""
    done = subprocess.run([age_keygen, "-pq"], capture_output=True, text=True, check=True)
    secret = next(line for line in done.stdout.split("\n") if line.startswith("AGE-SECRET-KEY-PQ"))
    found = re.search(r"age1pq1[a-z0-9]+", done.stdout)
    assert found
    return secret, found[0]


def test_a_post_quantum_recipient(newer: Bench, post_quantum: tuple[str, str]) -> None:
    secret, recipient = post_quantum
    block = newer.encrypted([{"age": [RECIPIENT, recipient]}])
    data_key = newer.command(SOPS_AGE_KEY=secret).unwrap(block, AT)
    keys = newer.command().wrap(data_key, KeyGroups.of(recipient))
    assert of_block(keys) == KeyGroups.of(recipient)
    newer.decrypted_with(keys, SOPS_AGE_KEY=secret)


def test_an_ssh_key(newer: Bench, tmp_path: Path) -> None:
    file = tmp_path / "id"
    keygen = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "a person", "-f", str(file)]
    subprocess.run(keygen, check=True)
    recipient = file.with_suffix(".pub").read_text().strip()
    keys = newer.command().wrap(DATA_KEY, KeyGroups.of(recipient))
    assert of_block(keys) == KeyGroups.of(recipient)
    sops = newer.command(SOPS_AGE_SSH_PRIVATE_KEY_FILE=file)
    assert sops.unwrap(keys, AT) == DATA_KEY


def test_kinds_of_keys_that_an_old_sops_does_not_know(
    post_quantum: tuple[str, str], tmp_path: Path
) -> None:
    old = Bench(OLD, tmp_path).command()
    with pytest.raises(CannotCheck, match=f"sops {re.escape(OLD)} could not wrap"):
        old.wrap(DATA_KEY, KeyGroups.of(post_quantum[1]))
    # This one it drops, and ends with 0.
    with pytest.raises(CannotCheck, match=f"sops {re.escape(OLD)} .* all of the recipients"):
        old.wrap(DATA_KEY, KeyGroups.of(RECIPIENT, "hckms:tr-west-1:key"))
    entry = {"key_id": "tr-west-1:key", "created_at": "2026-01-01T00:00:00Z", "enc": "x"}
    with pytest.raises(
        CannotCheck, match=f"sops {re.escape(OLD)} could not unwrap .* No keys found"
    ):
        old.unwrap({"hckms": [entry]}, AT)


@pytest.fixture(scope="module")
def services() -> Iterator[str]:
    with key_services() as url:
        yield url


def test_a_key_of_vault(bench: Bench, services: str) -> None:
    recipient = f"hc_vault_transit_uri:{services}/v1/transit/keys/k"
    keys = bench.command(VAULT_TOKEN="x").wrap(DATA_KEY, KeyGroups.of(recipient, RECIPIENT))
    assert of_block(keys) == KeyGroups.of(RECIPIENT, recipient)
    assert bench.command(VAULT_TOKEN="x").unwrap(keys, AT) == DATA_KEY
    assert DATA_KEY not in json.dumps(keys).encode()
    keys["hc_vault"][0]["key_name"] = "other"
    with pytest.raises(WrongKey):
        bench.command(VAULT_TOKEN="x").unwrap(keys, AT)


def test_a_key_of_aws_with_its_context(bench: Bench, services: str) -> None:
    environ = {
        "AWS_ENDPOINT_URL": services,
        "AWS_CONFIG_FILE": str(bench.folder / "aws"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    profile = "[profile prod]\naws_access_key_id = x\naws_secret_access_key = x\n"
    (bench.folder / "aws").write_text(profile)
    recipient = f"kms:{ARN}|a:b,account:x%3Ay%2Cz|prod"
    keys = bench.command(**environ).wrap(DATA_KEY, KeyGroups.of(recipient))
    assert of_block(keys) == KeyGroups.of(recipient)
    assert keys["kms"][0]["context"] == {"a": "b", "account": "x:y,z"}
    assert bench.command(**environ).unwrap(keys, AT) == DATA_KEY
    keys["kms"][0]["context"]["a"] = "c"
    with pytest.raises(WrongKey):
        bench.command(**environ).unwrap(keys, AT)


NOWHERE = "http://127.0.0.1:9"
UNREACHABLE: dict[str, dict[str, str]] = {
    f"kms:{ARN}+arn:aws:iam::123456789012:role/r|a:b|prod": {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    },
    "gcp_kms:projects/p/locations/global/keyRings/r/cryptoKeys/k": {"GOOGLE_CREDENTIALS": "{}"},
    f"hc_vault_transit_uri:{NOWHERE}/v1/transit/keys/k": {
        "VAULT_TOKEN": "CANARY",
        "VAULT_MAX_RETRIES": "0",
    },
}


@pytest.mark.parametrize("recipient", UNREACHABLE)
def test_a_service_that_cannot_be_reached_is_named(bench: Bench, recipient: str) -> None:
    with pytest.raises(CannotCheck) as caught:
        bench.command(**UNREACHABLE[recipient]).wrap(DATA_KEY, KeyGroups.of(recipient))
    assert f'master key "{recipient.partition(":")[2]}"' in caught.value.message
    assert "CANARY" not in str(caught.value)


def test_a_key_of_azure_is_understood(tmp_path: Path) -> None:
    """One version is enough: it takes ten seconds until Azure's library gives up."""
    environ = {
        "AZURE_TENANT_ID": "x",
        "AZURE_CLIENT_ID": "x",
        "AZURE_CLIENT_SECRET": "CANARY",
        "AZURE_AUTHORITY_HOST": NOWHERE,
    }
    bench = Bench(versions("sops")[-1], tmp_path)
    with pytest.raises(
        CannotCheck, match=r'master key "https://127\.0\.0\.1:9/keys/k/1"'
    ) as caught:
        bench.command(**environ).wrap(
            DATA_KEY, KeyGroups.of("azure_keyvault:https://127.0.0.1:9/keys/k/1")
        )
    assert "CANARY" not in str(caught.value)


@pytest.fixture
def protected_key_file(bench: Bench) -> Path:
    """The default key file, encrypted: sops asks for its passphrase, even if it is of no use."""
    file = bench.folder / ".config" / "sops" / "age" / "keys.txt"
    file.parent.mkdir(parents=True)
    file.write_bytes(pyrage.passphrase.encrypt(SECRET.encode(), "CANARY"))
    return file


def test_a_protected_key_file_is_not_in_the_way(
    bench: Bench, gpg: Gpg, protected_key_file: Path
) -> None:
    sops = bench.command(GNUPGHOME=gpg.home, SOPS_AGE_KEY_FILE=protected_key_file)
    for _ in range(5):  # sops takes its sources in a random order
        keys = sops.wrap(DATA_KEY, KeyGroups.of(gpg.recipient))
        assert sops.unwrap(keys, AT) == DATA_KEY
