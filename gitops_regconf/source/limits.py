"""Bounds against input that is made to hurt."""

from __future__ import annotations

from typing import Final

# The largest fleet file seen is below 1 MiB; Flux itself refuses to decrypt files over 5 MiB.
MAX_BYTES: Final = 5 * 1024 * 1024
MAX_DEPTH: Final = 64
MAX_NODES: Final = 200_000
