"""`regconf explain`: which hosts a node asks, as whom, with what effect, and who decided it."""

from __future__ import annotations

import json
import re
import secrets
from typing import Any

import pytest

from gitops_regconf.registries.profiles import built_in
from tests.support import ROOT, FleetRepo, Result

ALPHA = "management-clusters/alpha"
BRAVO = "management-clusters/bravo"
OF_ALPHA = f"{ALPHA}/organizations/acme/workload-clusters"
OF_BRAVO = f"{BRAVO}/organizations/beta/workload-clusters"
PROD1 = ("--mc", "alpha", "--wc", "prod1")
DEV1 = ("--mc", "alpha", "--wc", "dev1")
SHOP2 = ("--mc", "bravo", "--wc", "shop2")
PAUSE = "gsoci.azurecr.io/giantswarm/pause:3.9"
DIGEST = f"sha256:{'0123456789abcdef' * 4}"


def explained(fleet: FleetRepo, *arguments: str, code: int = 0) -> Any:
    """The JSON of an explanation."""
    result = fleet.run("explain", "--json", *arguments)
    assert result.code == code, result.text
    return json.loads(result.out)


def urls(found: Any) -> list[str]:
    return [host["url"] for host in found["hosts"]]


def refused(fleet: FleetRepo, *arguments: str, code: int = 2) -> str:
    result = fleet.run("explain", *arguments)
    assert result.code == code, result.text
    assert result.out == ""
    assert "Traceback" not in result.err
    return result.err


def line_of(fleet: FleetRepo, decided_at: str) -> str:
    """What stands at a position, from its column on: in the fleet, or in a built-in profile."""
    found = re.fullmatch(r"(?:built-in profile (\S+)|(\S+)):(\d+):(\d+)", decided_at)
    assert found, decided_at
    profile, path, line, column = found.groups()
    if profile:
        assert profile in built_in()
        folder = ROOT / "gitops_regconf/registries/data/profiles"
        text = (folder / f"{profile}.yaml").read_text()
    else:
        text = fleet.read(path)
    return text.splitlines()[int(line) - 1][int(column) - 1 :]


def set_proxy(fleet: FleetRepo, settings: str) -> None:
    """Give shop2 a proxy, in the ConfigMap of its cluster App."""
    path = f"{OF_BRAVO}/shop2/mapi/cluster/cluster_user_config.yaml"
    values = f"    global:\n      connectivity:\n        proxy: {settings}\n"
    fleet.edit(path, "    global:\n", values)


# --- What the nodes of the demo do.


def test_an_image_of_docker_hub(fleet: FleetRepo) -> None:
    found = explained(fleet, "nginx", *PROD1, "--containerd", "2.1")
    assert found["image"] == "docker.io/library/nginx:latest"
    assert found["cluster"] == "alpha/prod1"
    assert found["chart"] == ["cluster-aws 7.7.3"]
    assert [(host["url"], host["account"], host["effective"]) for host in found["hosts"]] == [
        ("https://registry-1.docker.io", "docker-hub", True),
        ("https://giantswarm.azurecr.io", None, None),
        ("https://mirror.acme.example", "acme-mirror", None),
        ("https://docker.io", None, None),
    ]
    assert [host["on_failure"] for host in found["hosts"]] == ["next host"] * 3 + ["the pull fails"]


def test_each_position_holds_the_entry(fleet: FleetRepo) -> None:
    found = explained(fleet, "nginx", *PROD1)
    platform, mirror, own, server = found["hosts"]
    assert line_of(fleet, platform["decided_at"]) == "endpoint: registry-1.docker.io"
    assert line_of(fleet, mirror["decided_at"]) == "endpoint: giantswarm.azurecr.io"
    assert own["decided_at"].startswith(f"{OF_ALPHA}/prod1/regconf.yaml:")
    assert line_of(fleet, own["decided_at"]).startswith("{endpoint: mirror.acme.example")
    assert server["decided_at"] == "cluster-aws 7.7.3 (server)"


def test_the_position_of_an_entry_in_a_config_map(fleet: FleetRepo) -> None:
    path = f"{OF_ALPHA}/prod1/mapi/cluster/cluster_user_config.yaml"
    fleet.write(
        path,
        fleet.read(path)
        + "      components:\n        containerd:\n          containerRegistries:\n"
        "            quay.io:\n            - endpoint: mirror.example.com\n",
    )
    mirror, server = explained(fleet, "quay.io/x/y", *PROD1)["hosts"]
    assert mirror["decided_at"].startswith(f"{path}:")
    assert line_of(fleet, mirror["decided_at"]) == "endpoint: mirror.example.com"
    assert server["url"] == "https://quay.io"


