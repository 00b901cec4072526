"""Waiting for something that another process does: a condition and a deadline, never a nap."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# Enough for a busy machine; what takes as long as this is broken.
PATIENCE = 60


def poll(check: Callable[[], T], what: str, *, seconds: float = PATIENCE, every: float = 0.05) -> T:
    """Ask `check` until its answer is true, and give it; fails with `what` after `seconds`."""
    until = time.monotonic() + seconds
    while not (answer := check()):
        if time.monotonic() > until:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(every)
    return answer
