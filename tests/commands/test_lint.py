"""`regconf lint`: the tree, the index, or everything that a range of commits brings in."""

from __future__ import annotations

import html
import importlib
import json
import pkgutil
import secrets
import time
from pathlib import Path

import pytest

from gitops_regconf.commands.lint_scope import below
from gitops_regconf.lint import rules
from gitops_regconf.lint.rule_set import OF_FILES, OF_FLEETS, OF_INTERFACES
from tests.git_clone import Clone
from tests.support import FleetRepo, Result, regconf

PASSWORD = secrets.token_urlsafe(24)
SECRET = f"apiVersion: v1\nkind: Secret\nstringData:\n  password: {PASSWORD}\n"
CLEAN = "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\n"


def lint(*arguments: str, environ: dict[str, str] | None = None) -> Result:
    result = regconf("lint", "--jobs", "1", *arguments, environ=environ)
    assert PASSWORD not in result.text
    return result


def found(*arguments: str) -> list[tuple[str, int, str]]:
    data = json.loads(lint("--format", "json", *arguments).out)
    return [(one["path"], one["line"], one["rule"]) for one in data["findings"]]


def rule(name: str = "plaintext-credentials", path: str = "a.yaml", line: int = 4) -> list[object]:
    return [(path, line, name)]


class TestTheTree:
    def test_files_that_are_tracked_or_new(self, clone: Clone) -> None:
        clone.commit({"a.yaml": SECRET, ".gitignore": "ignored/\n"})
        clone.write("new.yaml", SECRET)
        clone.write("ignored/b.yaml", SECRET)
        assert found() == [*rule(), *rule(path="new.yaml")]

    def test_some_of_its_files(self, clone: Clone) -> None:
        clone.commit({"a/x.yaml": SECRET, "b.yaml": SECRET})
        assert found("a") == rule(path="a/x.yaml")
        assert found("a/x.yaml", "b.yaml") == [*rule(path="a/x.yaml"), *rule(path="b.yaml")]

    def test_a_file_is_checked_once_however_often_it_is_named(self, clone: Clone) -> None:
        clone.commit({"a/b/x.yaml": SECRET, "a/y.yaml": CLEAN, "ab.yaml": SECRET})
        result = lint("a/b/x.yaml", "a", "a/b", "--json")
        assert json.loads(result.out)["checked"] == {"files": 2}
        assert json.loads(lint(".", "a", "--json").out)["checked"] == {"files": 3}

    def test_many_paths_take_no_longer_than_many_files(self, tmp_path: Path) -> None:
        """pre-commit and xargs name thousands of files; each with each would take minutes."""
        paths = [f"a{number % 90}/b/{number}.yaml" for number in range(20_000)]
        started = time.process_time()
        assert below(paths, [str(tmp_path / path) for path in paths], tmp_path) == paths
        assert time.process_time() - started < 5

    def test_a_file_that_git_ignores_and_somebody_names(self, clone: Clone) -> None:
        clone.commit({".gitignore": "*.env\n"})
        clone.write("x.env", f"PASSWORD={PASSWORD}\n")
        assert found("x.env") == rule(path="x.env", line=1)

    def test_what_is_not_there_or_elsewhere(self, clone: Clone, tmp_path: Path) -> None:
        clone.commit({})
        assert lint("missing").code == 2
        assert lint(str(tmp_path)).code == 2

    def test_outside_of_any_repository(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "plain").mkdir()
        (tmp_path / "plain" / "a.yaml").write_text(SECRET)
        monkeypatch.chdir(tmp_path / "plain")
        assert found() == rule()
        assert lint("--staged").code == 2

    def test_clean(self, clone: Clone) -> None:
        clone.commit({"a.yaml": CLEAN})
        result = lint()
        assert (result.code, result.out) == (0, "no findings; 1 file checked\n")

    def test_what_cannot_be_read_does_not_pass(self, clone: Clone) -> None:
        clone.commit({"a.yaml": f"<<<<<<< ours\n{CLEAN}"})
        result = lint()
        assert result.code == 3
        assert "a.yaml:1:1" in result.out


class TestTheIndex:
    def test_what_is_staged_and_not_what_is_on_disk(self, clone: Clone) -> None:
        clone.commit({"old.yaml": SECRET})
        clone.stage("a.yaml", SECRET)
        clone.write("a.yaml", CLEAN)
        clone.write("unstaged.yaml", SECRET)
        assert found("--staged") == rule()

    def test_a_conflict_cannot_be_checked(self, clone: Clone) -> None:
        clone.commit({"a": "1"})
        clone.git("checkout", "-q", "-b", "other")
        clone.commit({"a": "2"})
        clone.git("checkout", "-q", "main")
        clone.commit({"a": "3"})
        clone.git("merge", "-q", "other", check=False)
        assert lint("--staged").code == 3


