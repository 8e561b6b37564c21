"""`gitops_regconf.sops` against the sops command line, on the same Secret in the same run.

    python -m tests.benchmarks.bench_sops

A process is what using sops costs, so a process is what is compared with. The
floor is age itself: about 0.1 ms to wrap a data key for a recipient.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from gitops_regconf.sops import (
    Identities,
    decrypt,
    emit,
    encrypt,
    generate_key,
    headed,
    rewrap,
    verify,
)
from tests.benchmarks.harness import HEADER, Ratio, compare
from tests.interop.conftest import peer, versions

REGEX = "^(data|stringData)$"
SECRET, TEAM = generate_key()
_, MC = generate_key()
_, THIRD = generate_key()
TREE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {
        "name": "container-registries-configuration",
        "namespace": "default",
        "annotations": {"regconf/inputs-digest": f"r1.{'0' * 12}.{'1' * 12}.{'2' * 64}"},
    },
    "data": {"values.yaml": base64.b64encode(os.urandom(900)).decode()},
}


def ratios(folder: Path) -> list[Ratio]:
    """The figures for one Secret with two recipients."""
    tree = headed(TREE, "# Generated.")
    text = encrypt(tree, recipients=[TEAM, MC], encrypted_regex=REGEX)
    (folder / "plain.yaml").write_text(emit(tree))
    (folder / "secret.yaml").write_text(text)
    identities = Identities.of(SECRET)

    def sops(*arguments: str) -> None:
        subprocess.run(
            [peer("sops"), *arguments],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "SOPS_AGE_KEY": SECRET},
            stdout=subprocess.DEVNULL,
            check=True,
        )

    def sops_encrypt() -> None:
        sops("encrypt", "--age", f"{TEAM},{MC}", "--encrypted-regex", REGEX, "plain.yaml")

    def sops_decrypt() -> None:
        sops("decrypt", "secret.yaml")

    return [
        compare(
            "encrypt / sops encrypt",
            lambda: encrypt(tree, recipients=[TEAM, MC], encrypted_regex=REGEX),
            sops_encrypt,
            target=40,
        ),
        compare(
            "decrypt / sops decrypt",
            lambda: decrypt(text, identities=identities),
            sops_decrypt,
            target=40,
        ),
        compare(
            "verify / sops decrypt",
            lambda: verify(text, expected_recipients=[TEAM, MC]),
            sops_decrypt,
            target=60,
        ),
        compare(
            "one recipient more / sops decrypt",
            lambda: rewrap(text, recipients=[TEAM, MC, THIRD], identities=identities),
            sops_decrypt,
            target=10,
        ),
    ]


def main() -> int:
    """Print the figures; 1 where one is below its target."""
    print(f"One Secret for two recipients; the peer is sops {versions('sops')[-1]}.\n{HEADER}")
    with tempfile.TemporaryDirectory() as folder:
        found = ratios(Path(folder))
    for ratio in found:
        print(ratio)
    return int(not all(ratio.met for ratio in found))


if __name__ == "__main__":
    sys.exit(main())
