"""What several parts of a mail/send body have in common when they are checked."""

import re
from collections.abc import Iterator
from typing import Any

from ffapp.core import clock
from ffapp.providers.sendgrid import wire
from ffapp.providers.sendgrid.simulator.answers import problem

Problems = Iterator[wire.Problem]

# unconfirmed: what exactly SendGrid takes for an address; this is the usual ASCII form
ADDRESS = re.compile(r"[^@\s,;:<>()\[\]\\\"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)
ADDRESS_LENGTH = 320
CUSTOM_ARGS_BYTES = 10_000
SCHEDULE_SECONDS = 72 * 3600
RESERVED_HEADERS = {
    "x-sg-id",
    "x-sg-eid",
    "received",
    "dkim-signature",
    "content-type",
    "content-transfer-encoding",
    "to",
    "from",
    "subject",
    "reply-to",
    "cc",
    "bcc",
}
SEND_AT = (
    "The send_at parameter is expecting a Unix timestamp as an integer. We will send immediately "
    "if you include a send_at timestamp that is in the past."
)


def is_address(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and bool(ADDRESS.fullmatch(value))


def is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def all_strings(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


def size(value: dict[str, str]) -> int:
    """Bytes of keys and values."""
    return sum(len(key.encode()) + len(text.encode()) for key, text in value.items())


def wrong_type(expected: str, given: Any, field: str, anchor: str | None) -> wire.Problem:
    """The words of SendGrid's JSON schema check."""
    match given:
        case None:
            name = "null"
        case bool():
            name = "boolean"
        case int():
            name = "integer"
        case float():
            name = "number"
        case str():
            name = "string"
        case list():
            name = "array"
        case _:
            name = "object"
    return problem(f"Invalid type. Expected: {expected}, given: {name}.", field, anchor)


def check_send_at(value: Any, field: str, anchor: str) -> Problems:
    if value is None:
        return
    if not is_int(value):
        yield problem(SEND_AT, field, anchor)
    elif value > clock.now().timestamp() + SCHEDULE_SECONDS:
        yield problem("Scheduling more than 72 hours in advance is forbidden.", field, anchor)


def check_headers(value: Any, field: str, anchor: str, not_strings: str, reserved: str) -> Problems:
    if value is None:
        return
    if not all_strings(value):
        yield problem(not_strings, field, anchor)
        return
    if any(not key.isascii() or " " in key for key in value):
        yield problem(
            "Header keys cannot contain non-ASCII characters or empty spaces.", field, anchor
        )
    if any(key.lower() in RESERVED_HEADERS for key in value):
        yield problem(reserved, field, anchor)
