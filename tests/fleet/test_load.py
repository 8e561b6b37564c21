"""A fleet's files become a model, or errors that point at what a user must mend."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from gitops_regconf.errors import InvalidInput, RegconfError, Several
from gitops_regconf.fleet.load import load
from gitops_regconf.fleet.model import Fleet
from gitops_regconf.fleet.names import check_domain, check_name
from gitops_regconf.sops.age import generate_key
from gitops_regconf.source.position import Position
from gitops_regconf.source.worktree import WorkTree

KEY_FILE, RECIPIENT = generate_key()
SECRET_KEY = KEY_FILE.splitlines()[-1]
HIDDEN = "hunter2"
FLEET = f"""\
apiVersion: regconf/v1alpha1
kind: Fleet
metadata: {{name: acme}}
recipients:
  age: [{RECIPIENT}]
profile: acr-with-cache
"""
MC = f"""\
apiVersion: regconf/v1alpha1
kind: ManagementCluster
metadata:
  name: alpha
provider: aws
region: eu-central-1
baseDomain: alpha.example.io
recipients:
  age:
    - {RECIPIENT}
"""
WC = """\
apiVersion: regconf/v1alpha1
kind: WorkloadCluster
metadata:
  name: prod1
"""
ALPHA = "management-clusters/alpha/regconf.yaml"
PROD1 = "management-clusters/alpha/organizations/acme/workload-clusters/prod1/regconf.yaml"
EXTERNAL = "management-clusters/alpha/workload-clusters/prod1/regconf.yaml"


def loaded(root: Path, **changes: str) -> tuple[Fleet, list[RegconfError]]:
    files = {"regconf.yaml": FLEET, ALPHA: MC}
    names = {"fleet": "regconf.yaml", "mc": ALPHA, "wc": PROD1, "external": EXTERNAL}
    files |= {names.get(name, name): text for name, text in changes.items()}
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return load(WorkTree(root))


def flat(errors: Iterable[RegconfError]) -> list[RegconfError]:
    return [
        one for error in errors for one in (error.errors if isinstance(error, Several) else [error])
    ]


def only_error(root: Path, **changes: str) -> RegconfError:
    _, errors = loaded(root, **changes)
    (error,) = flat(errors)
    assert error.exit_code == 2
    assert error.at
    return error


def test_a_fleet_is_loaded_with_its_clusters(tmp_path: Path) -> None:
    fleet, errors = loaded(tmp_path, wc=WC)
    assert errors == []
    assert (fleet.name, fleet.profile, fleet.recipients) == ("acme", "acr-with-cache", (RECIPIENT,))
    (mc,) = fleet.management_clusters
    (wc,) = mc.workload_clusters
    assert (mc.name, mc.provider, mc.region) == ("alpha", "aws", "eu-central-1")
    assert (wc.name, wc.organization, wc.external, wc.declared) == ("prod1", "acme", False, True)


REGISTRY = "containerRegistries:\n  docker.io:\n    after:\n      - "
BAD: dict[str, tuple[str, tuple[int, int], str, str]] = {
    # what is appended to an MC's file: position, message, mend
    "unknown key": ("regoin: x\n", (11, 1), "'regoin'", "'region'"),
    "duplicate key": ("region: x\n", (11, 1), "twice", "Keep one"),
    "tab": ("labels:\n\ta: b\n", (12, 1), "not valid YAML", "spaces"),
    "credentials": (
        f"{REGISTRY}endpoint: m.io\n        credentials: {{password: {HIDDEN}}}\n",
        (15, 9),
        "'credentials'",
        "set-credentials",
    ),
    "password": (f"password: {HIDDEN}\n", (11, 1), "'password'", "set-credentials"),
    "auth": (
        f"{REGISTRY}{{endpoint: m.io, auth: {HIDDEN}}}\n", (14, 26), "'auth'", "set-credentials"
    ),
    "wrong type": ("containerRegistries: [x]\n", (11, 22), "type object, not array", ""),
    "number": ("containerd: 2.1\n", (11, 13), "type string", "quotes"),
    "null": ("containerRegistries:\n", (11, 21), "not null", ""),
    "scheme": (f"{REGISTRY}endpoint: https://m.io\n", (14, 19), "https://m.io", "no scheme"),
    "path": (f"{REGISTRY}endpoint: m.io/v2\n", (14, 19), "m.io/v2", "path"),
    "user info": (
        f"{REGISTRY}endpoint: https://me:{HIDDEN}@m.io\n", (14, 19), "no valid endpoint", "user"
    ),
    "capitals": (
        "containerRegistries:\n  a.io: [{endpoint: a}]\n  Docker.io: [{endpoint: m}]\n",
        (13, 3), "'Docker.io' is no valid registry", "no capital letters",
    ),
    "unknown profile": ("profile: acr-with-cash\n", (11, 10), "'acr-with-cash'", "acr-with-cache"),
    "no entries": ("containerRegistries: {a.io: []}\n", (11, 29), "must have an item", ""),
    "no change": ("containerRegistries: {a.io: {}}\n", (11, 29), "must not be empty", ""),
    "optional without account": (
        f"{REGISTRY}{{endpoint: m.io, optional: true}}\n", (14, 9), "'account'", ""
    ),
    "instead and before": (
        (
            "containerRegistries:\n  a.io:\n"
            "    before: [{endpoint: m}]\n    instead: [{endpoint: n}]\n"
        ),
        (14, 5), "`instead` replaces", "",
    ),
    "port": ("localRegistryCache: {port: 70000}\n", (11, 28), "65535 or less", ""),
    "twice": (
        "localRegistryCache: {mirroredRegistries: [a, a]}\n", (11, 42), "holds an item twice", ""
    ),
    "endpoint twice": (
        "containerRegistries:\n  a.io: [{endpoint: m}, {endpoint: m}]\n", (12, 25), "twice", "other"
    ),
    "control character in a key": (
        'containerRegistries:\n  "a.io\\n": [{endpoint: m}]\n', (12, 3), "this key holds", ""
    ),
    "control character": ('containerd: "2.1\\n"\n', (11, 13), "control character", ""),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "at", "message", "mend"), BAD.values(), ids=BAD)
def test_bad_input_is_shown_where_it_stands_with_the_mend(
    lines: str, at: tuple[int, int], message: str, mend: str, tmp_path: Path
) -> None:
    error = only_error(tmp_path, mc=MC + lines)
    assert error.at == Position(ALPHA, *at)
    assert message in error.message
    assert mend in (error.mend or "")
    assert HIDDEN not in str(error)


@pytest.mark.parametrize(
    ("old", "new", "at", "message", "mend"),
    [
        ("provider: aws", "provider: awss", (5, 11), "'awss'", "'aws'"),
        ("alpha.example.io", "https://x.io", (7, 13), "no valid domain", "lower case"),
        ("name: alpha", "name: beta", (4, 9), "'alpha' by the directory", "same name"),
        ("name: alpha", "name: 123", (4, 9), "type string", "quotes"),
        ("name: alpha", "name: true", (4, 9), "type string", "quotes"),
        ("name: alpha", "name: Alpha", (4, 9), "'Alpha' is no valid name", "lower-case"),
        ("region: eu-central-1\n", "", (1, 1), "lacks the key 'region'", ""),
        ("region: eu-central-1", "region: ''", (6, 9), "must not be empty", ""),
        ("ManagementCluster", "Fleet", (2, 7), "kind ManagementCluster", "kind:"),
        ("v1alpha1", "v2", (1, 13), "must be 'regconf/v1alpha1'", ""),
        (RECIPIENT, "age1nonsense", (10, 7), "'age1nonsense'", "62 characters"),
        (RECIPIENT, SECRET_KEY, (10, 7), "secret key", "age-keygen -y"),
        (RECIPIENT, f"{SECRET_KEY}\n    - {SECRET_KEY}", (10, 5), "twice", ""),
        (f"\n    - {RECIPIENT}", f" {SECRET_KEY}", (9, 8), "type array", ""),
    ],
)
def test_bad_values_are_shown_and_never_a_secret(
    old: str, new: str, at: tuple[int, int], message: str, mend: str, tmp_path: Path
) -> None:
    error = only_error(tmp_path, mc=MC.replace(old, new))
    assert error.at == Position(ALPHA, *at)
    assert message in error.message
    assert mend in (error.mend or "")
    assert SECRET_KEY not in str(error)


@pytest.mark.parametrize("name", ["123", "on", "yes", "null", "true", "1e3", "0x1f", "2020-01-01"])
def test_names_that_yaml_reads_as_something_else_name_nothing(name: str, tmp_path: Path) -> None:
    directory = f"management-clusters/{name}/regconf.yaml"
    text = MC.replace("name: alpha", f'name: "{name}"')
    error = only_error(tmp_path, **{directory: text})
    assert error.at == Position(directory, 4, 9)
    assert "other than text" in error.message
    with pytest.raises(InvalidInput, match="other than text"):
        check_name(name, "a cluster")


@pytest.mark.parametrize(
    "name", ["", "a/b", "..", "${x}", "A", "a" * 64, "-a", "a-", "a.b", "a\n", "é"]
)
def test_names_are_kubernetes_names(name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot name a cluster"):
        check_name(name, "a cluster")


@pytest.mark.parametrize("name", ["a", "a" * 63, "prod-1", "1st"])
def test_kubernetes_names_are_taken(name: str) -> None:
    assert check_name(name, "a cluster") == name


@pytest.mark.parametrize("domain", ["", "A.io", "a..b", "a_b.io", ".a", "a/b", "a." * 130 + "a"])
def test_what_is_no_domain_is_refused(domain: str) -> None:
    with pytest.raises(InvalidInput, match="no DNS domain"):
        check_domain(domain)


def test_every_broken_management_cluster_is_reported_and_the_others_load(tmp_path: Path) -> None:
    def of(name: str) -> str:
        return MC.replace("name: alpha", f"name: {name}")

    fleet, errors = loaded(
        tmp_path,
        **{
            "management-clusters/bravo/regconf.yaml": of("bravo") + "x: 1\ny: [\n",
            "management-clusters/charlie/regconf.yaml": of("charlie"),
            "management-clusters/delta/regconf.yaml": of("delta") + "regoin: 1\nprofile: 5\n",
            "management-clusters/echo/README.md": "no management cluster\n",
        },
    )
    assert [mc.name for mc in fleet.management_clusters] == ["alpha", "charlie"]
    places = [(error.at.path, error.at.line) for error in flat(errors) if error.at]
    assert places == [
        ("management-clusters/bravo/regconf.yaml", 13),
        ("management-clusters/delta/regconf.yaml", 11),
        ("management-clusters/delta/regconf.yaml", 12),
    ]


def test_two_workload_clusters_of_one_name_are_refused(tmp_path: Path) -> None:
    other = PROD1.replace("/acme/", "/other/")
    error = only_error(tmp_path, wc=WC, **{other: WC})
    assert error.at == Position(other.removesuffix("/regconf.yaml"))
    assert PROD1.removesuffix("/regconf.yaml") in (error.mend or "")


def test_an_external_workload_cluster_says_its_version(tmp_path: Path) -> None:
    error = only_error(tmp_path, external=WC)
    assert error.at == Position(EXTERNAL, 1, 1)
    assert "chartVersion" in (error.mend or "")
    fleet, errors = loaded(tmp_path, external=f"{WC}chartVersion: 7.7.3\n")
    assert errors == []
    assert fleet.management_clusters[0].workload_clusters[0].external


def test_the_organization_is_that_of_the_directory(tmp_path: Path) -> None:
    error = only_error(tmp_path, wc=f"{WC}  organization: other\n")
    assert error.at == Position(PROD1, 5, 17)


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("", (1, 1), "empty"),
        (FLEET.replace("acr-with-cache", "acr"), (6, 10), "no profile 'acr'"),
        (FLEET + "layers:\n- match: {regoin: x}\n", (8, 11), "'regoin'"),
        (FLEET + "layers:\n- match: {}\n", (8, 10), "must not be empty"),
        (FLEET + "layers:\n- match: {region: x}\n  profile: nope\n", (9, 12), "'nope'"),
        (FLEET + "output: {secretName: Upper}\n", (7, 22), "'Upper' is no valid name"),
        (FLEET + "output: {priority: 0}\n", (7, 20), "1 or more"),
        (FLEET + "profiles: {Own: {}}\n", (7, 12), "'Own' is no valid name"),
        (FLEET.replace(RECIPIENT, SECRET_KEY), (5, 9), "secret key"),
    ],
)
def test_a_broken_fleet_file_stops_everything(
    text: str, at: tuple[int, int], message: str, tmp_path: Path
) -> None:
    with pytest.raises(RegconfError) as caught:
        loaded(tmp_path, fleet=text)
    assert caught.value.at == Position("regconf.yaml", *at)
    assert message in caught.value.message
    assert caught.value.exit_code == 2
    assert SECRET_KEY not in str(caught.value)


def test_where_there_is_no_fleet_the_mend_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is no fleet") as caught:
        load(WorkTree(tmp_path))
    assert "regconf init" in (caught.value.mend or "")


def test_an_unknown_management_cluster_gets_a_suggestion(tmp_path: Path) -> None:
    loaded(tmp_path)
    with pytest.raises(InvalidInput, match="'alhpa'") as caught:
        load(WorkTree(tmp_path), ["alhpa"])
    assert "'alpha'" in (caught.value.mend or "")


def test_an_account_in_clear_is_taken_for_leaked_and_not_repeated(tmp_path: Path) -> None:
    path = "management-clusters/alpha/registry-credentials/hub.enc.yaml"
    text = "apiVersion: regconf/v1alpha1\nkind: RegistryAccount\nmetadata: {name: hub}\n"
    error = only_error(tmp_path, **{path: f"{text}spec: {{password: {HIDDEN}}}\n"})
    assert "not encrypted" in error.message
    assert "leaked" in (error.mend or "")
    assert HIDDEN not in str(error)


@pytest.mark.parametrize("value", [HIDDEN, "4711", "[4711]", "{a: hunter2}"])
def test_a_credential_of_any_type_in_clear_is_not_repeated(value: str, tmp_path: Path) -> None:
    path = "management-clusters/alpha/registry-credentials/hub.enc.yaml"
    text = "apiVersion: regconf/v1alpha1\nkind: RegistryAccount\nmetadata: {name: hub}\n"
    _, errors = loaded(tmp_path, **{path: f"{text}spec: {{password: {value}}}\nsops: {{}}\n"})
    assert errors
    assert HIDDEN not in str(errors[0])
    assert "4711" not in str(errors[0])
