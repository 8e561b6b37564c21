"""Names of clusters, accounts, organizations and profiles."""

from __future__ import annotations

import re

from gitops_regconf.errors import InvalidInput
from gitops_regconf.source import scalars

# An RFC 1123 label: the name becomes a Kubernetes object, a directory, and part
# of a regular expression in .sops.yaml.
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_WORDS_OF_YAML_1_1 = frozenset(("y", "n", "yes", "no", "on", "off"))
_DOMAIN = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")


def check_name(name: str, what: str) -> str:
    """`name` itself; raises InvalidInput where it cannot name a `what`."""
    if _NAME.fullmatch(name):
        return _check_is_text(name, what)
    raise InvalidInput(
        f"{name!r} cannot name {what}",
        mend="Use lower-case letters, digits and dashes, at most 63, beginning and ending with "
        "a letter or digit.",
    )


def _check_is_text(name: str, what: str) -> str:
    """Flux puts names into YAML without quotes, where `123` or `on` would be something else."""
    if name in _WORDS_OF_YAML_1_1 or scalars.resolve(name)[0] != scalars.STR:
        raise InvalidInput(
            f"{name!r} cannot name {what}: YAML reads it as something other than text",
            mend="Choose a name that begins with a letter and is no such word.",
        )
    return name


def check_domain(domain: str) -> str:
    """`domain` itself; raises InvalidInput where it is no DNS domain in lower case."""
    if _DOMAIN.fullmatch(domain) and len(domain) <= 253:
        return domain
    raise InvalidInput(f"{domain!r} is no DNS domain", mend="Write it like alpha.example.io.")
