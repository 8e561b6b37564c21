"""A kill between any two renames leaves a fleet that builds and decrypts; a second run heals it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gitops_regconf import sops
from tests.interop.conftest import peer
from tests.interop.test_build import built, flux_paths
from tests.support import FleetRepo

NAME = "container-registries-configuration"
PROD1 = "management-clusters/alpha/organizations/acme/workload-clusters/prod1"


class Killed(BaseException):
    """What a kill looks like from inside: nothing after it runs."""


def kill_after(renames: int, fleet: FleetRepo, arguments: tuple[str, ...]) -> bool:
    """Run regenerate and stop it before a rename or removal; whether it got that far."""
    done = 0

    def counted(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: Path, *rest: Any, **more: Any) -> Any:
            nonlocal done
            writes = original.__name__ == "replace" or (
                "regconf-tmp" not in self.name and self.exists()
            )
            if writes:
                if done == renames:
                    raise Killed
                done += 1
            return original(self, *rest, **more)

        return call

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", counted(Path.replace))
        patch.setattr(Path, "unlink", counted(Path.unlink))
        try:
            fleet.run("regenerate", *arguments, key="team")
        except Killed:
            return True
    return False


def fresh(fleet: FleetRepo) -> tuple[str, ...]:
    """Everything is generated for the first time."""
    for path in fleet.root.rglob("container-registries"):
        if "bases" not in path.parts:
            shutil.rmtree(path)
    for path in fleet.root.glob("management-clusters/**/kustomization.yaml"):
        text = path.read_text()
        path.write_text(text.replace("components:\n  - container-registries\n", ""))
    return ()


def additions_dropped(fleet: FleetRepo) -> tuple[str, ...]:
    """A WC goes back to the Secret of all, and its own is pruned at once."""
    text = fleet.read(f"{PROD1}/regconf.yaml")
    fleet.write(f"{PROD1}/regconf.yaml", text[: text.index("\ncontainerRegistries") + 1])
    return ("--prune",)


def template_changed(fleet: FleetRepo) -> tuple[str, ...]:
    """A WC with nothing of its own gets additions, and loses an account."""
    home = "management-clusters/alpha/organizations/acme/workload-clusters/dev1"
    text = fleet.read(f"{home}/regconf.yaml")
    fleet.write(
        f"{home}/regconf.yaml", text + "containerRegistries: {ghcr.io: [{endpoint: ghcr.io}]}\n"
    )
    return ()


@pytest.mark.parametrize(
    "scenario", [fresh, additions_dropped, template_changed], ids=lambda f: f.__name__
)
def test_a_kill_at_any_point(
    fleet: FleetRepo, tmp_path: Path, scenario: Callable[[FleetRepo], tuple[str, ...]]
) -> None:
    kustomize = peer("kustomize")
    arguments = scenario(fleet)
    identities = sops.find_identities(fleet.key_of("team"))
    killed = 0
    for renames in range(100):
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        shutil.copytree(fleet.root, tmp_path / "copy")
        copy = FleetRepo(tmp_path / "copy", fleet.keys)
        if not kill_after(renames, copy, arguments):
            break
        killed += 1
        for _, path in flux_paths(copy):
            done = built(kustomize, copy.root / path)
            assert done.returncode == 0, f"after {renames} renames: {done.stderr}"
        for secret in copy.root.glob("management-clusters/*/container-registries/*-secret.yaml"):
            sops.decrypt(secret.read_text(), identities=identities)
        copy.regenerate(*arguments)
        assert copy.check(key="team").code == 0
        assert not list(copy.root.rglob("*.regconf-tmp"))
    assert killed >= 2
