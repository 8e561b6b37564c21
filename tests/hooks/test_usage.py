"""Every hook says how it is called, and takes no option that it does not know."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence

import pytest

from tests.git_clone import Clone
from tests.hooks.test_manifest import MANIFEST

Main = Callable[[Sequence[str]], int]

pytestmark = pytest.mark.usefixtures("clone")


@pytest.fixture(params=[hook["id"] for hook in MANIFEST])
def hook(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def main(hook: str) -> Main:
    """A hook, as its console script calls it."""
    module = importlib.import_module(f"gitops_regconf.hooks.{hook.replace('-', '_')}")

    def call(arguments: Sequence[str]) -> int:
        try:
            code: int = module.main(arguments)
        except SystemExit as end:  # argparse
            code = int(end.code or 0)
        return code

    return call


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["x.yaml", "--help"]])
def test_help(
    hook: str, main: Main, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 0
    said = capsys.readouterr()
    assert said.out.startswith(f"usage: {hook} [")
    assert "0 clean" in said.out
    assert said.err == ""


@pytest.mark.parametrize("arguments", [["--nope"], ["x.yaml", "--nope"], ["--nope", "--", "x"]])
def test_an_unknown_option(
    main: Main, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert "error: " in said.err
    assert "--nope" in said.err


def test_a_name_after_two_dashes_is_no_option(
    clone: Clone, main: Main, capsys: pytest.CaptureFixture[str]
) -> None:
    clone.stage("--help", "x")
    main(["--", "--help"])
    said = capsys.readouterr()
    assert "usage: " not in said.out + said.err
    assert "option" not in said.out + said.err


def test_a_directory_is_no_file(
    hook: str, clone: Clone, main: Main, capsys: pytest.CaptureFixture[str]
) -> None:
    clone.stage("management-clusters/a/x", "x")
    if hook != "check-fleet-references":  # which passes file names over
        assert main(["management-clusters/a"]) == 2
        assert "management-clusters/a is a directory" in capsys.readouterr().err
