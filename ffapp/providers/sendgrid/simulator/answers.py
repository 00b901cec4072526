"""The shapes in which SendGrid says no, byte for byte, and the checks that several fields share."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from flask import Response

from ffapp.core import clock
from ffapp.providers.sendgrid import wire

HELP = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#"
# What SendGrid's own answers of mail/send carry.
SEND_HEADERS = {
    "Access-Control-Allow-Origin": "https://sendgrid.api-docs.io",
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, On-behalf-of, x-sg-elas-acl",
    "Access-Control-Max-Age": "600",
    "X-No-CORS-Reason": "https://sendgrid.com/docs/Classroom/Basics/API/cors.html",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}


def problem(message: str, field: str | None = None, anchor: str | None = None) -> wire.Problem:
    """One entry of `errors`; `anchor` names the place in SendGrid's help page."""
    return wire.Problem(message=message, field=field, help=HELP + anchor if anchor else None)


def mail_refusal(status: int, problems: Sequence[wire.Problem]) -> Response:
    """The shape of mail/send: message, field, help; compact, without a newline."""
    rows = [{"message": each.message, "field": each.field, "help": each.help} for each in problems]
    return _json(status, {"errors": rows})


def refusal(status: int, message: str) -> Response:
    """The shape of all other endpoints and of the router: field first, no help."""
    return _json(status, {"errors": [{"field": None, "message": message}]})


def empty(status: int, headers: dict[str, str] | None = None) -> Response:
    """No body and no Content-Type."""
    response = Response(status=status, headers=headers)
    del response.headers["Content-Type"]
    return response


def json_of(value: Any) -> Response:
    return _json(200, value)


def _json(status: int, value: Any) -> Response:
    body = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return Response(body, status, content_type="application/json")


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
