"""`regconf init`: lay down a new fleet repository."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from gitops_regconf import sops
from gitops_regconf.commands.keys import NewKey, add_key_arguments
from gitops_regconf.commands.output import Output
from gitops_regconf.errors import CannotCheck, InvalidInput
from gitops_regconf.fleet import layout
from gitops_regconf.fleet.names import check_name
from gitops_regconf.generate.apply import apply, locked
from gitops_regconf.generate.lay_down import creations, flow_list, laid_down, template
from gitops_regconf.generate.plan import Settings
from gitops_regconf.generate.run import Scope, plan
from gitops_regconf.source.worktree import WorkTree


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `regconf init`."""
    parser.add_argument("dir", metavar="DIR", help="a directory that does not exist or is empty")
    parser.add_argument("--name", required=True, help="the fleet's name")
    add_key_arguments(parser)


def run(options: argparse.Namespace, output: Output) -> int:
    """Lay the fleet down and make it a Git repository."""
    check_name(options.name, "a fleet")
    root = Path(options.dir)
    existed = root.exists()
    if existed and (not root.is_dir() or any(root.iterdir())):
        raise InvalidInput(f"{root} is not an empty directory")
    git = shutil.which("git")
    if git is None:
        raise CannotCheck("git is not installed")
    key = NewKey(options, root)
    key.save()
    try:
        root.mkdir(parents=True, exist_ok=True)
        paths = _lay_down(root.resolve(), options.name, key.recipients)
        _git_init(git, root)
    except BaseException:
        key.discard()
        _clear(root, remove=not existed)
        raise
    for path in paths:
        output.result(f"+ {path}")
    output.data({"created": paths, "recipients": list(key.recipients)})
    if key.path:
        output.say(f"The team's private key is in {key.path}: keep it, and keep it out of Git.")
    output.say(f"Next: cd {options.dir} && regconf add-mc NAME --provider … (see its README.md)")
    return 0


def _lay_down(root: Path, name: str, recipients: tuple[str, ...]) -> list[str]:
    values = {
        "fleet_name": name,
        "recipients": flow_list(recipients),
        "schemas": layout.SCHEMAS,
        "version": version("gitops-regconf"),
    }
    texts = laid_down(template("fleet"), "", values) | _schemas()
    source = WorkTree(root, texts)
    generated = plan(source, sops.Identities.of(), Scope(), Settings())
    changes = creations(WorkTree(root), texts)
    changed = {change.path for change in generated.changes}
    with locked(root):
        apply(root, [*(c for c in changes if c.path not in changed), *generated.changes])
    return sorted({*texts, *changed})


def _schemas() -> dict[str, str]:
    """Copies of the JSON Schemas, so that editors find them without the package."""
    folder = files("gitops_regconf.schemas")
    return {
        f"{layout.SCHEMAS}/{file.name}": file.read_text("utf-8")
        for file in folder.iterdir()
        if file.name.endswith(".json")
    }


def _git_init(git: str, root: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = [git, "init", "--quiet", "--initial-branch=main", str(root)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603  # no shell, a path the user named
    if done.returncode:
        raise CannotCheck(f"git init failed: {done.stderr.strip()}")


def _clear(root: Path, *, remove: bool) -> None:
    if not root.is_dir():
        return
    for child in root.iterdir():
        shutil.rmtree(child) if child.is_dir() else child.unlink()
    if remove:
        root.rmdir()
