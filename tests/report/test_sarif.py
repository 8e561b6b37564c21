"""Findings in SARIF; that it fits the schema of OASIS is in tests/interop/test_sarif_schema.py."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given, settings

from gitops_regconf.errors import CannotCheck, InvalidInput
from gitops_regconf.findings import Finding
from gitops_regconf.lint.documentation import documented_rules
from gitops_regconf.lint.outcome import Outcome
from gitops_regconf.report.sarif import report
from gitops_regconf.report.summary import problems
from gitops_regconf.source.position import Position
from tests.report.outcomes import AT, finding, outcome, outcomes

SURROGATE = re.compile("[\ud800-\udfff]")


def run_of(result: Outcome) -> dict[str, Any]:
    log = json.loads(report(result, documented_rules(), "1.2.3"))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def result_of(one: Finding) -> dict[str, Any]:
    (result,) = run_of(outcome(one))["results"]
    assert isinstance(result, dict)
    return result


def fingerprints(*findings: Finding) -> list[str]:
    results = run_of(outcome(*findings))["results"]
    return [result["partialFingerprints"]["regconf/v1"] for result in results]


def test_a_finding_is_a_result_at_its_place() -> None:
    result = result_of(finding(length=9))
    del result["partialFingerprints"], result["ruleIndex"]
    assert result == {
        "ruleId": "endpoint-form",
        "level": "error",
        "message": {"text": "this is no host\nWrite the host alone."},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "clusters/alpha.yaml", "uriBaseId": "SRCROOT"},
                    "region": {"startLine": 3, "startColumn": 5, "endColumn": 14},
                }
            }
        ],
    }


@pytest.mark.parametrize(
    ("one", "region"),
    [
        (finding(), {"startLine": 3, "startColumn": 5}),
        (finding(at=Position("a", 3), length=2), {"startLine": 3}),
        (finding(at=Position("a"), length=2), None),
    ],
)
def test_a_region_says_what_is_known(one: Finding, region: dict[str, int] | None) -> None:
    (location,) = result_of(one)["locations"]
    assert location["physicalLocation"].get("region") == region


def test_columns_count_characters() -> None:
    assert run_of(outcome())["columnKind"] == "unicodeCodePoints"


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("a b/größe%.yaml", {"uri": "a%20b/gr%C3%B6%C3%9Fe%25.yaml", "uriBaseId": "SRCROOT"}),
        ("c:d.yaml", {"uri": "c%3Ad.yaml", "uriBaseId": "SRCROOT"}),
        ("caf\udce9.yaml", {"uri": "caf%E9.yaml", "uriBaseId": "SRCROOT"}),
        ("/etc/x.yaml", {"uri": "file:///etc/x.yaml"}),
        ("", {"uri": "./", "uriBaseId": "SRCROOT"}),
    ],
)
def test_a_path_is_a_relative_uri(path: str, location: dict[str, str]) -> None:
    (found,) = result_of(finding(at=Position(path, 1, 1)))["locations"]
    assert found["physicalLocation"]["artifactLocation"] == location


def test_every_rule_is_described_whether_found_or_not() -> None:
    run = run_of(outcome(finding()))
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("regconf", "1.2.3")
    assert [rule["id"] for rule in driver["rules"]] == sorted(documented_rules())
    rule = driver["rules"][run["results"][0]["ruleIndex"]]
    assert rule["id"] == "endpoint-form"
    assert rule["shortDescription"]["text"] == documented_rules()["endpoint-form"].what
    assert rule["fullDescription"]["text"].startswith(rule["shortDescription"]["text"])
    assert "Bad: endpoint: https://" in rule["help"]["text"]
    assert "```yaml\nendpoint: https://" in rule["help"]["markdown"]
    assert rule["defaultConfiguration"] == {"level": "error"}


def test_a_rule_without_documentation_has_its_id() -> None:
    run = run_of(outcome(finding(rule="no-such-rule")))
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]] == {"id": "no-such-rule"}


def test_levels_are_those_of_findings() -> None:
    assert result_of(finding(severity="warning"))["level"] == "warning"


def test_a_message_holds_no_placeholder_and_no_link() -> None:
    message = result_of(finding("{0} and [a](http://b)", mend=""))["message"]
    assert message == {"text": "{{0}} and [a] (http://b)"}


def test_a_fingerprint_stays_when_lines_shift() -> None:
    moved = replace(finding(), at=Position(AT.path, 90, 1), length=5)
    assert fingerprints(finding()) == fingerprints(moved)


def test_a_fingerprint_is_of_the_rule_the_path_and_the_message() -> None:
    one = finding()
    others = [
        replace(one, rule="registry-name"),
        replace(one, at=Position("b.yaml", 3, 5)),
        replace(one, message="this is a URL"),
    ]
    assert len({*fingerprints(one, *others)}) == 4


def test_findings_alike_in_one_file_are_told_apart_by_their_order() -> None:
    first, second = finding(at=Position("a", 1, 1)), finding(at=Position("a", 2, 1))
    one, two = fingerprints(first, second)
    assert one != two
    assert fingerprints(finding(at=Position("a", 8, 1)), finding(at=Position("a", 9, 1))) == [
        one,
        two,
    ]


def test_what_stands_in_the_file_is_nowhere() -> None:
    one = finding()
    shown = outcome(one, excerpts={one: "password: <masked>"})
    assert report(shown, {}, "1") == report(outcome(one), {}, "1")


def test_what_could_not_be_checked_makes_the_run_unsuccessful() -> None:
    problem = CannotCheck("it is not UTF-8", at=Position("c.yaml"), mend="Save it.")
    run = run_of(outcome(errors=(problem, InvalidInput("no such fleet"))))
    (invocation,) = run["invocations"]
    assert invocation == {
        "executionSuccessful": False,
        "exitCode": 3,
        "toolExecutionNotifications": [
            {
                "level": "error",
                "message": {"text": "it is not UTF-8\nSave it."},
                "locations": [
                    {
                        "physicalLocation": {
                            "artifactLocation": {"uri": "c.yaml", "uriBaseId": "SRCROOT"}
                        }
                    }
                ],
            },
            {"level": "error", "message": {"text": "no such fleet"}},
        ],
    }


def test_findings_do_not_make_the_run_unsuccessful() -> None:
    (invocation,) = run_of(outcome(finding()))["invocations"]
    assert invocation == {
        "executionSuccessful": True,
        "exitCode": 1,
        "toolExecutionNotifications": [],
    }


@settings(deadline=None)
@given(outcomes())
def test_whatever_is_in_it_paths_are_uris_and_nothing_is_lost(result: Outcome) -> None:
    run = run_of(result)
    (invocation,) = run["invocations"]
    assert len(run["results"]) == len(result.findings)
    assert len(invocation["toolExecutionNotifications"]) == len(problems(result))
    for one, found in zip(run["results"], result.findings, strict=True):
        assert run["tool"]["driver"]["rules"][one["ruleIndex"]]["id"] == found.rule
        uri = one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert uri.isascii()
        path = found.at.path
        if path and not path.startswith("/") and not SURROGATE.search(path):
            assert unquote_to_bytes(uri).decode() == path