def test_the_json_has_these_fields_and_no_others(fleet: FleetRepo) -> None:
    found = explained(fleet, "nginx", *PROD1)
    assert set(found) == {
        *("image", "cluster", "chart", "hosts", "broken", "alternatives", "notes", "findings"),
    }
    of_host = {
        *("url", "account", "effective", "why", "on_failure", "proxy", "remarks", "decided_at"),
    }
    assert found["alternatives"]
    for one in found["alternatives"]:
        assert set(one) == {"when", "hosts"}
    for hosts in (found["hosts"], *(one["hosts"] for one in found["alternatives"])):
        assert all(set(host) == of_host for host in hosts)
    assert all(set(note) == {"message", "at"} for note in found["notes"])
    assert all(
        set(finding) == {"rule", "severity", "at", "message"} for finding in found["findings"]
    )
    preview = explained(fleet, "nginx", *PROD1, "--chart-version", "7.7.2")
    assert set(preview) - set(found) == {"before", "rolls"}


def test_an_image_by_digest_of_a_registry_that_nobody_configures(fleet: FleetRepo) -> None:
    found = explained(fleet, f"quay.io/x/y@{DIGEST}", "--mc", "alpha")
    assert found["image"] == f"quay.io/x/y@{DIGEST}"
    (host,) = found["hosts"]
    assert (host["url"], host["decided_at"]) == ("https://quay.io", "containerd (default)")
    assert found["alternatives"] == []


def test_an_image_that_the_cache_of_the_mc_serves(fleet: FleetRepo) -> None:
    found = explained(fleet, PAUSE, *SHOP2)
    assert urls(found) == [
        "https://zot.bravo.azure.example.io",
        "https://gsoci.azurecr.io",
        "https://gsoci.azurecr.io",
    ]
    cache = found["hosts"][0]["decided_at"]
    assert line_of(fleet, cache).startswith("managementClusterRegistryCache:")


def test_a_registry_on_the_node_itself_is_asked_over_http(fleet: FleetRepo) -> None:
    found = explained(fleet, "localhost:5000/a", "--mc", "alpha")
    assert found["image"] == "localhost:5000/a:latest"
    assert urls(found) == ["http://localhost:5000"]


def test_what_is_not_known_of_containerd_gives_an_alternative_each(fleet: FleetRepo) -> None:
    found = explained(fleet, "nginx", "--mc", "alpha")
    assert found["hosts"][0]["effective"] is None
    effects = {one["when"]: one["hosts"][0]["effective"] for one in found["alternatives"]}
    assert effects == {"containerd before 2.1": False, "containerd 2.1 or later": True}
    (finding,) = found["findings"]
    assert finding["rule"] == "credential-without-effect"


def test_the_text_says_the_same(fleet: FleetRepo) -> None:
    result = fleet.run("explain", "nginx", *PROD1)
    assert result.code == 0
    assert "docker.io/library/nginx:latest on alpha/prod1 (cluster-aws 7.7.3)" in result.out
    assert "  1. https://registry-1.docker.io  as docker-hub, effect not known" in result.out
    assert "\ncontainerd before 2.1:\n" in result.out
    assert "NO EFFECT" in result.out
    assert "On failure: " in result.out
    assert "note: " in result.err
    assert "[credential-without-effect]" in result.err
    assert fleet.run("--quiet", "explain", "nginx", *PROD1).out == result.out


# --- Which version of the chart.


def test_an_empty_version_is_that_of_the_release(fleet: FleetRepo) -> None:
    fleet.edit(f"{OF_ALPHA}/dev1.yaml", 'cluster_chart_version: "6.5.1"', 'ccv: ""')
    fleet.edit(
        "bases/clusters/aws/template/cluster.yaml",
        "version: ${cluster_chart_version}",
        'version: ""',
    )
    found = explained(fleet, "nginx", *DEV1)
    assert found["chart"] == ["cluster-aws 6.5.1"], "which release 33.4.0 ships"


