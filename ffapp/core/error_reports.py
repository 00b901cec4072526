"""Report our own mistakes to a Sentry, where SENTRY_DSN names one; without it nothing happens.

What is reported is what the log writes with a traceback: once, and with the ids of the request, the
job and the effects it was about. Students are minors: a report says where in the code it was, which
kind of exception, and those ids. The exception's message, the request and the values of variables
stay here; the ids find them in our own log.
"""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

_is_on = False  # the SDK is imported only where it is used: it takes a tenth of a second

LEVELS = ("error", "exception", "critical")
IDS = ("request_id", "job", "task", "effects")
TAG_LENGTH = 200  # Sentry drops a tag that is longer
KEPT_IN_THE_LOG = "The message stays in our own log; the ids find it."
KEPT_FIELDS = {"event_id", "timestamp", "level", "platform", "exception", "tags", "release"}
KEPT_FIELDS |= {"environment", "server_name", "sdk"}
EVENT_NAME = re.compile(r"[a-z_]+(\.[a-z_]+)*")  # of our own log lines; a library writes sentences


def start(dsn: str, transport: Any = None) -> None:
    """Report to `dsn` from now on; an empty one reports nothing.

    `transport` takes the place of the network in tests.
    """
    global _is_on
    if not dsn:
        return
    import sentry_sdk
    from sentry_sdk.integrations.atexit import AtexitIntegration
    from sentry_sdk.integrations.dedupe import DedupeIntegration
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration

    be_silent = AtexitIntegration(lambda pending, timeout: None)
    sentry_sdk.init(
        dsn=dsn,
        transport=transport,
        # None of those that watch Flask, SQL or HTTP: they would report the same a second time, and
        # with what people have sent.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[ExcepthookIntegration(), DedupeIntegration(), be_silent],
        include_local_variables=False,
        auto_session_tracking=False,
        send_client_reports=False,
        before_send=remove_personal_data,
    )
    _is_on = True


def report(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor for structlog: report an error that has a traceback, and pass it on."""
    if _is_on and event.get("exc_info") and method in LEVELS:
        import sentry_sdk

        name = str(event.get("event", ""))
        tags = {"event": name if EVENT_NAME.fullmatch(name) else "of a library"}
        for key in filter(event.get, IDS):
            values = event[key] if isinstance(event[key], list) else [event[key]]
            tags[key] = ",".join(map(str, values))[:TAG_LENGTH]
        # The SDK's None is the exception that is being handled.
        error = None if event["exc_info"] is True else event["exc_info"]
        sentry_sdk.capture_exception(error, tags=tags)
    return event


def remove_personal_data(event: Mapping[str, Any], hint: Mapping[str, Any]) -> dict[str, Any]:
    """The report as it may leave us."""
    kept = {name: value for name, value in event.items() if name in KEPT_FIELDS}
    tags = event.get("tags", {})
    kept["tags"] = {name: tags[name] for name in tags if name in (*IDS, "event")}
    for exception in kept.get("exception", {}).get("values", []):
        exception["value"] = KEPT_IN_THE_LOG
        exception.pop("mechanism", None)
        for frame in (exception.get("stacktrace") or {}).get("frames", []):
            frame.pop("vars", None)
    return kept
