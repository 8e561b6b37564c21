"""`regconf render`: values, the files on a node, and references, without any credential shown."""

from __future__ import annotations

import base64
import json
import secrets
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.support import FleetRepo, Result

ALPHA = "management-clusters/alpha"
OF_ALPHA = f"{ALPHA}/organizations/acme/workload-clusters"
PROD1 = ("--mc", "alpha", "--wc", "prod1")
DEV1 = ("--mc", "alpha", "--wc", "dev1")
CONFIG = f"{OF_ALPHA}/prod1/mapi/cluster/cluster_user_config.yaml"
HOSTS = "etc/containerd/certs.d/docker.io/hosts.toml"
KINDS = ("values", "node", "reference")


@pytest.fixture
def password(fleet: FleetRepo) -> str:
    """That of the account docker-hub of alpha."""
    made = secrets.token_urlsafe(24)
    store = ("set-credentials", "alpha", "docker-hub", "--username", "acme", "--password-stdin")
    assert fleet.run(*store, stdin=made.encode()).code == 0
    return made


def files(fleet: FleetRepo, *arguments: str, key: str | None = None) -> dict[str, str]:
    """The rendered files by their path."""
    result = fleet.run("render", "--json", *arguments, key=key)
    assert result.code == 0, result.text
    found: dict[str, str] = json.loads(result.out)["files"]
    return found


def refused(fleet: FleetRepo, *arguments: str, code: int = 2, key: str | None = None) -> str:
    before = fleet.snapshot()
    result = fleet.run("render", *arguments, key=key)
    assert result.code == code, result.text
    assert result.out == ""
    assert "Traceback" not in result.err
    assert fleet.snapshot() == before
    return result.err


def in_any_form(password: str) -> set[str]:
    """A password as it may be written somewhere."""
    pair = base64.b64encode(f"acme:{password}".encode()).decode()
    alone = base64.b64encode(password.encode()).decode()
    return {password, pair, alone.rstrip("=")}


# --- Masked.


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", [None, "team"])
def test_no_credential_is_shown(
    fleet: FleetRepo, password: str, kind: str, key: str | None
) -> None:
    for cluster in (PROD1, DEV1):
        for flags in ((), ("--json",), ("--verbose",)):
            result = fleet.run("render", *cluster, "--as", kind, *flags, key=key)
            assert result.code == 0, result.text
            assert not [form for form in in_any_form(password) if form in result.text]


def test_masked_values(fleet: FleetRepo) -> None:
    found = yaml.safe_load(files(fleet, *DEV1, "--as", "values")["values.yaml"])
    registries = found["global"]["components"]["containerd"]["containerRegistries"]
    assert registries["docker.io"] == [
        {
            "endpoint": "registry-1.docker.io",
            "credentials": {"username": "<masked>", "password": "<masked>"},
        },
        {"endpoint": "giantswarm.azurecr.io"},
    ]


def test_a_masked_header_does_not_look_like_a_credential(fleet: FleetRepo) -> None:
    text = files(fleet, *PROD1, "--as", "node")[HOSTS]
    host = tomllib.loads(text)["host"]["https://registry-1.docker.io"]
    assert host["header"] == {"Authorization": ["Basic <masked>"]}
    (text,) = files(fleet, *DEV1, "--as", "node").values()
    registry = tomllib.loads(text)["plugins"]["io.containerd.grpc.v1.cri"]["registry"]
    assert registry["configs"] == {"registry-1.docker.io": {"auth": {"auth": "<masked>"}}}


@pytest.mark.parametrize("version", ["7.7.3", "6.5.1"])
def test_credentials_that_stand_in_git_in_clear_are_masked_as_well(
    fleet: FleetRepo, version: str
) -> None:
    of_endpoint, made = secrets.token_hex(12), secrets.token_hex(12)
    token, auth = secrets.token_hex(12), base64.b64encode(secrets.token_bytes(18)).decode()
    fleet.write(
        CONFIG,
        fleet.read(CONFIG)
        + "      components:\n        containerd:\n          containerRegistries:\n"
        "            quay.io:\n"
        f"            - endpoint: robot:{of_endpoint}@quay.io\n"
        "            - endpoint: a.example.com\n"
        f"              credentials: {{username: acme, password: {made}}}\n"
        f"            - {{endpoint: b.example.com, credentials: {{identitytoken: {token}}}}}\n"
        f"            - {{endpoint: c.example.com, credentials: {{auth: '{auth}'}}}}\n",
    )
    shown = "".join(files(fleet, *PROD1, "--as", "node", "--chart-version", version).values())
    assert "a.example.com" in shown
    assert "<masked>@quay.io" in shown
    for secret in (of_endpoint, *in_any_form(made), token, auth):
        assert secret not in shown


# --- Revealed.