def test_a_release_that_is_not_known_leaves_every_behaviour_open(fleet: FleetRepo) -> None:
    fleet.edit(f"{OF_ALPHA}/dev1.yaml", '"6.5.1"', '""')
    fleet.edit(f"{OF_ALPHA}/dev1.yaml", '"33.4.0"', '"99.0.0"')
    fleet.edit(
        "bases/clusters/aws/template/cluster.yaml",
        "version: ${cluster_chart_version}",
        'version: ""',
    )
    found = explained(fleet, "nginx", *DEV1)
    assert len(found["chart"]) > 1
    (note,) = [note for note in found["notes"] if "99.0.0" in note["message"]]
    assert "cluster_config.yaml" in note["at"] or "dev1.yaml" in note["at"]
    whens = [one["when"] for one in found["alternatives"]]
    assert any("cluster-aws" in when for when in whens)
    assert len(set(whens)) == len(whens)


def test_a_registry_that_nobody_sets_has_what_is_the_default_of_the_chart(
    fleet: FleetRepo,
) -> None:
    """cluster-aws 6.5.1 still names Docker Hub; the profile names it as well, and wins."""
    fleet.edit(f"{ALPHA}/regconf.yaml", "profile: docker-hub-with-acr", "profile: acr-with-cache")
    hosts = explained(fleet, "nginx", *DEV1)["hosts"]
    assert [host["url"] for host in hosts][:1] == ["https://registry-1.docker.io"]
    assert "https://giantswarm.azurecr.io" not in [host["url"] for host in hosts]
    assert hosts[0]["decided_at"].startswith("built-in profile acr-with-cache:")
    assert line_of(fleet, hosts[0]["decided_at"]) == "endpoint: registry-1.docker.io"


def test_a_default_of_the_chart_is_said_to_be_one(fleet: FleetRepo) -> None:
    fleet.edit(f"{ALPHA}/regconf.yaml", "profile: docker-hub-with-acr", "profile: mine")
    fleet.edit("regconf.yaml", "# profiles:", "profiles: {mine: {containerRegistries: {}}}\n#")
    hosts = explained(fleet, "nginx", *DEV1)["hosts"]
    assert [(host["url"], host["decided_at"]) for host in hosts[:2]] == [
        ("https://registry-1.docker.io", "cluster-aws 6.5.1 (default)"),
        ("https://giantswarm.azurecr.io", "cluster-aws 6.5.1 (default)"),
    ]


# --- Previews.


def test_a_preview_of_another_chart_version(fleet: FleetRepo) -> None:
    result = fleet.run("explain", "nginx", *DEV1, "--chart-version", "7.7.3", "--containerd", "2.1")
    assert result.code == 0
    assert "(cluster-aws 7.7.3)" in result.out
    against = result.out.partition("Against today:\n")[2]
    assert "  - https://registry-1.docker.io  as docker-hub, has effect  [containerd" in against
    assert "  + https://docker.io  anonymously" in against
    assert "files of control plane and workers change, and these nodes are replaced" in against


def test_a_preview_in_which_no_file_changes(fleet: FleetRepo) -> None:
    result = fleet.run("explain", "nginx", *PROD1, "--chart-version", "v7.7.2")
    assert "the same hosts, with the same effect" in result.out
    assert "No registry file changes" in result.out
    assert explained(fleet, "nginx", *PROD1, "--chart-version", "v7.7.2")["rolls"] == []


def test_a_preview_in_which_only_one_kind_of_node_rolls(fleet: FleetRepo) -> None:
    """cluster-azure 0.9.0 misnames the mirrors on the control plane alone."""
    app = f"{BRAVO}/cluster-app-manifests.yaml"
    line = next(line for line in fleet.read(app).splitlines() if line.startswith("  version: "))
    fleet.edit(app, line, "  version: 0.8.0")
    found = explained(fleet, "nginx", "--mc", "bravo", "--chart-version", "0.9.0")
    assert found["rolls"] == ["control plane"]


def test_a_preview_with_another_containerd(fleet: FleetRepo) -> None:
    before = fleet.run("explain", "nginx", "--mc", "alpha", "--containerd", "2.0")
    assert "  - https://registry-1.docker.io  as docker-hub, effect not known" in before.out
    assert "  + https://registry-1.docker.io  as docker-hub, NO EFFECT" in before.out
    assert "are replaced" not in before.out, "the files on the node stay the same"


def test_findings_are_those_of_the_containerd_that_is_assumed(fleet: FleetRepo) -> None:
    findings = explained(fleet, "nginx", "--mc", "alpha", "--containerd", "2.1")["findings"]
    assert findings == []
    (finding,) = explained(fleet, "nginx", "--mc", "alpha", "--containerd", "1.7")["findings"]
    assert "have no effect" in finding["message"]


