"""The hook: which MCs it checks, what it costs with nothing to check, how it is declared."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from gitops_regconf.hooks.check_fleet_drift import main, management_clusters

from tests.git_clone import Clone
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
        (["shared/patches/app.yaml"], None),
        (["flux/Kustomization"], None),
        ([".github/workflows/ci.yaml", ".pre-commit-config.yaml", "shared/a.md"], ()),
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


SECRET = "container-registries/container-registries-configuration-secret.yaml"
OF_BRAVO = f"management-clusters/bravo/{SECRET}"


@pytest.mark.parametrize("named", [[], ["management-clusters/alpha/kustomization.yaml"]])
def test_a_staged_deletion_counts_though_nobody_names_it(
    in_fleet: FleetRepo, capsys: pytest.CaptureFixture[str], named: list[str]
) -> None:
    in_fleet.git("rm", "--quiet", OF_BRAVO)
    assert main(named) == 1
    assert OF_BRAVO in capsys.readouterr().out


@pytest.mark.parametrize("named", [[], ["management-clusters/alpha/kustomization.yaml"]])
def test_a_pushed_deletion_counts_though_nobody_names_it(
    in_fleet: FleetRepo,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    named: list[str],
) -> None:
    first = in_fleet.commit()
    in_fleet.git("rm", "--quiet", OF_BRAVO)
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", first)
    monkeypatch.setenv("PRE_COMMIT_TO_REF", in_fleet.commit())
    assert main(named) == 1
    assert OF_BRAVO in capsys.readouterr().out


def test_without_names_what_is_pushed_says_which_mcs(
    in_fleet: FleetRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    (in_fleet.root / OF_BRAVO).unlink()
    drifted = in_fleet.commit()
    in_fleet.write("README.md", "# Our fleet")
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", drifted)
    monkeypatch.setenv("PRE_COMMIT_TO_REF", in_fleet.commit())
    assert main([]) == 0, "the drift was pushed before"
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "0" * 40)
    assert main(["README.md"]) == 1, "of a new branch nobody knows"
    monkeypatch.delenv("PRE_COMMIT_FROM_REF")
    monkeypatch.delenv("PRE_COMMIT_TO_REF")
    assert main(["README.md"]) == 0
    assert main([]) == 1, "nothing is staged: all are checked"


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


def test_with_nothing_to_check_it_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; from gitops_regconf.hooks.check_fleet_drift import main; main(['README.md']);"
        "print(sorted({name.partition('.')[0] for name in sys.modules}"
        " & {'yaml', 'jsonschema', 'cryptography', 'pyrage', 're2', 'argparse'}))"
    )
    Clone(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
