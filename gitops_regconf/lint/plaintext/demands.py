"""What a rule of .sops.yaml demands of the files that it is made for.

A rule for certain paths says that these files are encrypted; one that also
matches any other path says how to encrypt, and not what.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from yaml.nodes import MappingNode, Node, ScalarNode

from gitops_regconf.fleet.layout import SOPS_FILE
from gitops_regconf.lint.plaintext import looks, nodes
from gitops_regconf.lint.plaintext.leak import Leak, Net
from gitops_regconf.lint.plaintext.names import shown
from gitops_regconf.lint.plaintext.text import Text
from gitops_regconf.sops.rules import Rule
from gitops_regconf.sops.selector import Selector

_ARBITRARY: Final = ("regconf/any.yaml", "any/other/place.yml")
# What is encrypted is what is made from them.
_TEMPLATES: Final = (".j2", ".jinja", ".tmpl", ".tpl", ".gotmpl", ".erb", ".mustache")
_SOPS_KEY: Final = "sops"
# The metadata in files that are neither YAML nor JSON, which are dotenv and INI.
_ENCRYPTED: Final = re.compile(r"^sops_mac=|^\[sops\]", re.MULTILINE)
# Comments, and the names of sections.
_NO_SETTING: Final = ("#", ";", "[")
_SECTION: Final = re.compile(r"^\[sops\]", re.MULTILINE)


def demanding(claim: Rule | None, path: str) -> Rule | None:
    """The rule where it is for this file in particular."""
    if claim is None or not claim.path_regex or path.rsplit("/", 1)[-1] == SOPS_FILE:
        return None
    if path.endswith(_TEMPLATES):
        return None
    return None if any(claim.matches(one) for one in _ARBITRARY) else claim


def leaks(rule: Rule, text: Text, trees: Sequence[Node]) -> Iterator[Leak]:
    """What stands in clear although the rule encrypts it."""
    selector = rule.selector
    if not trees:
        yield from _in_lines(text, selector)
        return
    for tree in trees:
        if _is_other_object(tree, selector):
            continue
        for path, leaf in _plain(tree, selector):
            what = f"the value of {shown(path[-1]) if path else '…'}, which .sops.yaml encrypts,"
            whole = text.of_scalar(leaf)
            yield whole.leak((0, len(leaf.value)), Net.CLAIM, what)
            if selector.kind != "encrypted_regex":
                return


def _in_lines(text: Text, selector: Selector) -> Iterator[Leak]:
    """What stands in clear in a file of settings, one on each line; in any other, all of it."""
    if not _ENCRYPTED.search(text.content):
        if text.content.strip():
            yield text.leak((0, 0), Net.CLAIM, "a file that .sops.yaml encrypts")
        return
    metadata = _SECTION.search(text.content)
    at = 0
    for line in text.content[: metadata.start() if metadata else None].splitlines(keepends=True):
        start, at = at, at + len(line)
        name, equals, value = (part.strip() for part in line.partition("="))
        if not name or name.startswith((*_NO_SETTING, "sops_")) or not selector.covers((name,)):
            continue
        if equals and looks.stands_in(value):
            continue
        what = f"the value of {shown(name)}" if equals else "a line"
        leaking = value if equals else name
        where = start + line.index(leaking, line.index("=") + 1 if equals else 0)
        span = (where, where + len(leaking))
        yield text.leak(span, Net.CLAIM, f"{what}, which .sops.yaml encrypts,")


def _is_other_object(tree: Node, selector: Selector) -> bool:
    """Whether a rule for the fields of Secrets meets an object of another kind."""
    kind = nodes.text(nodes.below(tree, "kind"))
    fields = selector.covers(("data",)) and selector.covers(("stringData",))
    for_secrets = fields and not selector.covers(("any",))
    return for_secrets and kind.lower() not in ("", "secret")


def _plain(root: Node, selector: Selector) -> Iterator[tuple[tuple[str, ...], ScalarNode]]:
    """The leaves that the selector encrypts and that are not encrypted, in their order."""
    waiting: list[tuple[tuple[str, ...], Node]] = [((), root)]
    seen: set[int] = set()
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, ScalarNode):
            if _is_plain(node) and selector.covers(path):
                yield path, node
            continue
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, MappingNode):
            entries = [(key.value, value) for key, value in nodes.pairs(node)]
            below = [((*path, key), value) for key, value in entries if path or key != _SOPS_KEY]
        else:
            below = [(path, item) for item in nodes.items(node)]
        waiting += reversed(below)


def _is_plain(leaf: ScalarNode) -> bool:
    is_free = nodes.is_null(leaf) or nodes.is_reference(leaf)
    return not is_free and not looks.stands_in(leaf.value)
