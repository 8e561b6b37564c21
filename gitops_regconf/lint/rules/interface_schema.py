"""What stands under an interface is what its published schema takes.

Why: the charts' own schemas leave most of it open, so that a value of the wrong type or
form is accepted and has no effect, breaks a file on the node, or stops the whole chart.

Bad: `localRegistryCache: {enabled: true, port: "32767"}`
Good: `localRegistryCache: {enabled: true, port: 32767}`
Mend: write what the schema of the interface asks for; its name is in schemas/README.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gitops_regconf.findings import Finding, Severity
from gitops_regconf.fleet.validate import leaves, type_name, validator
from gitops_regconf.lint.rule_set import ANY
from gitops_regconf.lint.subjects import Block, Encrypted, has_variable
from gitops_regconf.registries.charts import Interface
from gitops_regconf.registries.keys import REGISTRIES
from gitops_regconf.registries.values import Path
from gitops_regconf.source import masking

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

ID = "interface-schema"
YIELDS_TO = ANY  # the schema says what is wrong, another rule why
# The version of the chart is not known here: of two generations it is the one that takes more.
_SCHEMAS = {
    Interface.COMPONENTS: "values-components-hosts.schema.json",
    Interface.GLOBAL_CONNECTIVITY: "values-global-connectivity.schema.json",
    Interface.CONNECTIVITY: "values-connectivity.schema.json",
}
_ONE_KIND = "Give username and password, or auth, or identitytoken."
_ABOUT_THE_VALUE = ("pattern", "not", "type")
_PROBLEMS = {
    "required": "lacks its endpoint",
    "minItems": "has no endpoints",
    "minimum": "must be {} or more",
    "maximum": "must be {} or less",
    "uniqueItems": "holds an item twice",
    "not": "holds a control character",
}
_MENDS = {
    "required": "Add `endpoint:` with the host to ask.",
    "minItems": "Write the endpoints that it shall have.",
    "not": "Write it on one line; after a block scalar's `|` put `-`.",
}


def of_block(block: Block) -> Iterator[Finding]:
    """One finding for each place that the schema refuses and no other rule speaks about."""
    content: Any = block.content
    for step in reversed(block.interface.path):
        content = {step: content}
    seen = set()
    for error in leaves(validator(_SCHEMAS[block.interface]).iter_errors(content)):
        if not _is_left_to_others(error):
            for finding in _findings(block, error):
                if finding.at not in seen:
                    seen.add(finding.at)
                    yield finding


def _is_left_to_others(error: ValidationError) -> bool:
    """To another rule, to Flux, or to who can decrypt it."""
    path, value = error.absolute_path, error.instance
    if isinstance(value, Encrypted) or (isinstance(value, str) and has_variable(value)):
        return True
    if "propertyNames" in error.absolute_schema_path:
        return True  # registry-name
    in_registries = REGISTRIES in path
    return in_registries and error.validator in ("additionalProperties", "uniqueItems")


def _findings(block: Block, error: ValidationError) -> Iterator[Finding]:
    path: Path = tuple(error.absolute_path)
    value: Any = error.instance
    kind = str(error.validator)
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    locate = block.values.locate
    if kind == "additionalProperties":
        for key in value:
            if key not in schema["properties"]:
                mend = f"Known here: {', '.join(schema['properties'])}."
                yield Finding(ID, locate((*path, key)), f"no chart reads {masking.key(key)}", mend)
        return
    if "credentials" in path and not (kind in _ABOUT_THE_VALUE and value):
        at = locate(path[: path.index("credentials") + 1])
        yield Finding(ID, at, "these credentials are not exactly one complete kind", _ONE_KIND)
        return
    severity: Severity = "error"
    if kind == "pattern":
        problem = "is not valid"
        mend = schema.get("patternErrorMessage") or schema.get("description", "")
    elif kind == "type":
        problem = f"must be of type {error.validator_value}, not {type_name(value)}"
        is_scalar = isinstance(value, int | float)
        mend = "Put it in quotes." if error.validator_value == "string" and is_scalar else ""
    else:
        problem = _PROBLEMS.get(kind, "is not what the schema of values takes")
        problem = problem.format(error.validator_value)
        mend = _MENDS.get(kind, "")
    if path[-2:-1] == (REGISTRIES,) and not value:
        # Charts take it, and drop what their defaults say about the registry.
        severity, mend = "warning", _MENDS["minItems"]
    yield Finding(ID, locate(path), f"{_name(path)} {problem}", mend or _by_type(error), severity)


def _by_type(error: ValidationError) -> str:
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    return str(schema.get("description", "See schemas/README.md."))


def _name(path: Path) -> str:
    """What is wrong, by its key where that is one of the interface's."""
    last = path[-1]
    if isinstance(last, int):
        return "this entry" if REGISTRIES in path else "this registry"
    if path[-2:-1] == (REGISTRIES,):
        name = masking.host(last)
        return "this registry" if name == masking.MASKED else name
    return last
