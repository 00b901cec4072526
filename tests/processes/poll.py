"""Waiting for something that another process does: a condition and a deadline, never a nap."""

import time
from collections.abc import Callable
from typing import TypeVar

import flask

from ffapp.core.db import db

T = TypeVar("T")

# Enough for a very busy machine; what takes as long as this is broken.
PATIENCE = 180


def poll(check: Callable[[], T], what: str, *, seconds: float = PATIENCE, every: float = 0.05) -> T:
    """Ask `check` until its answer is true, and give it; fails with `what` after `seconds`.

    Between two questions the test has no transaction open, which would hold up other processes.
    """
    until = time.monotonic() + seconds
    while True:
        answer = check()
        if flask.has_app_context():
            db.session.rollback()
        if answer:
            return answer
        if time.monotonic() > until:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(every)
