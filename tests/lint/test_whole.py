"""The gate over whole repositories: silent where nothing is wrong, exact where something is."""

from __future__ import annotations

import json
import random
import re
import shutil
from pathlib import Path

import pytest

from gitops_regconf.lint import rule_set
from gitops_regconf.lint.claims import Claims
from gitops_regconf.lint.file import File
from gitops_regconf.lint.gate import Checked, Judge, of_file
from gitops_regconf.source.worktree import WorkTree
from tests.git_clone import Clone
from tests.lint.plaintext.catalogue import TOKENS, Maker
from tests.lint.plaintext.leaks import LEAKS
from tests.support import FleetRepo, regconf

FORMATS = ("text", "json", "sarif", "github", "markdown")


def test_on_the_demo_fleet_the_rules_report_nothing(demo: Path) -> None:
    """It has accounts in both generations of rendering: config.toml and hosts.toml."""
    result = regconf("--fleet", demo / "fleet", "lint")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("no findings; ")
    forms = {
        file.name
        for wc in ("dev1", "prod1")
        for file in rendered(demo, wc).rglob("*.toml")
        if "auth" in file.read_text().lower()
    }
    assert forms == {"config.toml", "hosts.toml"}


def rendered(demo: Path, wc: str) -> Path:
    directory = demo / f"nodes-of-{wc}"
    result = regconf(
        *("--fleet", demo / "fleet", "render", "--mc", "alpha", "--wc", wc),
        *("--as", "node", "--output", directory),
    )
    assert result.code == 0, result.err
    return directory


def test_on_the_template_the_rules_report_nothing(new_fleet: FleetRepo) -> None:
    result = new_fleet.run("lint")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("no findings; ")


@pytest.fixture(scope="module")
def every_leak(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    clone = Clone(tmp_path_factory.mktemp("leaks"))
    clone.git("commit", "-q", "--allow-empty", "-m", "x")
    for form in LEAKS:
        clone.write(f"{form.id}/{form.path}", form.content)
    clone.commit()
    return clone


@pytest.mark.parametrize("arguments", [(), ("--from-ref", "HEAD~1"), ("--jobs", "2")])
@pytest.mark.parametrize("form", FORMATS)
def test_no_output_has_a_credential_in_it(
    every_leak: Clone, form: str, arguments: tuple[str, ...]
) -> None:
    result = regconf("--fleet", every_leak.root, "lint", "--format", form, *arguments)
    assert result.code == 1
    shown = {secret for leak in LEAKS for secret in leak.secret if secret in result.text}
    assert not shown, [leak.id for leak in LEAKS if shown & {*leak.secret}]


MISTAKES = {
    "field": "pasword: {}\n",
    "endpoint": "registries: {{docker.io: [{{endpoint: 'robot:{}@registry-1.docker.io'}}]}}\n",
    "registry": "registries: {{'robot:{}@quay.io': [{{endpoint: quay.io}}]}}\n",
    "tag": "profile: !{}\n",
    "interface": "global: {{components: {{containerd: {{containerRegistries: "
    "{{quay.io: [{{endpoint: 'robot:{}@quay.io', pasword: '{}'}}]}}}}}}}}\n",
}


@pytest.fixture(scope="module")
def mistaken(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo fleet with credentials where none belong, of its words and of generated ones."""
    root = tmp_path_factory.mktemp("mistaken") / "fleet"
    shutil.copytree(demo / "fleet", root)
    for number, (name, text) in enumerate(MISTAKES.items()):
        (root / f"values-{name}.yaml").write_text(text.format(*[password(number)] * 2))
    mc = next(root.glob("management-clusters/*/regconf.yaml"))
    mc.write_text(mc.read_text() + MISTAKES["field"].format(password(0)))
    return root


def password(number: int) -> str:
    """Words alone, which no net knows by their look, or none."""
    return ("correcthorse", "batterystaple", Maker("mistaken").password())[number % 3]


@pytest.mark.parametrize("form", FORMATS)
def test_no_output_shows_what_a_rule_about_registries_is_about(mistaken: Path, form: str) -> None:
    result = regconf("--fleet", mistaken, "lint", "--format", form)
    assert result.code == 1
    assert not [one for one in map(password, range(3)) if one in result.text], result.text


def test_the_gate_finds_every_leak_where_it_is(every_leak: Clone) -> None:
    result = regconf(
        *("--fleet", every_leak.root, "lint", "--rule", "plaintext-credentials", "--json")
    )
    found: dict[str, list[int]] = {}
    for one in json.loads(result.out)["findings"]:
        found.setdefault(one["path"], []).append(one["line"])
    assert found == {f"{leak.id}/{leak.path}": sorted(leak.lines) for leak in LEAKS}


# --- One leak at a random place of a clean fleet.

_TOKENS = ("docker-hub", "github", "gitlab", "age", "jwt", "npm", "azure-client", "acr")
_KEY = re.compile(r"^( *)(?:- )?[A-Za-z.]+: \S", re.ASCII)


def with_a_comment(lines: list[str], chance: random.Random, maker: Maker) -> int | None:
    """A token in a comment on a line of its own; the number of that line."""
    at = chance.randrange(len(lines) + 1)
    lines.insert(at, f"# {TOKENS[chance.choice(_TOKENS)](maker)}")
    return at + 1


def with_a_key(lines: list[str], chance: random.Random, maker: Maker) -> int | None:
    """A password beside some other key; None where there is no such place."""
    places = [at for at, line in enumerate(lines) if _KEY.match(line)]
    if not places:
        return None
    at = chance.choice(places)
    indentation = " " * len(lines[at][: len(lines[at]) - len(lines[at].lstrip(" -"))])
    lines.insert(at + 1, f"{indentation}registryPassword: {maker.password()}")
    return at + 2


@pytest.mark.parametrize("seed", range(150))
def test_a_leak_at_a_random_place_gives_one_finding_there(demo: Path, seed: int) -> None:
    chance, maker = random.Random(seed), Maker(f"mutation-{seed}")  # noqa: S311  # reproducible
    root = demo / "fleet"
    paths = [path for path in WorkTree(root).files_below("") if is_open_to_changes(path)]
    plant = chance.choice([with_a_comment, with_a_key])
    path = chance.choice(sorted(paths))
    lines = (root / path).read_text().split("\n")
    line = plant(lines, chance, maker)
    if line is None:
        line = with_a_comment(lines, chance, maker)
    text = "\n".join(lines)
    claims = Claims(WorkTree(root))
    before, after = Checked(), Checked()
    judge = Judge(rule_set.named(["plaintext-credentials", "sops-plaintext"]), claims)
    of_file(File(path, (root / path).read_bytes(), claims.of(path)), judge, before)
    of_file(File(path, text.encode(), claims.of(path)), judge, after)
    assert (before.findings, before.errors) == ([], [])
    places = [(finding.at.path, finding.at.line) for finding in after.findings]
    assert places == [(path, line)], text
    assert not any(secret in str(after) for secret in maker.made)


def is_open_to_changes(path: str) -> bool:
    """Whether a line with a `#` is a comment in it; block scalars make of it what it is not."""
    return path.endswith((".yaml", ".toml", "Makefile")) and not path.startswith(".git/")
