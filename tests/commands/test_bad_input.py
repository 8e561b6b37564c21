"""Bad input: an error with file, line and the mend, the right exit code, no file changed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gitops_regconf import sops
from tests.support import FleetRepo, regconf

ALPHA = "management-clusters/alpha"
PROD1 = f"{ALPHA}/organizations/acme/workload-clusters/prod1/regconf.yaml"
RECIPIENT = sops.generate_key()[1]
MC = ("--provider", "aws", "--region", "eu-central-1", "--base-domain", "x.example.io")


def refused(
    fleet: FleetRepo, *arguments: str, code: int = 2, key: str | None = None, stdin: bytes = b""
) -> str:
    """Run a command that must fail, and return what it says."""
    before = fleet.snapshot()
    result = fleet.run(*arguments, key=key, stdin=stdin)
    assert result.code == code, result.text
    assert fleet.snapshot() == before
    assert "Traceback" not in result.text
    return result.err


@pytest.mark.parametrize(
    "name",
    [
        "a/b",
        "..",
        "../x",
        "${cluster_name}",
        "Alpha",
        "a" * 64,
        "",
        "-a",
        "a-",
        "a.b",
        "ä",
        "a\n",
        "a b",
        "123",
        "on",
    ],
)
def test_names_that_cannot_name_a_cluster(fleet: FleetRepo, name: str) -> None:
    said = refused(fleet, "add-mc", *MC, "--recipient", RECIPIENT, "--", name)
    assert "cannot name a management cluster" in said
    said = refused(fleet, "add-wc", "--mc", "alpha", "--organization", "acme", "--", name)
    assert "cannot name a workload cluster" in said
    said = refused(fleet, "add-wc", "ok", "--mc", "alpha", f"--organization={name}")
    assert "cannot name an organization" in said
    said = refused(fleet, "set-credentials", "--auth-stdin", "alpha", "--", name, stdin=b"dTpw")
    assert "cannot name an account" in said


def test_an_mc_that_is_there_already(fleet: FleetRepo) -> None:
    said = refused(fleet, "add-mc", "alpha", *MC, "--recipient", RECIPIENT)
    assert f"{ALPHA}/" in said


def test_a_wc_that_is_there_already(fleet: FleetRepo) -> None:
    said = refused(fleet, "add-wc", "prod1", "--mc", "alpha", "--organization", "other")
    assert "already" in said


def test_an_mc_that_is_not_there(fleet: FleetRepo) -> None:
    assert "Did you mean 'alpha'?" in refused(fleet, "regenerate", "alpa")
    assert "no management cluster" in refused(
        fleet, "add-wc", "w", "--mc", "zulu", "--organization", "o"
    )
    assert "no management cluster" in refused(
        fleet, "set-credentials", "zulu", "a", "--auth-stdin", stdin=b"dTpw"
    )


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--provider", "gcp"), "invalid choice: 'gcp'"),
        (("--profile", "docker-hub-with-arc"), "Did you mean 'docker-hub-with-acr'?"),
        (("--base-domain", "Example.io"), "no DNS domain"),
        (("--base-domain", "a..b"), "no DNS domain"),
        (("--region", "a: b"), "no region"),
        (("--chart-version", "seven"), "no chart version"),
        (("--recipient", "age1nonsense"), "recipient"),
        (("--recipient", "ssh-ed25519 AAAA"), "this is no age recipient"),
    ],
)
def test_arguments_of_add_mc(fleet: FleetRepo, flags: tuple[str, ...], says: str) -> None:
    recipient = () if flags[0] == "--recipient" else ("--recipient", RECIPIENT)
    assert says in refused(fleet, "add-mc", "new", *MC, *recipient, *flags)


def test_a_private_key_given_for_a_recipient_is_not_repeated(fleet: FleetRepo) -> None:
    secret = sops.generate_key()[0].split("\n")[-2]
    said = refused(fleet, "add-mc", "new", *MC, "--recipient", secret)
    assert secret[20:] not in said


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("regconf.yaml", "profile: acr", "profil: acr", "Did you mean 'profile'?"),
        (
            "regconf.yaml",
            "profile: acr-with-cache",
            "profile: acr-with-cash",
            "Did you mean 'acr-with-cache'?",
        ),
        ("regconf.yaml", "profile: acr", "profile: a\nprofile: acr", "stands here twice"),
        ("regconf.yaml", "  name: acme", "\tname: acme", "tabs"),
        ("regconf.yaml", "age: [age1", "age: [age1xx", "age"),
        (f"{ALPHA}/regconf.yaml", "provider: aws", "provider: gcp", "Allowed: aws"),
        (PROD1, "endpoint: mirror", "endpoint: https://mirror", "no scheme"),
        (PROD1, "account: acme-mirror", "acount: acme-mirror", "Did you mean 'account'?"),
        (PROD1, "account: acme-mirror", "account: docker-hub", "belongs to the platform"),
        (PROD1, "account: acme-mirror", "credentials: {password: hunter2}", "set-credentials"),
    ],
)
def test_a_regconf_yaml_that_is_not_right(
    fleet: FleetRepo, file: str, old: str, new: str, says: str
) -> None:
    head, _, tail = fleet.read(file).rpartition(old)
    fleet.write(file, head + new + tail)
    said = refused(fleet, "regenerate", key="team")
    number = (head + new).count("\n") + 1
    assert f"error: {file}:{number}:" in said
    assert says in said
    assert "hunter2" not in said
    assert fleet.check().code == 2


def test_an_account_that_does_not_exist(fleet: FleetRepo) -> None:
    fleet.edit(PROD1, "account: acme-mirror", "account: acme-miror")
    said = refused(fleet, "regenerate", key="team")
    assert "acme-miror" in said
    assert f"{PROD1}:" in said
    assert "regconf set-credentials alpha acme-miror" in said


def test_every_broken_mc_is_named_and_nothing_is_written(fleet: FleetRepo) -> None:
    for mc in ("alpha", "charlie"):
        fleet.edit(f"management-clusters/{mc}/regconf.yaml", "provider:", "provder:")
    fleet.edit("management-clusters/bravo/regconf.yaml", "westeurope", "northeurope")
    said = refused(fleet, "regenerate", key="team")
    assert "management-clusters/alpha/regconf.yaml" in said
    assert "management-clusters/charlie/regconf.yaml" in said


def test_a_check_goes_on_with_the_other_mcs(fleet: FleetRepo) -> None:
    fleet.edit(f"{ALPHA}/regconf.yaml", "provider:", "provder:")
    (fleet.root / "management-clusters/bravo/container-registries/kustomization.yaml").unlink()
    result = fleet.check()
    assert result.code == 2
    assert (
        "management-clusters/bravo/container-registries/kustomization.yaml: missing" in result.out
    )
    assert f"{ALPHA}/regconf.yaml" in result.err


@pytest.mark.parametrize("key", [None, "alpha"])
def test_no_key_where_one_is_needed(fleet: FleetRepo, key: str | None) -> None:
    fleet.edit(PROD1, "mirror.acme.example", "mirror2.acme.example")
    said = refused(fleet, "regenerate", key=key, code=3)
    assert "SOPS_AGE_KEY_FILE" in said
    assert "registry-credentials/" in said


def test_no_key_is_needed_where_no_account_is_used(fleet: FleetRepo) -> None:
    fleet.edit(
        "management-clusters/delta/regconf.yaml",
        "# containerRegistries:",
        "containerRegistries: {ghcr.io: [{endpoint: ghcr.io}]}\n#",
    )
    result = fleet.run("regenerate")
    assert result.code == 0, result.text
    assert fleet.check(key="team").code == 0


@pytest.mark.parametrize(
    ("flags", "stdin", "says"),
    [
        (("--password-stdin",), b"pw", "user name is missing"),
        (("--password-stdin", "--username", "u"), b"", "password is empty"),
        (("--password-stdin", "--username", "u"), b"a\nb\n", "control character"),
        (("--password-stdin", "--username", "u"), b"\xff\xfe", "not UTF-8"),
        (("--password-stdin", "--username", "u:v"), b"pw", "colon"),
        (("--password-stdin", "--username", ""), b"pw", "username is empty"),
        (("--auth-stdin",), b"not base64!", "base64 of user:password"),
        (("--auth-stdin", "--username", "u"), b"dTpw", "contradict"),
        (("--identitytoken-stdin", "--username", "u"), b"token", "contradict"),
        (("--password-stdin", "--auth-stdin"), b"x", "not allowed with"),
        (("--from-env", "NOTHING"), b"", "NOTHING_PASSWORD"),
        (("--username", "u"), b"x", "is required"),
        (("--auth-stdin", "--expires", "2027-02-30"), b"dTpw", "no date"),
        (("--auth-stdin", "--expires", "tomorrow"), b"dTpw", "no date"),
        (("--auth-stdin", "--owner", " "), b"dTpw", "owner"),
    ],
)
def test_credentials_that_no_registry_accepts(
    fleet: FleetRepo, flags: tuple[str, ...], stdin: bytes, says: str
) -> None:
    said = refused(fleet, "set-credentials", "alpha", "docker-hub", *flags, stdin=stdin)
    assert says in said
    assert "not base64!" not in said


def test_credentials_from_the_environment(fleet: FleetRepo) -> None:
    fleet.environ = {"HUB_USERNAME": "u", "HUB_PASSWORD": "from-the-environment"}
    result = fleet.run("set-credentials", "alpha", "docker-hub", "--from-env", "HUB")
    assert result.code == 0
    assert "from-the-environment" not in result.text
    path = f"{ALPHA}/registry-credentials/docker-hub.enc.yaml"
    identities = sops.find_identities(fleet.key_of("team"))
    spec = sops.decrypt(fleet.read(path), identities=identities).tree["spec"]
    assert (spec["username"], spec["password"]) == ("u", "from-the-environment")


def test_init_refuses_a_directory_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    result = regconf("init", tmp_path, "--name", "acme", "--recipient", RECIPIENT)
    assert result.code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("where", ["inside", "existing", "link"])
def test_a_private_key_is_written_neither_into_a_work_tree_nor_over_a_file(
    fleet: FleetRepo, tmp_path: Path, where: str
) -> None:
    path = fleet.root / "bases/new.agekey" if where == "inside" else tmp_path / "there.agekey"
    if where == "existing":
        path.write_text("a key")
    if where == "link":
        path.symlink_to(tmp_path / "elsewhere")
    said = refused(fleet, "add-mc", "new", *MC, "--generate-key", str(path))
    assert "private key" in said
    assert not (tmp_path / "elsewhere").exists()


def test_a_private_key_is_for_its_owner_alone(fleet: FleetRepo, tmp_path: Path) -> None:
    path = tmp_path / "new.agekey"
    assert fleet.run("add-mc", "new", *MC, "--generate-key", str(path)).code == 0
    assert path.stat().st_mode & 0o777 == 0o600
    assert fleet.check().code == 1, "its files are not generated yet"


def test_a_key_is_not_left_behind_when_the_mc_cannot_be_added(
    fleet: FleetRepo, tmp_path: Path
) -> None:
    path = tmp_path / "new.agekey"
    refused(fleet, "add-mc", "new", *MC, "--profile", "nope", "--generate-key", str(path))
    assert not path.exists()


def test_outside_of_a_fleet(tmp_path: Path) -> None:
    result = regconf("--fleet", tmp_path, "regenerate")
    assert result.code == 2
    assert "regconf init" in result.err


def test_a_symbolic_link_is_not_followed(fleet: FleetRepo, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    target = fleet.root / ALPHA / "container-registries"
    for file in target.iterdir():
        file.rename(outside / file.name)
    target.rmdir()
    target.symlink_to(outside)
    before = {file.name: file.read_bytes() for file in outside.iterdir()}
    result = fleet.run("regenerate", key="team")
    assert result.code == 2
    assert "symbolic link" in result.err
    assert {file.name: file.read_bytes() for file in outside.iterdir()} == before


def test_a_second_writer_is_refused(fleet: FleetRepo) -> None:
    holder = subprocess.Popen(
        ["flock", "--exclusive", fleet.root, "sh", "-c", "echo held; read _"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        result = fleet.run("regenerate", key="team")
        assert result.code == 2
        assert "another regconf" in result.err
    finally:
        holder.communicate(b"\n", timeout=10)
    assert fleet.run("regenerate", key="team").code == 0
