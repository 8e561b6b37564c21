"""Input files against their JSON Schemas, with the position and the mend of every error.

The schemas under `schemas/` are the only description of the shapes: editors
use them through the modeline, and this module through `jsonschema`.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from gitops_regconf.errors import InvalidInput, RegconfError, Several
from gitops_regconf.registries.model import CREDENTIAL_KEYS
from gitops_regconf.source import masking
from gitops_regconf.source.documents import Document

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

SCHEMAS = {
    "Fleet": "fleet.schema.json",
    "ManagementCluster": "management-cluster.schema.json",
    "WorkloadCluster": "workload-cluster.schema.json",
    "RegistryAccount": "registry-account.schema.json",
}
_DEFINITIONS = "definitions.schema.json"
_CREDENTIAL_KEYS = {"credentials", *CREDENTIAL_KEYS}
# Names of clusters and profiles may hold digits; no token is as short.
_SHORT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,19}")
_CREDENTIALS_MEND = (
    "Credentials never stand in clear: name an account (`account: NAME`) and store its "
    "credentials with `regconf set-credentials`."
)


def validate(document: Document, kind: str) -> dict[str, Any]:
    """The data of a document that must be a `kind`.

    Raises InvalidInput, or Several of them, each with its position. No error
    repeats a value that stands under a credential's key.
    """
    data = document.data
    if not isinstance(data, dict):
        raise InvalidInput("a mapping is expected here", at=document.at())
    if data.get("kind") != kind:
        raise InvalidInput(
            f"this file must be of kind {kind}",
            at=document.at("kind"),
            mend=f"Write `kind: {kind}`.",
        )
    errors = [
        _explained(document, error) for error in leaves(validator(SCHEMAS[kind]).iter_errors(data))
    ]
    errors += _control_characters(document, data, ())
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise Several(sorted(errors, key=lambda error: error.at or document.at()))
    return data


@cache
def validator(name: str) -> Draft202012Validator:
    """The validator of a schema by the name of its file."""
    # jsonschema costs 70 ms to import, more than all the rest together.
    from jsonschema import Draft202012Validator

    shared = _schema_file(_DEFINITIONS)["$defs"]
    return Draft202012Validator(_inlined(_schema_file(name), shared))


def _schema_file(name: str) -> dict[str, Any]:
    text = (files("gitops_regconf.schemas") / name).read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def _inlined(schema: Any, shared: Mapping[str, Any]) -> Any:
    """A schema with what it refers to in its place: following references costs half the time."""
    if isinstance(schema, list):
        return [_inlined(item, shared) for item in schema]
    if not isinstance(schema, dict):
        return schema
    own = {key: _inlined(value, shared) for key, value in schema.items() if key != "$ref"}
    if "$ref" not in schema:
        return own
    return {**_inlined(shared[schema["$ref"].rpartition("/")[2]], shared), **own}


def leaves(errors: Iterable[ValidationError]) -> Iterable[ValidationError]:
    """The errors that have no errors within them."""
    for error in errors:
        if error.context:
            yield from leaves(error.context)
        else:
            yield error


def _explained(document: Document, error: ValidationError) -> RegconfError:
    path = tuple(error.absolute_path)
    at = document.at(*path)
    if "propertyNames" in error.absolute_schema_path:  # the instance is the key itself
        at = document.key_at(*path, str(error.instance))
    explain = _EXPLANATIONS.get(str(error.validator))
    if explain:
        return explain(document, error, path)
    if error.validator == "pattern":
        schema = _schema(error)
        known = _PATTERNS.get(path[-1] if path else None)
        what = "name" if "63" in str(schema.get("description")) else schema.get("title", "value")
        what, mend = known or (str(what).lower(), schema.get("description"))
        return InvalidInput(f"{_shown(error.instance, path)} is no valid {what}", at=at, mend=mend)
    # jsonschema's own messages repeat the value, which may be a secret in the wrong place.
    problem = _PROBLEMS.get(str(error.validator), "is not valid by {}: {}")
    problem = problem.format(error.validator_value, error.validator)
    return InvalidInput(f"{_dotted(path)} {problem}", at=at)


def _shown(value: object, path: tuple[str | int, ...]) -> str:
    """The value as a message may repeat it: never one that may hold a credential."""
    text = str(value)
    if _CREDENTIAL_KEYS.intersection(map(str, path)) or not (
        masking.key(text, "") or _SHORT_NAME.fullmatch(text)
    ):
        return "this"
    return repr(text)


def _unknown_key(
    document: Document, error: ValidationError, path: tuple[str | int, ...]
) -> RegconfError:
    known = list(_schema(error).get("properties", {}))
    unknown = next(key for key in _instance(error) if key not in known)
    at = document.key_at(*path, unknown)
    if unknown in _CREDENTIAL_KEYS:
        return InvalidInput(
            f"the key {unknown!r} is not allowed here", at=at, mend=_CREDENTIALS_MEND
        )
    named = masking.key(unknown, "")
    close = difflib.get_close_matches(unknown, known, n=1)
    mend = f"Did you mean {close[0]!r}?" if close else f"Known here: {', '.join(known)}."
    what = f"the key {named}" if named else "this key"
    return InvalidInput(f"{what} is not known here", at=at, mend=mend)


def _missing_key(
    document: Document, error: ValidationError, path: tuple[str | int, ...]
) -> RegconfError:
    missing = error.message.split("'")[1]
    return InvalidInput(f"{_dotted(path)} lacks the key {missing!r}", at=document.at(*path))


def _wrong_type(
    document: Document, error: ValidationError, path: tuple[str | int, ...]
) -> RegconfError:
    found = type_name(error.instance)
    expected = error.validator_value
    mend = None
    if expected == "string" and isinstance(error.instance, int | float):
        mend = "Put it in quotes."
    return InvalidInput(
        f"{_dotted(path)} must be of type {expected}, not {found}", at=document.at(*path), mend=mend
    )


def _not_one_of(
    document: Document, error: ValidationError, path: tuple[str | int, ...]
) -> RegconfError:
    value: Any = error.validator_value
    allowed = [str(one) for one in value]
    close = difflib.get_close_matches(str(error.instance), allowed, n=1)
    mend = f"Did you mean {close[0]!r}?" if close else f"Allowed: {', '.join(allowed)}."
    return InvalidInput(
        f"{_dotted(path)} cannot be {_shown(error.instance, path)}",
        at=document.at(*path),
        mend=mend,
    )


def _not_the_constant(
    document: Document, error: ValidationError, path: tuple[str | int, ...]
) -> RegconfError:
    return InvalidInput(f"{_dotted(path)} must be {error.validator_value!r}", at=document.at(*path))


def _false_schema(
    document: Document, _error: ValidationError, path: tuple[str | int, ...]
) -> RegconfError:
    return InvalidInput(
        "`instead` replaces everything, so it cannot stand beside `before` or `after`",
        at=document.key_at(*path, "instead"),
    )


_EXPLANATIONS = {
    "additionalProperties": _unknown_key,
    "required": _missing_key,
    "type": _wrong_type,
    "enum": _not_one_of,
    "const": _not_the_constant,
    "None": _false_schema,
}
_TYPES = {
    "dict": "object",
    "list": "array",
    "str": "string",
    "int": "integer",
    "bool": "boolean",
    "float": "number",
    "NoneType": "null",
}
_PROBLEMS = {
    "minItems": "must have an item",
    "minLength": "must not be empty",
    "minProperties": "must not be empty",
    "uniqueItems": "holds an item twice",
    "minimum": "must be {} or more",
    "maximum": "must be {} or less",
    "dependentRequired": "lacks the key 'account', to which `optional` belongs",
}
_PATTERNS: dict[str | int | None, tuple[str, str]] = {
    "endpoint": (
        "endpoint",
        "Write the host alone, with a port where it has one: no scheme, no path, no user info.",
    ),
    "baseDomain": ("domain", "Write a DNS domain in lower case, such as alpha.example.io."),
}


def _control_characters(
    document: Document, data: object, path: tuple[str | int, ...]
) -> list[RegconfError]:
    """Names end up in file names and patches, where a stray newline would be a second line."""
    if isinstance(data, str):
        if data.isprintable() or path[-1:] == ("description",) or "sops" in path[:1]:
            return []
        return [InvalidInput(f"{_dotted(path)} holds a control character", at=document.at(*path))]
    items: Iterable[tuple[str | int, object]] = ()
    found: list[RegconfError] = []
    if isinstance(data, dict):
        items = data.items()
        found = [
            InvalidInput("this key holds a control character", at=document.key_at(*path, key))
            for key in data
            if not str(key).isprintable() and path[:1] != ("sops",)
        ]
    elif isinstance(data, list):
        items = enumerate(data)
    for key, value in items:
        found += _control_characters(document, value, (*path, key))
    return found


def type_name(value: object) -> str:
    """What JSON calls the type of a value."""
    name = type(value).__name__
    return _TYPES.get(name, name)


def _schema(error: ValidationError) -> Mapping[str, Any]:
    return error.schema if isinstance(error.schema, Mapping) else {}


def _instance(error: ValidationError) -> Any:
    return error.instance


def _dotted(path: tuple[str | int, ...]) -> str:
    # A key with user info in it, as in a registry's URL, is not repeated.
    return ".".join(_step(step) for step in path) or "the file"


def _step(step: str | int) -> str:
    known = isinstance(step, int) or masking.key(step, "") or _SHORT_NAME.fullmatch(step)
    return str(step) if known else "…"