def test_the_containerd_that_regconf_yaml_names(fleet: FleetRepo) -> None:
    fleet.edit(f"{ALPHA}/regconf.yaml", "provider: aws\n", 'provider: aws\ncontainerd: "2.0.7"\n')
    found = explained(fleet, "nginx", "--mc", "alpha")
    assert found["hosts"][0]["effective"] is False
    assert found["alternatives"] == []
    assert not [note for note in found["notes"] if "containerd is not known" in note["message"]]


# --- Accounts that are not stored.


def test_an_account_that_is_not_stored_has_no_effect(fleet: FleetRepo) -> None:
    (fleet.root / f"{ALPHA}/registry-credentials/acme-mirror.enc.yaml").unlink()
    found = explained(fleet, "nginx", *PROD1, "--containerd", "2.1")
    own = found["hosts"][2]
    assert (own["account"], own["effective"]) == ("acme-mirror", False)
    assert own["why"] == "the account 'acme-mirror' is not stored"


def test_an_optional_account_that_is_not_stored_is_not_used(fleet: FleetRepo) -> None:
    assert explained(fleet, "nginx", *SHOP2)["hosts"][0]["account"] is None


# --- Proxies.


def test_a_proxy_from_a_config_map_in_git(fleet: FleetRepo) -> None:
    set_proxy(
        fleet,
        "{enabled: true, httpsProxy: 'http://proxy.example.com:3128', noProxy: 'azurecr.io'}",
    )
    found = explained(fleet, PAUSE, *SHOP2)
    assert [host["proxy"] for host in found["hosts"]] == [
        "http://proxy.example.com:3128",  # the trap: only the cluster's own domain is left out
        None,
        None,
    ]
    assert (
        "through the proxy http://proxy.example.com:3128" in fleet.run("explain", PAUSE, *SHOP2).out
    )


@pytest.mark.parametrize("entry", ["azure.example.io", ".example.io", "zot.bravo.azure.example.io"])
def test_no_proxy_must_name_the_cache(fleet: FleetRepo, entry: str) -> None:
    set_proxy(
        fleet, f"{{enabled: true, httpsProxy: 'http://proxy.example.com:3128', noProxy: '{entry}'}}"
    )
    cache, registry, _ = explained(fleet, PAUSE, *SHOP2)["hosts"]
    assert cache["proxy"] is None
    assert registry["proxy"] == "http://proxy.example.com:3128"


def test_a_cache_behind_the_proxy_is_pointed_out(fleet: FleetRepo) -> None:
    set_proxy(fleet, "{enabled: true, httpsProxy: 'http://proxy.example.com:3128'}")
    trap = "the cache is asked through the proxy: NO_PROXY does not name it"
    remarks = [host["remarks"] for host in explained(fleet, PAUSE, *SHOP2)["hosts"]]
    assert [trap in of_host for of_host in remarks] == [True, False, False]


def test_a_proxy_in_a_secret_is_not_known(fleet: FleetRepo) -> None:
    set_proxy(fleet, "{enabled: true, secretName: proxy}")
    for host in explained(fleet, PAUSE, *SHOP2)["hosts"]:
        assert host["proxy"] is None
        assert "a proxy is set in a Secret that is not read here" in host["remarks"]


def test_a_proxy_that_is_off(fleet: FleetRepo) -> None:
    set_proxy(fleet, "{enabled: false, httpsProxy: 'http://proxy.example.com:3128'}")
    assert {host["proxy"] for host in explained(fleet, PAUSE, *SHOP2)["hosts"]} == {None}


# --- No credential is shown.


def test_no_credential_from_values_in_git_is_shown(fleet: FleetRepo) -> None:
    of_proxy, of_endpoint, password = (secrets.token_hex(12) for _ in range(3))
    set_proxy(
        fleet, f"{{enabled: true, httpsProxy: 'http://robot:{of_proxy}@proxy.example.com:1'}}"
    )
    path = f"{OF_BRAVO}/shop2/mapi/cluster/cluster_user_config.yaml"
    fleet.write(
        path,
        fleet.read(path)
        + "      components:\n        containerd:\n          containerRegistries:\n"
        "            quay.io:\n"
        f"            - endpoint: robot:{of_endpoint}@quay.io\n"
        "            - endpoint: mirror.example.com\n"
        f"              credentials: {{username: robot, password: {password}}}\n",
    )
    for flags in ((), ("--json",), ("--chart-version", "4.4.0")):
        result = fleet.run("explain", "quay.io/x/y", *SHOP2, *flags)
        assert result.code == 0, result.text
        for secret in (of_proxy, of_endpoint, password):
            assert secret not in result.text
        assert "<masked>@quay.io" in result.text
        assert "<masked>@proxy.example.com:1" in result.text
    assert "with credentials in clear" in fleet.run("explain", "quay.io/x/y", *SHOP2).out


