"""Structured logs: one JSON object a line, with the request's id; never a secret or a phone."""

import logging
import sys
import time
from uuid import uuid4

import flask
import structlog


def configure(level_name: str) -> None:
    """Write logs as JSON to standard error; those of libraries only when something is wrong.

    `level_name` is one of config.LOG_LEVELS.
    """
    level = getattr(logging, level_name.upper())
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


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
