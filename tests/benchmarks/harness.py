"""Measuring something of ours against a peer, in turns, so that a busy machine slows both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

ROUNDS = 7


@dataclass(frozen=True)
class Ratio:
    """How many times faster ours is than the peer, by the medians of all rounds (in seconds)."""

    name: str
    ours: float
    peer: float
    target: float

    @property
    def times(self) -> float:
        return self.peer / self.ours

    @property
    def met(self) -> bool:
        return self.times >= self.target

    def __str__(self) -> str:
        verdict = "" if self.met else "  BELOW TARGET"
        return (
            f"{self.name:<42} {self.ours * 1e3:9.3f} ms {self.peer * 1e3:9.2f} ms "
            f"{self.times:7.1f} x  (at least {self.target:g} x){verdict}"
        )


@dataclass(frozen=True)
class Cost:
    """How many times longer ours takes than something that nobody would call slow (in seconds)."""

    name: str
    ours: float
    floor: float
    limit: float

    @property
    def met(self) -> bool:
        return self.ours / self.floor <= self.limit

    def __str__(self) -> str:
        verdict = "" if self.met else "  ABOVE LIMIT"
        return (
            f"{self.name:<42} {self.ours * 1e3:9.3f} ms {self.floor * 1e3:9.2f} ms "
            f"{self.ours / self.floor:7.2f} x  (at most {self.limit:g} x){verdict}"
        )


HEADER = f"{'':<42} {'ours':>12} {'peer':>12} {'faster':>9}"
COSTS = f"{'':<42} {'ours':>12} {'floor':>12} {'longer':>9}"


def compare(
    name: str,
    ours: Callable[[], object],
    peer: Callable[[], object],
    *,
    target: float,
    repeat_ours: int = 200,
    repeat_peer: int = 10,
) -> Ratio:
    """Both in turns, each repeated within a round."""
    seconds: dict[str, list[float]] = {"ours": [], "peer": []}
    ours()
    peer()
    for _ in range(ROUNDS):
        for key, function, repeat in (("peer", peer, repeat_peer), ("ours", ours, repeat_ours)):
            start = time.perf_counter()
            for _ in range(repeat):
                function()
            seconds[key].append((time.perf_counter() - start) / repeat)
    ours_median, peer_median = (statistics.median(seconds[key]) for key in ("ours", "peer"))
    return Ratio(name, ours_median, peer_median, target)


def medians(actions: Mapping[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """The median seconds of each action, all of them in turns; what is slow is not repeated."""
    seconds: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(rounds):
        for name, action in actions.items():
            start = time.perf_counter()
            action()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(found) for name, found in seconds.items()}
