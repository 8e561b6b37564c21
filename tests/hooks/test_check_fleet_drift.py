"""The hook: which MCs it checks, what it costs with nothing to check, how it is declared."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from gitops_regconf.hooks.check_fleet_drift import main, management_clusters

from tests.support import ROOT, FleetRepo


@pytest.fixture
def in_fleet(fleet: FleetRepo, monkeypatch: pytest.MonkeyPatch) -> FleetRepo:
    monkeypatch.chdir(fleet.root)
    return fleet


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        ([], ()),
        (["README.md", "Makefile"], ()),
        (["management-clusters/alpha/regconf.yaml"], ("alpha",)),
        (["management-clusters/bravo/a/b.yaml", "management-clusters/alpha/x"], ("bravo", "alpha")),
        (["management-clusters/alpha/x", "regconf.yaml"], None),
        ([".sops.yaml"], None),
        (["bases/clusters/aws/template/cluster.yaml"], None),
        (["management-clusters/removed/regconf.yaml"], None),
        (["docs/regconf.yaml"], ()),
    ],
)
def test_the_mcs_that_files_belong_to(
    in_fleet: FleetRepo, paths: list[str], names: tuple[str, ...] | None
) -> None:
    assert management_clusters(paths) == names


def test_it_passes_on_a_fresh_fleet(in_fleet: FleetRepo) -> None:
    assert main(["regconf.yaml"]) == 0
    assert main([]) == 0


def test_drift_of_the_mc_that_a_file_touches_is_found(
    in_fleet: FleetRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    path = "management-clusters/bravo/regconf.yaml"
    in_fleet.edit(
        path, "# containerRegistries:", "containerRegistries: {quay.io: [{endpoint: quay.io}]}\n#"
    )
    assert main([path]) == 1
    assert "management-clusters/bravo/container-registries" in capsys.readouterr().out
    assert main(["management-clusters/alpha/kustomization.yaml"]) == 0


def test_what_cannot_be_read_does_not_pass(in_fleet: FleetRepo) -> None:
    path = "management-clusters/bravo/regconf.yaml"
    in_fleet.write(path, "<<<<<<< ours\n" + in_fleet.read(path))
    assert main([path]) == 2


def test_with_nothing_to_check_it_imports_nothing_heavy() -> None:
    code = (
        "import sys; from gitops_regconf.hooks.check_fleet_drift import main; main(['README.md']);"
        "print(sorted({name.partition('.')[0] for name in sys.modules}"
        " & {'yaml', 'jsonschema', 'cryptography', 'pyrage', 're2', 'argparse'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def manifest() -> list[dict[str, str]]:
    found: list[dict[str, str]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    return found


def test_every_hook_is_a_console_script_with_a_module_of_its_name() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    for hook in manifest():
        module = hook["id"].replace("-", "_")
        assert hook["entry"] == hook["id"]
        assert scripts[hook["id"]] == f"gitops_regconf.hooks.{module}:main"
        assert (ROOT / "hooks" / f"{module}.py").is_file()


def test_the_readme_names_every_hook() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [hook["id"] for hook in manifest() if hook["id"] not in readme] == []


def test_the_template_runs_every_hook_on_the_same_files() -> None:
    template = yaml.safe_load((ROOT / "fleet-template/.pre-commit-config.yaml").read_text())
    local = {hook["id"]: hook for repo in template["repos"] for hook in repo["hooks"]}
    for hook in manifest():
        assert local[hook["id"]]["files"] == hook["files"]
        assert re.match(hook["files"], "management-clusters/alpha/regconf.yaml")
        assert re.match(hook["files"], ".sops.yaml")
        assert not re.match(hook["files"], "README.md")
