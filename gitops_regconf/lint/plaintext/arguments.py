"""Credentials in lists of arguments, as containers take them: `[docker, login, -p, x]`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from yaml.nodes import Node, ScalarNode

from gitops_regconf.lint.plaintext import looks, nodes

_LOGIN: Final = "login"
_PASSWORD: Final = "-p"  # noqa: S105  # the option, not a password
_OPTION: Final = re.compile(r"--?[A-Za-z][\w-]*")
# Which takes no value: --no-password, --ask-pass.
_SWITCH: Final = re.compile(r"--?(?:no|ask|allow|disabled?|enable|skip|prompt|require|without)-")


def credentials(items: Sequence[Node]) -> Iterator[ScalarNode]:
    """The items that are values of options for credentials in the items before them."""
    words = [nodes.text(item) for item in items]
    is_login = _LOGIN in words
    for (option, value), item in zip(pairwise(words), items[1:], strict=True):
        if not isinstance(item, ScalarNode) or value.startswith("-"):
            continue
        is_option = _OPTION.fullmatch(option) and not _SWITCH.match(option)
        name = option.lstrip("-") if is_option else ""
        if option == _PASSWORD and is_login:
            name = "password"
        if name and looks.is_credential(name, value):
            yield item
