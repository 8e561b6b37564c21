"""The hook: which MCs it checks, what it costs with nothing to check, how it is declared."""

from __future__ import annotations

import subprocess
import sys

import pytest
from gitops_regconf.hooks.check_fleet_drift import main, management_clusters

from tests.support import FleetRepo


@pytest.fixture
def in_fleet(fleet: FleetRepo, monkeypatch: pytest.MonkeyPatch) -> FleetRepo:
    monkeypatch.chdir(fleet.root)
    fleet.stage()
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
        (["management-clusters/removed/regconf.yaml"], ("removed",)),
        (["docs/regconf.yaml"], ()),
    ],
)
def test_the_mcs_that_files_belong_to(paths: list[str], names: tuple[str, ...] | None) -> None:
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
    assert main([path]) == 0, "it is not staged"
    in_fleet.stage()
    assert main([path]) == 1
    assert "management-clusters/bravo/container-registries" in capsys.readouterr().out
    assert main(["management-clusters/alpha/kustomization.yaml"]) == 0


def test_what_is_staged_counts_and_not_what_is_mended_since(in_fleet: FleetRepo) -> None:
    path = "management-clusters/bravo/regconf.yaml"
    before = in_fleet.read(path)
    in_fleet.edit(
        path, "# containerRegistries:", "containerRegistries: {quay.io: [{endpoint: quay.io}]}\n#"
    )
    in_fleet.stage()
    in_fleet.write(path, before)
    assert main([path]) == 1


def test_on_push_the_commit_that_is_pushed_counts(
    in_fleet: FleetRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_fleet.commit()
    path = "management-clusters/bravo/regconf.yaml"
    in_fleet.edit(
        path, "# containerRegistries:", "containerRegistries: {quay.io: [{endpoint: quay.io}]}\n#"
    )
    in_fleet.stage()
    monkeypatch.setenv("PRE_COMMIT_TO_REF", "HEAD")
    assert main([path]) == 0
    in_fleet.commit()
    assert main([path]) == 1


def test_files_of_a_cluster_that_is_removed_have_all_checked(
    in_fleet: FleetRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["management-clusters/removed/x"]) == 0
    assert "No drift: 4 Secrets" not in capsys.readouterr().out


def test_what_cannot_be_read_does_not_pass(in_fleet: FleetRepo) -> None:
    path = "management-clusters/bravo/regconf.yaml"
    in_fleet.write(path, "<<<<<<< ours\n" + in_fleet.read(path))
    in_fleet.stage()
    assert main([path]) == 2


def test_with_nothing_to_check_it_imports_nothing_heavy() -> None:
    code = (
        "import sys; from gitops_regconf.hooks.check_fleet_drift import main; main(['README.md']);"
        "print(sorted({name.partition('.')[0] for name in sys.modules}"
        " & {'yaml', 'jsonschema', 'cryptography', 'pyrage', 're2', 'argparse'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
