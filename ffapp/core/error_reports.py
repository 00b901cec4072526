"""Reports of our own mistakes to a Sentry, where SENTRY_DSN names one; without it nothing happens.

What is reported is what the log writes with a traceback: once, and with the ids of the request, the
job and the effects it was about. Students are minors: a report carries where in the code it was and
those ids, and no word of what the code was handling. So the words of the exceptions stay in our own
log, where the ids find them; nothing of a request goes along, and no values of variables.
"""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

# The SDK is imported only where it is used: it takes a tenth of a second.
_on = False

IDS = ("request_id", "job", "task", "effects")
LEVELS = ("error", "exception", "critical")
TAG_LENGTH = 200  # Sentry drops a tag that is longer
KEPT_IN_THE_LOG = "Its words stay in our own log; the ids find them."
LEAVES_US = (
    "event_id", "timestamp", "level", "platform", "exception", "tags", "release", "environment",
    "server_name", "sdk",
)  # fmt: skip
NAME = re.compile(r"[a-z_]+(\.[a-z_]+)*")  # of an event in our log; a library writes sentences
SECRET_PATHS = re.compile(r"(/(?:links|calendar)/)[\w.~%-]+")
ADDRESSES = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.\w+")


def start(dsn: str, transport: Any = None) -> None:
    """Report to `dsn` from now on; an empty one reports nothing.

    `transport` takes the place of the network in tests.
    """
    global _on
    if not dsn:
        return
    import sentry_sdk
    from sentry_sdk.integrations.atexit import AtexitIntegration
    from sentry_sdk.integrations.dedupe import DedupeIntegration
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration

    sentry_sdk.init(
        dsn=dsn,
        transport=transport,
        # None of those that watch Flask, SQL or HTTP: they would report the same a second time, and
        # with what people have sent.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[ExcepthookIntegration(), DedupeIntegration(), AtexitIntegration(_quietly)],
        # `send_default_pii` is off unless it is set, and to set it is deprecated.
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        send_client_reports=False,
        propagate_traces=False,
        enable_metrics=False,
        before_send=without_people,
    )
    _on = True


def stop() -> None:
    """Report nothing any more."""
    global _on
    if _on:
        import sentry_sdk

        sentry_sdk.get_client().close()
        sentry_sdk.get_global_scope().set_client(None)
    _on = False


def report(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor for structlog: reports an error that has a traceback, and passes it on."""
    if _on and event.get("exc_info") and method in LEVELS:
        import sentry_sdk

        # The SDK's None is the exception that is being handled.
        error = None if event["exc_info"] is True else event["exc_info"]
        sentry_sdk.capture_exception(error, tags=_tags(event))
    return event


def without_people(event: Mapping[str, Any], hint: Mapping[str, Any]) -> dict[str, Any]:
    """The report as it may leave us."""
    kept = {name: event[name] for name in LEAVES_US if name in event}
    kept["tags"] = {
        name: value for name, value in event.get("tags", {}).items() if name in (*IDS, "said")
    }
    for exception in kept.get("exception", {}).get("values", []):
        exception["value"] = KEPT_IN_THE_LOG
        exception.pop("mechanism", None)
        for frame in (exception.get("stacktrace") or {}).get("frames", []):
            frame.pop("vars", None)
    return _masked(kept)


def _quietly(pending: int, timeout: float) -> None:
    """What the SDK does at the end of the process, without its words on standard error."""


def _tags(event: Mapping[str, Any]) -> dict[str, str]:
    said = str(event.get("event", ""))
    tags = {name: _text(event[name]) for name in IDS if event.get(name)}
    return {"said": said if NAME.fullmatch(said) else "a library's words", **tags}


def _text(value: Any) -> str:
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return text[:TAG_LENGTH]


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return ADDRESSES.sub("•••", SECRET_PATHS.sub(r"\1•••", value))
    if isinstance(value, dict):
        return {key: _masked(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(each) for each in value]
    return value