def test_the_teams_key_reveals_values_and_node(fleet: FleetRepo, password: str) -> None:
    values = files(fleet, *DEV1, "--as", "values", "--reveal", key="team")["values.yaml"]
    assert f"password: {password}" in values or f'password: "{password}"' in values
    node = files(fleet, *PROD1, "--as", "node", "--reveal", key="team")[HOSTS]
    header = tomllib.loads(node)["host"]["https://registry-1.docker.io"]["header"]
    pair = base64.b64encode(f"acme:{password}".encode()).decode()
    assert header == {"Authorization": [f"Basic {pair}"]}


@pytest.mark.parametrize("key", [None, "bravo"])
@pytest.mark.parametrize("kind", ["values", "node"])
def test_without_the_teams_key_nothing_is_revealed(
    fleet: FleetRepo, kind: str, key: str | None
) -> None:
    said = refused(fleet, *DEV1, "--as", kind, "--reveal", code=3, key=key)
    assert "SOPS_AGE_KEY_FILE" in said


def test_an_account_that_is_not_stored_cannot_be_revealed(fleet: FleetRepo) -> None:
    (fleet.root / f"{ALPHA}/registry-credentials/acme-mirror.enc.yaml").unlink()
    said = refused(fleet, *PROD1, "--as", "values", "--reveal", key="team")
    assert "the account 'acme-mirror' is not stored" in said
    assert "regconf set-credentials alpha acme-mirror" in said
    assert "<masked>" in files(fleet, *PROD1, "--as", "values")["values.yaml"]


# --- Into files.


def test_files_are_written_below_the_directory(fleet: FleetRepo, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = fleet.run("render", *PROD1, "--as", "node", "--output", str(out))
    assert result.code == 0
    assert result.out == ""
    assert f"+ {out}/{HOSTS}" in result.err
    assert (out / HOSTS).read_text() == files(fleet, *PROD1, "--as", "node")[HOSTS]


def test_revealed_files_are_for_their_owner_alone(
    fleet: FleetRepo, tmp_path: Path, password: str
) -> None:
    flags = ("--as", "node", "--reveal", "--output", str(tmp_path / "out"))
    result = fleet.run("render", *PROD1, *flags, key="team")
    assert result.code == 0
    assert password not in result.text
    written = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}
    assert len(written) == 3


@pytest.mark.parametrize("how", ["inside", "dots", "link", "inner link"])
def test_nothing_is_revealed_into_a_work_tree(fleet: FleetRepo, tmp_path: Path, how: str) -> None:
    directory = {
        "inside": fleet.root / "bases/out",
        "dots": tmp_path / "elsewhere" / ".." / "fleet" / "out",
        "link": tmp_path / "link" / "out",
        "inner link": tmp_path / "plain",
    }[how]
    if how == "link":
        (tmp_path / "link").symlink_to(fleet.root / "bases")
    if how == "inner link":
        directory.mkdir()
        (directory / "etc").symlink_to(fleet.root / "bases")
    flags = ("--as", "node", "--reveal", "--output", str(directory))
    said = refused(fleet, *PROD1, *flags, key="team")
    assert "inside the work tree" in said
    assert "leave --reveal out" in said


def test_what_is_masked_may_be_written_into_a_work_tree(fleet: FleetRepo) -> None:
    flags = ("--as", "reference", "--output", str(fleet.root / "out"))
    assert fleet.run("render", *PROD1, *flags).code == 0
    assert fleet.run("render", *PROD1, *flags).code == 0, "and again over what is generated"


@pytest.mark.parametrize("reveal", [(), ("--reveal",)])
@pytest.mark.parametrize("there", ["file", "link"])
def test_no_file_of_others_is_overwritten(
    fleet: FleetRepo, tmp_path: Path, reveal: tuple[str, ...], there: str
) -> None:
    path = tmp_path / "out" / HOSTS
    path.parent.mkdir(parents=True)
    if there == "file":
        path.write_text("mine")
    else:
        path.symlink_to(tmp_path / "elsewhere")
    flags = ("--as", "node", "--output", str(tmp_path / "out"), *reveal)
    said = refused(fleet, *PROD1, *flags, key="team")
    assert f"{path} is there already" in said
    assert [one for one in (tmp_path / "out").rglob("*") if not one.is_dir()] == [path]
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("what", ["file", "loop"])
def test_a_directory_that_cannot_be_one(fleet: FleetRepo, tmp_path: Path, what: str) -> None:
    if what == "file":
        (tmp_path / "out").write_text("mine")
    else:
        (tmp_path / "out").symlink_to(tmp_path / "out")
    said = refused(fleet, *PROD1, "--as", "node", "--output", str(tmp_path / "out"))
    assert "cannot be written" in said


# --- Which files.


def test_an_mc_has_files_as_well(fleet: FleetRepo) -> None:
    assert "etc/containerd/certs.d/gsoci.azurecr.io/hosts.toml" in files(
        fleet, "--mc", "bravo", "--as", "node"
    )