class TestASparseCheckout:
    """What is not checked out is checked all the same, as it is staged."""

    def test_of_files(self, clone: Clone) -> None:
        clone.commit({"in/a.yaml": CLEAN, "out/b.yaml": SECRET, "out/c.yaml": SECRET})
        clone.git("sparse-checkout", "set", "in")
        assert not (clone.root / "out").exists()
        assert found() == [*rule(path="out/b.yaml"), *rule(path="out/c.yaml")]
        assert found("out/b.yaml", "in") == rule(path="out/b.yaml")

    def test_what_is_there_all_the_same_is_looked_at(self, clone: Clone) -> None:
        clone.commit({"in/a.yaml": CLEAN, "out/b.yaml": SECRET})
        clone.git("sparse-checkout", "set", "in")
        clone.write("out/b.yaml", CLEAN)
        assert found() == []

    def test_the_baseline_and_the_rules_of_sops(self, clone: Clone) -> None:
        clone.commit({"in/a.yaml": SECRET, "out/b.yaml": SECRET})
        lint("--write-baseline")
        clone.commit()
        clone.git("sparse-checkout", "set", "in")
        assert not (clone.root / ".regconf").exists()
        assert lint().code == 0

    def test_of_a_fleet(self, fleet: FleetRepo) -> None:
        whole = fleet.run("lint")
        fleet.git("sparse-checkout", "set", "management-clusters/alpha", "bases")
        assert not (fleet.root / "management-clusters" / "bravo").exists()
        assert fleet.run("lint") == whole


class TestARange:
    def test_a_change_of_the_mode_is_no_other_file(self, clone: Clone) -> None:
        first = clone.commit({"b": "1"})
        clone.commit({"a.yaml": SECRET})
        (clone.root / "a.yaml").chmod(0o755)
        clone.commit()
        result = lint("--from-ref", first)
        assert result.out.count("[plaintext-credentials]") == 1
        assert "in the history" not in result.out

    def test_a_commit_that_is_not_there(self, clone: Clone) -> None:
        clone.commit({"b": "1"})
        result = lint("--from-ref", "origin/mian")
        assert result.code == 2
        assert "there is no commit 'origin/mian'" in result.err
        assert "`git fetch origin mian`" in result.err
        assert "--unshallow" not in result.err

    def test_what_was_added_and_removed_again(self, clone: Clone) -> None:
        first = clone.commit({"b": "1"})
        leak = clone.commit({"a.yaml": SECRET})
        clone.commit({"a.yaml": CLEAN})
        result = lint("--from-ref", first)
        assert result.code == 1
        assert f"in the history, commit {leak[:12]}" in result.out
        assert lint("--from-ref", leak).code == 0

    def test_another_mistake_that_is_mended_is_mended(self, clone: Clone) -> None:
        values = "global: {components: {containerd: {containerRegistries: {quay.io: [%s]}}}}\n"
        first = clone.commit({"b": "1"})
        clone.commit({"values.yaml": values % "{endpoint: https://quay.io}"})
        assert lint("--from-ref", first).code == 1
        clone.commit({"values.yaml": values % "{endpoint: quay.io}"})
        assert lint("--from-ref", first).code == 0

    def test_what_is_still_there_is_said_once_and_plainly(self, clone: Clone) -> None:
        first = clone.commit({"b": "1"})
        clone.commit({"a.yaml": SECRET})
        clone.commit({"b": "2"})
        result = lint("--from-ref", first, "--to-ref", "main")
        assert result.out.count("[plaintext-credentials]") == 1
        assert "in the history" not in result.out

    def test_what_was_there_before_is_not_said(self, clone: Clone) -> None:
        first = clone.commit({"a.yaml": SECRET})
        clone.commit({"b": "1"})
        assert lint("--from-ref", first).code == 0

    def test_a_shallow_clone(self, clone: Clone, tmp_path: Path) -> None:
        first = clone.commit({"b": "1"})
        clone.commit({"a.yaml": SECRET})
        clone.commit({"a.yaml": CLEAN})
        shallow = tmp_path / "shallow"
        clone.git("clone", "-q", "--depth=1", f"file://{clone.root}", str(shallow))
        assert lint("--fleet", str(shallow), "--from-ref", first).code == 3
        clone.git("-C", str(shallow), "fetch", "-q", "--depth=1", "origin", first)
        result = lint("--fleet", str(shallow), "--from-ref", first)
        assert result.code == 3
        assert "fetch-depth: 0" in result.text


