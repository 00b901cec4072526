"""The log of a test, as a program reads it."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import structlog

from ffapp.core import logs


class Lines:
    """What has been logged in the block; each line is one JSON object."""

    def __init__(self) -> None:
        self.stream = StringIO()

    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.all() if line["event"] == event]


@contextmanager
def logged() -> Iterator[Lines]:
    """Log as a process does that no terminal shows, and collect it."""
    lines, before = Lines(), structlog.get_config()
    structlog.configure(
        processors=[*logs.SHARED, *logs.for_programs()],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
        logger_factory=structlog.PrintLoggerFactory(lines.stream),
        cache_logger_on_first_use=False,
    )
    handler = logs.handler_for_libraries(logs.for_programs(), lines.stream)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        structlog.configure(**before)