def test_another_chart_version_is_rendered_on_demand(fleet: FleetRepo) -> None:
    assert list(files(fleet, *DEV1, "--as", "node")) == ["etc/containerd/config.toml"]
    assert HOSTS in files(fleet, *DEV1, "--as", "node", "--chart-version", "v7.7.3")
    values = files(fleet, *DEV1, "--as", "values", "--chart-version", "0.30.0")
    assert list(values) == ["values-connectivity.yaml"]


def test_every_possible_version_has_a_directory(fleet: FleetRepo) -> None:
    fleet.edit(f"{OF_ALPHA}/dev1.yaml", '"33.4.0"', '"99.0.0"')
    template = "bases/clusters/aws/template/cluster.yaml"
    fleet.edit(template, "version: ${cluster_chart_version}", 'version: ""')
    found = files(fleet, *DEV1, "--as", "node")
    versions = {path.partition("/")[0] for path in found}
    assert len(versions) > 1
    assert all(version.startswith("cluster-aws-") for version in versions)
    assert f"cluster-aws-7.7.3/{HOSTS}" in found


def test_each_kind_of_node_has_a_directory_where_they_differ(fleet: FleetRepo) -> None:
    found = files(fleet, "--mc", "bravo", "--as", "node", "--chart-version", "0.9.0")
    assert set(found) == {
        "control-plane/etc/containerd/config.toml",
        "workers/etc/containerd/config.toml",
    }
    assert "mirroredRegistries" in found["control-plane/etc/containerd/config.toml"]


def test_a_file_that_would_not_be_valid_is_refused(fleet: FleetRepo) -> None:
    said = refused(fleet, *PROD1, "--as", "node", "--chart-version", "0.78.0", code=1)
    assert "etc/containerd/config.toml that is not valid TOML" in said
    assert "regconf explain" in said


def test_a_chart_without_an_interface(fleet: FleetRepo) -> None:
    said = refused(fleet, *DEV1, "--as", "values", "--chart-version", "0.20.0", code=1)
    assert "no interface for container registries" in said


def test_one_file_is_printed_as_it_is_and_several_with_their_paths(fleet: FleetRepo) -> None:
    one: Result = fleet.run("render", *DEV1, "--as", "values")
    assert yaml.safe_load(one.out) == yaml.safe_load(
        files(fleet, *DEV1, "--as", "values")["values.yaml"]
    )
    assert one.out.startswith("global:")
    several = fleet.run("render", *PROD1, "--as", "node").out
    assert several.startswith("# etc/containerd/config.toml\n")
    assert f"\n\n# {HOSTS}\n" in several


# --- Flags that do not belong together.


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ((), "--as"),
        (("--as", "secret"), "invalid choice"),
        (("--as", "values", "--compare-chart", "x.tgz"), "belongs to `--as node`"),
        (("--as", "node", "--compare-chart", "x.tgz", "--output", "o"), "writes nothing"),
        (("--as", "node", "--compare-chart", "x.tgz", "--reveal"), "writes nothing"),
        (
            ("--as", "node", "--compare-chart", "x.tgz", "--chart-version", "7.7.3"),
            "takes the version from the file",
        ),
        (("--as", "node", "--chart-values", "x.yaml"), "belongs to --compare-chart"),
        (("--as", "node", "--create-list"), "belongs to `--as reference`"),
        (("--as", "reference", "--reveal"), "nothing secret in a reference"),
        (("--as", "node", "--chart-version", "seven"), "no chart version"),
    ],
)
def test_flags_that_do_not_belong_together(
    fleet: FleetRepo, flags: tuple[str, ...], says: str
) -> None:
    assert says in refused(fleet, *PROD1, *flags, key="team")


def test_an_mc_needs_no_reference(fleet: FleetRepo) -> None:
    assert "name a --wc" in refused(fleet, "--mc", "alpha", "--as", "reference")


def test_a_reference_needs_a_chart_version_that_is_known(fleet: FleetRepo) -> None:
    fleet.edit(f"{OF_ALPHA}/dev1.yaml", '"33.4.0"', '"99.0.0"')
    template = "bases/clusters/aws/template/cluster.yaml"
    fleet.edit(template, "version: ${cluster_chart_version}", 'version: ""')
    said = refused(fleet, *DEV1, "--as", "reference", code=1)
    assert "--chart-version" in said
    assert files(fleet, *DEV1, "--as", "reference", "--chart-version", "7.7.3")


def test_a_broken_mc_does_not_stop_another(fleet: FleetRepo) -> None:
    fleet.edit("management-clusters/bravo/regconf.yaml", "provider:", "provder:")
    result = fleet.run("render", *PROD1, "--as", "values")
    assert result.code == 2
    assert "registry-1.docker.io" in result.out
    assert "management-clusters/bravo/regconf.yaml" in result.err
