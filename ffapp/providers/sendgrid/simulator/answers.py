"""The two shapes in which SendGrid says no, byte for byte, and the empty answers that say yes."""

import json
from collections.abc import Sequence
from typing import Any

from flask import Response

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
