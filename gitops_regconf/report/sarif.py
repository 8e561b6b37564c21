"""Findings in SARIF 2.1.0, the exchange format of static analysis.

Section numbers are those of the OASIS standard (docs.oasis-open.org/sarif/sarif/v2.1.0). No
snippet of a file is in the report.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote_from_bytes

from gitops_regconf.errors import RegconfError
from gitops_regconf.findings import Finding
from gitops_regconf.lint.documentation import Documentation
from gitops_regconf.lint.outcome import Outcome
from gitops_regconf.report.encoding import json_text, visible
from gitops_regconf.report.rules import body, plain
from gitops_regconf.report.summary import problems
from gitops_regconf.source.position import Position

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_ROOT = "SRCROOT"
_FINGERPRINT = "regconf/v1"


def report(outcome: Outcome, rules: Mapping[str, Documentation], version: str) -> str:
    """A SARIF log with one run of `version`: every one of `rules` and those that are found.

    What could not be checked is a notification of an invocation that was not successful.
    Paths are relative to `SRCROOT`, the directory that the outcome's paths start from.
    """
    ids = [*rules, *sorted({finding.rule for finding in outcome.findings} - {*rules})]
    driver = {
        "name": "regconf",
        "version": version,
        "rules": [_rule(rule, rules.get(rule)) for rule in ids],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [_invocation(outcome)],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The directory that was checked."}}},
        "columnKind": "unicodeCodePoints",
        "results": _results(outcome.findings, ids),
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: str, documentation: Documentation | None) -> dict[str, Any]:
    """A reportingDescriptor (§3.49); a rule without documentation has its id alone."""
    if documentation is None:
        return {"id": rule}
    return {
        "id": rule,
        "shortDescription": {"text": documentation.what},
        "fullDescription": {"text": f"{documentation.what} Why: {documentation.why}"},
        "help": {"text": plain(documentation), "markdown": body(documentation)},
        "defaultConfiguration": {"level": "error"},
    }


def _results(findings: Sequence[Finding], ids: Sequence[str]) -> list[dict[str, Any]]:
    """The results (§3.27), with levels as `Severity` has them (§3.27.10)."""
    index = {rule: number for number, rule in enumerate(ids)}
    seen: Counter[tuple[str, str, str]] = Counter()
    results = []
    for finding in findings:
        like = (finding.rule, finding.at.path, finding.message)
        results.append(
            {
                "ruleId": finding.rule,
                "ruleIndex": index[finding.rule],
                "level": finding.severity,
                "message": _message(finding.message, finding.mend),
                "locations": [_location(finding.at, finding.length)],
                "partialFingerprints": {_FINGERPRINT: _fingerprint(*like, str(seen[like]))},
            }
        )
        seen[like] += 1
    return results


def _fingerprint(*parts: str) -> str:
    """The same for the same problem wherever in the file it stands (§3.27.17).

    Made of the rule, the path, the message, which holds no secret, and the how manieth
    of its like in the file it is; never of what the file holds.
    """
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _invocation(outcome: Outcome) -> dict[str, Any]:
    """The invocation (§3.20); successful only where everything could be checked (§3.20.14)."""
    notifications = [_notification(error) for error in problems(outcome)]
    return {
        "executionSuccessful": not notifications,
        "exitCode": outcome.exit_code,
        "toolExecutionNotifications": notifications,
    }


def _notification(error: RegconfError) -> dict[str, Any]:
    where = {"locations": [_location(error.at)]} if error.at else {}
    return {"level": "error", "message": _message(error.message, error.mend or ""), **where}


def _message(message: str, mend: str) -> dict[str, str]:
    """A message (§3.11), whose braces are doubled (§3.11.5), and which holds no link (§3.11.6)."""
    text = "\n".join(filter(None, (message, mend))) or "—"
    return {"text": text.replace("{", "{{").replace("}", "}}").replace("](", "] (")}


def _location(at: Position, length: int = 0) -> dict[str, Any]:
    """A location (§3.28); without a line it is the file as a whole."""
    region: dict[str, int] = {}
    if at.line:
        region["startLine"] = at.line
    if at.line and at.column:
        region["startColumn"] = at.column
        # The column after the last character (§3.30.8).
        region |= {"endColumn": at.column + length} if length else {}
    physical: dict[str, Any] = {"artifactLocation": _artifact(at.path)}
    return {"physicalLocation": {**physical, **({"region": region} if region else {})}}


def _artifact(path: str) -> dict[str, str]:
    """A URI reference (§3.4.3, RFC 3986) to a file: bytes of the path percent-encoded."""
    try:
        content = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # no path of a file system
        content = visible(path).encode()
    uri = quote_from_bytes(content, safe="/")
    if uri.startswith("/"):
        return {"uri": f"file://{uri}"}
    return {"uri": uri or "./", "uriBaseId": _ROOT}
