"""docs/sops-format.md says what is so: its known answers and its table of tamperings."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from gitops_regconf.sops.selector import Selector
from gitops_regconf.sops.tree import aad, mac_of
from gitops_regconf.sops.values import decrypt_value
from tests.sops.tampering import TAMPERINGS
from tests.support import ROOT

PAGE = (ROOT / "docs" / "sops-format.md").read_text()
KNOWN = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[-1])
KEY = bytes.fromhex(KNOWN["key"])


@pytest.mark.parametrize("known", KNOWN["values"], ids=lambda known: str(known["plain"]))
def test_known_values(known: dict[str, Any]) -> None:
    value = decrypt_value(known["text"], KEY, aad(tuple(known["path"])))
    # PyYAML reads 1e21 as text.
    assert value == (float(known["plain"]) if isinstance(value, float) else known["plain"])


def test_known_macs() -> None:
    selector = Selector("encrypted_regex", KNOWN["encrypted_regex"])
    for field, only_encrypted in (("mac", False), ("mac_only_encrypted", True)):
        assert mac_of([KNOWN["tree"]], selector, only_encrypted=only_encrypted) == KNOWN[field]


def test_the_table_of_tamperings() -> None:
    seen = {True: "seen", False: "not seen"}
    for one in TAMPERINGS:
        by_key = "seen" if one.seen_by_sops else "**not seen**"
        assert f"| {one.name} | {by_key} | {seen[one.seen_without_key]} |\n" in PAGE
    rows = PAGE[PAGE.index("| change past sops |") :].split("\n\n")[0].split("\n")
    assert len(rows) == len(TAMPERINGS) + 2
