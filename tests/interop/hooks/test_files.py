"""Files of any name, kind and encoding."""

from __future__ import annotations

import codecs

import pytest

from tests.interop.hooks.conftest import Make
from tests.interop.hooks.contents import HARMLESS, HOOK, LEAK
from tests.interop.hooks.repository import assert_passed, assert_stopped

NAMES = ["with space.yaml", "with\nnewline.yaml", "größe.yaml", "-dash.yaml", 'quote".yaml']


@pytest.mark.parametrize("name", NAMES)
def test_a_leak_is_stopped_in_a_file_of_any_name(make: Make, name: str) -> None:
    repository = make(HOOK)
    repository.stage(name, LEAK)
    assert_stopped(repository.commit(), HOOK)


@pytest.mark.parametrize("name", NAMES)
def test_a_harmless_file_of_any_name_passes(make: Make, name: str) -> None:
    repository = make(HOOK)
    repository.stage(name, HARMLESS)
    assert_passed(repository.commit())


def test_a_leak_is_stopped_in_a_file_whose_name_is_no_text(make: Make) -> None:
    """By our hook, or by a hook manager that gives up at such a name: it does not get through."""
    repository = make(HOOK)
    repository.stage(b"latin-\xe9.yaml", LEAK)
    assert not repository.commit().passed


@pytest.mark.parametrize("name", ["a.yaml", "a.env", "notes", "notes.txt"])
@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, b""])
def test_a_leak_is_stopped_in_utf_16(make: Make, name: str, mark: bytes) -> None:
    repository = make(HOOK)
    repository.stage(name, mark + LEAK.encode("utf-16-le"))
    assert_stopped(repository.commit(), HOOK, name=name)


def test_a_renamed_leak_is_stopped(make: Make) -> None:
    repository = make(HOOK)
    repository.known("a.yaml", LEAK)
    repository.git("mv", "a.yaml", "b.yaml")
    assert_stopped(repository.commit(), HOOK, name="b.yaml")


def test_a_leak_is_stopped_when_only_the_mode_of_its_file_changes(make: Make) -> None:
    repository = make(HOOK)
    repository.known("a.yaml", LEAK)
    repository.git("update-index", "--chmod=+x", "a.yaml")
    repository.git("checkout", "--", "a.yaml")
    assert_stopped(repository.commit(), HOOK, name="a.yaml")


def test_what_a_link_points_to_is_not_committed_with_it(make: Make) -> None:
    repository = make(HOOK)
    (repository.root.parent / "outside.yaml").write_text(LEAK)
    (repository.root / "a.yaml").symlink_to("../outside.yaml")
    repository.git("add", "a.yaml")
    assert_passed(repository.commit())


def test_a_link_that_leads_nowhere_passes(make: Make) -> None:
    repository = make(HOOK)
    (repository.root / "a.yaml").symlink_to("nowhere.yaml")
    repository.git("add", "a.yaml")
    assert_passed(repository.commit())


def test_a_file_that_takes_the_place_of_a_link_is_looked_at(make: Make) -> None:
    repository = make(HOOK)
    (repository.root / "a.yaml").symlink_to("nowhere.yaml")
    repository.git("add", "a.yaml")
    assert_passed(repository.commit())
    (repository.root / "a.yaml").unlink()
    repository.stage("a.yaml", LEAK)
    assert_stopped(repository.commit(), HOOK, name="a.yaml")


def test_an_empty_file_passes(make: Make) -> None:
    repository = make(HOOK)
    repository.stage("a.yaml", "")
    assert_passed(repository.commit())