@pytest.mark.parametrize(
    "arguments",
    [
        ("--staged", "a"),
        ("--staged", "--from-ref", "HEAD"),
        ("--to-ref", "HEAD"),
        ("--rule", "no-such-rule"),
        ("--write-baseline", "--staged"),
        ("--jobs", "0"),
        ("--from-ref", "nothing"),
    ],
)
def test_flags_that_make_no_sense(clone: Clone, arguments: tuple[str, ...]) -> None:
    clone.commit({"a": "1"})
    result = regconf("lint", *arguments)
    assert result.code == 2
    assert "error: " in result.err


def test_no_rule_looks_at_what_nobody_gives_it() -> None:
    """A generator under a name that no list has would never be asked, and find nothing."""
    known = {*OF_FILES, *OF_INTERFACES, *OF_FLEETS, "of_generated"}
    for module in pkgutil.iter_modules(rules.__path__, f"{rules.__name__}."):
        said = vars(importlib.import_module(module.name))
        assert {name for name in said if name.startswith("of_")} <= known, module.name


class TestChoosingRules:
    def test_one(self, clone: Clone) -> None:
        clone.commit({"a.yaml": SECRET})
        assert found("--rule", "endpoint-form") == []
        assert found("--rule", "plaintext-credentials") == rule()

    def test_their_list_as_json(self) -> None:
        listed = json.loads(lint("--list-rules", "--json").out)["rules"]
        assert {"id", "what"} == {*listed[0]}

    def test_their_list(self) -> None:
        result = lint("--list-rules")
        assert result.code == 0
        for name in ("plaintext-credentials", "endpoint-form", "sops-recipients"):
            assert name in result.out


class TestFormats:
    @pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "markdown"])
    def test_each_has_the_finding_and_not_the_secret(self, clone: Clone, form: str) -> None:
        clone.commit({"a.yaml": SECRET})
        result = lint("--format", form)
        assert result.code == 1
        assert "a.yaml" in html.unescape(result.out)

    def test_text_shows_the_line_masked_with_a_mark_below(self, clone: Clone) -> None:
        clone.commit({"a.yaml": SECRET})
        lines = lint().out.splitlines()
        assert lines[0].startswith("a.yaml:4:13: error: ")
        assert lines[1].endswith(f"  password: {'•' * len(PASSWORD)}")
        assert lines[2].endswith(" " * 12 + "^" * len(PASSWORD))

    def test_json_has_the_shape_that_is_documented(self, clone: Clone) -> None:
        clone.commit({"a.yaml": SECRET})
        data = json.loads(lint("--json").out)
        assert set(data) == {"findings", "errors", "checked"}
        (one,) = data["findings"]
        assert set(one) == {"rule", "path", "line", "column", "message", "severity", "help"}
        assert (one["line"], one["column"], one["severity"]) == (4, 13, "error")
        assert data["checked"] == {"files": 1}

    def test_in_github_actions_annotations_are_chosen_by_themselves(self, clone: Clone) -> None:
        clone.commit({"a.yaml": SECRET})
        in_actions = {"GITHUB_ACTIONS": "true"}
        assert lint(environ=in_actions).out.startswith("::error file=a.yaml,line=4,")
        assert lint("--format", "text", environ=in_actions).out.startswith("a.yaml:4")


class TestTheBaseline:
    def test_takes_note_of_what_is_there(self, clone: Clone) -> None:
        clone.commit({"a.yaml": SECRET})
        result = lint("--write-baseline")
        assert result.code == 0
        text = (clone.root / ".regconf" / "baseline.json").read_text()
        assert PASSWORD not in text
        assert lint().code == 0

    def test_new_findings_stand_out_and_lines_may_move(self, clone: Clone) -> None:
        clone.commit({"a.yaml": SECRET})
        lint("--write-baseline")
        clone.write("a.yaml", f"# moved\n{SECRET}  other: x\n")
        assert found() == rule(line=6)

    def test_what_is_gone_is_said(self, clone: Clone) -> None:
        clone.commit({"a.yaml": SECRET})
        lint("--write-baseline")
        clone.write("a.yaml", CLEAN)
        result = lint()
        assert result.code == 0
        assert "note: 1 finding of the baseline is not there any more" in result.err

    def test_what_is_noted_is_counted(self, clone: Clone) -> None:
        clone.commit({"a.yaml": SECRET})
        assert "takes note of 1 finding, warnings included" in lint("--write-baseline").err
        clone.write("a.yaml", SECRET + "  other: x\n")
        assert "takes note of 2 findings, warnings included" in lint("--write-baseline").err
        clone.write("a.yaml", CLEAN)
        assert "2 findings of the baseline are not there any more" in lint().err
        assert "takes note of no findings" in lint("--write-baseline").err

    def test_written_again_it_is_the_same(self, clone: Clone) -> None:
        clone.commit({"a.yaml": SECRET})
        lint("--write-baseline")
        before = (clone.root / ".regconf" / "baseline.json").read_bytes()
        lint("--write-baseline")
        assert (clone.root / ".regconf" / "baseline.json").read_bytes() == before

    def test_a_broken_one_stops_everything(self, clone: Clone) -> None:
        clone.commit({".regconf/baseline.json": "{", "a.yaml": CLEAN})
        assert lint().code == 2

    def test_what_cannot_be_read_is_not_taken_note_of(self, clone: Clone) -> None:
        clone.commit({"a.yaml": f"<<<<<<< ours\n{CLEAN}"})
        assert lint("--write-baseline").code == 3
        assert not (clone.root / ".regconf").exists()