# --- A file that cannot be read.


def test_a_hosts_toml_that_is_not_valid(fleet: FleetRepo) -> None:
    path = f"{OF_ALPHA}/prod1/mapi/cluster/cluster_user_config.yaml"
    fleet.write(
        path,
        fleet.read(path)
        + "      components:\n        containerd:\n          containerRegistries:\n"
        "            quay.io: [{endpoint: mirror.example.com}, {endpoint: mirror.example.com}]\n",
    )
    found = explained(fleet, "quay.io/x/y", *PROD1)
    assert urls(found) == ["https://quay.io"]
    (broken,) = found["broken"]
    assert line_of(fleet, broken["decided_at"]).startswith("{endpoint: mirror.example.com}]")
    assert (
        "the hosts.toml of quay.io is not valid TOML"
        in fleet.run("explain", "quay.io/x", *PROD1).out
    )


def test_a_containerd_that_does_not_start(fleet: FleetRepo) -> None:
    result: Result = fleet.run("explain", "nginx", *PROD1, "--chart-version", "0.78.0")
    assert result.code == 0
    assert "so containerd does not start" in result.out
    assert "[invalid-node-file]" in result.err


# --- Bad input.


def test_an_mc_that_is_not_there(fleet: FleetRepo) -> None:
    assert "Did you mean 'alpha'?" in refused(fleet, "nginx", "--mc", "alpa")


def test_a_wc_that_is_not_there(fleet: FleetRepo) -> None:
    said = refused(fleet, "nginx", "--mc", "alpha", "--wc", "prod2")
    assert "no workload cluster 'prod2' at alpha" in said
    assert "Did you mean 'prod1'?" in said
    assert "Known: dev1, prod1." in refused(fleet, "nginx", "--mc", "alpha", "--wc", "zzz")


def test_an_mc_without_any_wc(fleet: FleetRepo) -> None:
    key = str(fleet.root.parent / "echo.agekey")
    mc = ("--provider", "aws", "--region", "r", "--base-domain", "x.example.io")
    assert fleet.run("add-mc", "echo", *mc, "--generate-key", key).code == 0
    assert "Known: none." in refused(fleet, "nginx", "--mc", "echo", "--wc", "w")


@pytest.mark.parametrize(
    "image", ["", "Nginx", "nginx:", "quay.io/x/y@sha256:12", "a b", "https://quay.io/x", "_a_/b"]
)
def test_an_image_that_no_pod_could_name(fleet: FleetRepo, image: str) -> None:
    said = refused(fleet, "--mc", "alpha", "--", image)
    assert said.startswith("error: ")
    assert "\n  " in said, "it says what to do"


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--chart-version", "seven"), "'seven' is no chart version"),
        (("--containerd", "two"), "'two' is no version of containerd"),
        (("--containerd", "2"), "Write it like 2.1."),
    ],
)
def test_a_version_that_is_none(fleet: FleetRepo, flags: tuple[str, ...], says: str) -> None:
    assert says in refused(fleet, "nginx", "--mc", "alpha", *flags)


def test_no_mc_named(fleet: FleetRepo) -> None:
    assert "--mc" in refused(fleet, "nginx")


def test_a_broken_mc_does_not_stop_the_explanation_of_another(fleet: FleetRepo) -> None:
    fleet.edit(f"{BRAVO}/regconf.yaml", "provider:", "provder:")
    result = fleet.run("explain", "nginx", *PROD1)
    assert result.code == 2
    assert "1. https://registry-1.docker.io" in result.out
    assert f"error: {BRAVO}/regconf.yaml" in result.err
    assert explained(fleet, "nginx", *PROD1, code=2)["hosts"]


def test_a_broken_mc_itself_is_not_explained(fleet: FleetRepo) -> None:
    fleet.edit(f"{BRAVO}/regconf.yaml", "provider:", "provder:")
    said = refused(fleet, "nginx", "--mc", "bravo")
    assert f"{BRAVO}/regconf.yaml:" in said
    assert "Did you mean 'provider'?" in said


def test_nothing_is_written_and_no_key_is_needed(fleet: FleetRepo) -> None:
    before = fleet.snapshot()
    fleet.run("explain", "nginx", *PROD1, "--chart-version", "6.5.1", "--containerd", "2.1")
    assert fleet.snapshot() == before
