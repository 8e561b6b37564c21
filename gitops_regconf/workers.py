"""The same work for many things in several processes."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

Thing = TypeVar("Thing")
Result = TypeVar("Result")

_work: Callable[[Any], Any] | None = None


def in_parallel(
    work: Callable[[Thing], Result], things: Sequence[Thing], jobs: int
) -> Iterator[Result]:
    """`work` of each of `things`, in their order, done by `jobs` processes.

    They are forked, so that what `work` needs (the fleet, private keys) is
    inherited in memory instead of being sent through a pipe; and they end when
    this process ends, however it does.
    """
    global _work  # noqa: PLW0603  # what a forked worker inherits
    _work = work
    alive, held = os.pipe()
    context = multiprocessing.get_context("fork")
    chunk = max(1, len(things) // (jobs * 8))
    try:
        with ProcessPoolExecutor(
            jobs, mp_context=context, initializer=_begin, initargs=(alive, held)
        ) as pool:
            yield from pool.map(_do, things, chunksize=chunk)
    finally:
        os.close(alive)
        os.close(held)


def _begin(alive: int, held: int) -> None:
    """Watch the pipe that the parent alone holds open."""
    os.close(held)
    threading.Thread(target=_end_with_parent, args=(alive,), daemon=True).start()


def _end_with_parent(alive: int) -> None:
    os.read(alive, 1)
    os._exit(1)


def _do(thing: Any) -> Any:
    if _work is None:
        raise RuntimeError("a worker was started without its work")
    return _work(thing)