class TestAFleet:
    BRAVO = "management-clusters/bravo/regconf.yaml"
    SECRET = (
        "management-clusters/bravo/container-registries/"
        "container-registries-configuration-secret.yaml"
    )

    def test_one_broken_cluster_does_not_hide_the_others(self, fleet: FleetRepo) -> None:
        fleet.edit(self.BRAVO, "provider: azure", "provider: azur")
        result = fleet.run("lint", "--format", "json")
        data = json.loads(result.out)
        assert result.code == 1
        (one,) = [
            finding
            for finding in data["findings"]
            if finding["severity"] == "error" and finding["path"] == self.BRAVO
        ]
        assert one["line"] > 0
        assert data["checked"]["clusters"] >= 7

    def test_an_ignore_is_heeded_for_rules_over_the_whole_fleet(self, fleet: FleetRepo) -> None:
        path = "management-clusters/alpha/organizations/acme/workload-clusters/prod1/regconf.yaml"
        mark = "{endpoint: mirror.acme.example, account: acme-mirror}"
        name = "credential-without-effect"
        assert "mirror.acme.example may have" in fleet.run("lint").out
        fleet.edit(path, mark, f"{mark}  # regconf: ignore[{name}] tried on a node")
        assert "mirror.acme.example may have" not in fleet.run("lint").out

    def test_the_fleet_that_is_staged(self, fleet: FleetRepo) -> None:
        before = fleet.read(self.BRAVO)
        fleet.edit(self.BRAVO, "provider: azure", "provider: azur")
        fleet.stage()
        fleet.write(self.BRAVO, before)
        assert fleet.run("lint").code == 0
        assert fleet.run("lint", "--staged").code == 1

    def test_a_deletion_is_a_change_of_the_fleet(self, fleet: FleetRepo) -> None:
        """Nothing is brought in, and a cluster has lost its Secret all the same."""
        fleet.git("rm", "--quiet", self.SECRET)
        assert fleet.run("lint", "--staged").code == 1
        fleet.commit()
        result = fleet.run("lint", "--from-ref", "HEAD~1")
        assert (result.code, self.SECRET in result.out) == (1, True), result.text

    def test_what_flux_is_told_elsewhere_is_of_the_fleet(self, fleet: FleetRepo) -> None:
        flux = "management-clusters/bravo/bravo.yaml"
        fleet.write("flux/bravo.yaml", fleet.read(flux))
        (fleet.root / flux).unlink()
        fleet.edit("management-clusters/bravo/kustomization.yaml", "- bravo.yaml\n", "")
        fleet.commit()
        assert fleet.run("lint").code == 0
        fleet.git("rm", "--quiet", "flux/bravo.yaml")
        assert fleet.run("lint", "--staged").code > 0

    def test_a_rule_about_secrets_alone(self, fleet: FleetRepo) -> None:
        fleet.edit("management-clusters/bravo/bravo.yaml", "decryption:", "decryptionn:")
        name = "secret-not-decrypted"
        assert f"[{name}]" in fleet.run("lint").out
        assert f"[{name}]" in fleet.run("lint", "--rule", name).out

    def test_the_fleet_at_the_end_of_a_range(self, fleet: FleetRepo) -> None:
        first = fleet.commit()
        fleet.edit(self.BRAVO, "provider: azure", "provider: azur")
        broken = fleet.commit()
        fleet.edit(self.BRAVO, "provider: azur", "provider: azure")
        fleet.commit()
        assert fleet.run("lint", "--from-ref", first, "--to-ref", broken).code == 1
        assert fleet.run("lint", "--from-ref", first, "--rule", "invalid-input").code == 0
