"""Which `.sops.yaml` counts, and what a file is called in it.

Source: sops `config.LookupConfigFile` and `parseCreationRuleForFile`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME: Final = ".sops.yaml"  # not `.sops.yml`, which sops only warns of
_LEVELS: Final = 100


def find_rules_file(directory: Path, environ: Mapping[str, str] | None = None) -> Path | None:
    """The rules that sops uses when it runs in `directory`: there or in a folder above.

    Where the file to encrypt lies does not matter. `SOPS_CONFIG` in `environ`
    names another one (sops 3.10 and later).
    """
    named = (environ or {}).get("SOPS_CONFIG")
    if named:
        return Path(named)
    here = directory.absolute()
    folders = [here, *here.parents][:_LEVELS]
    return next((folder / NAME for folder in folders if (folder / NAME).exists()), None)


def name_in_rules(file: Path, rules_file: Path) -> str:
    """What `path_regex` is matched against: `file` as seen from the folder of the rules.

    A file outside of that folder keeps its absolute path.
    """
    path = os.path.abspath(file)  # noqa: PTH100  # like Go's filepath.Abs: links stay, `..` goes
    return path.removeprefix(f"{os.path.abspath(rules_file.parent)}{os.sep}")  # noqa: PTH100
