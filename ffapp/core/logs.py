"""Structured logs: one JSON object a line, with the ids of what it is about; never a secret.

A line of the web carries `request_id`; one of the worker `job` and `task`, and `effects` while it
performs some.
"""

import logging
import sys
import time
from collections.abc import Sequence
from typing import Any, TextIO
from uuid import uuid4

import flask
import structlog
from structlog.typing import EventDict, Processor

from ffapp.core import error_reports

SHARED = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    error_reports.report,
]


def configure(level_name: str) -> None:
    """Write logs to standard error; those of libraries only when something is wrong.

    JSON, but words for people where standard error is a terminal. `level_name` is one that
    LOG_LEVEL may have.
    """
    level = getattr(logging, level_name.upper())
    last = _for_people() if sys.stderr.isatty() else for_programs()
    structlog.configure(
        processors=[*SHARED, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler_for_libraries(last, sys.stderr)])


def handler_for_libraries(last: Sequence[Processor], stream: TextIO) -> logging.Handler:
    """Writes what libraries log as we write our own; `last` ends each line."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_ids_of_record, *SHARED],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    return handler


def for_programs() -> list[Processor]:
    """How a line ends that no person reads as it comes."""
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def _for_people() -> list[Processor]:
    plain = structlog.dev.plain_traceback  # others show the values of variables: people's data
    return [structlog.dev.ConsoleRenderer(exception_formatter=plain)]


def _ids_of_record(logger: Any, method: str, event: EventDict) -> EventDict:
    """The ids that a library's line is about: the queue says which job broke, when it is over."""
    record: logging.LogRecord = event["_record"]
    job = getattr(record, "job", None)
    if isinstance(job, dict):
        event["job"], event["task"] = job.get("id"), job.get("task_name")
    error = record.exc_info[1] if record.exc_info else None
    if effects := getattr(error, "effects", None):
        event["effects"] = effects
    return event


def install(app: flask.Flask) -> None:
    """Give each request an id, answer with it, and write one line when it is done."""
    log = structlog.get_logger()

    @app.before_request
    def begin() -> None:
        flask.g.started = time.monotonic()
        flask.g.request_id = uuid4().hex[:12]
        structlog.contextvars.bind_contextvars(request_id=flask.g.request_id)

    @app.after_request
    def end(response: flask.Response) -> flask.Response:
        request = flask.request
        if request.endpoint not in ("static", "public.healthz"):
            # The rule, not the path: paths may carry links that sign somebody in.
            log.info(
                "request",
                method=request.method,
                rule=str(request.url_rule),
                status=response.status_code,
                ms=round((time.monotonic() - flask.g.started) * 1000),
            )
        response.headers["X-Request-ID"] = flask.g.request_id
        return response

    @app.teardown_request
    def forget(error: BaseException | None) -> None:
        structlog.contextvars.unbind_contextvars("request_id")
