"""The two shapes in which SendGrid refuses."""

from typing import Any

from flask import Response

from ffapp.providers.sendgrid import wire
from ffapp.providers.simulating.answers import json_answer, json_object

HELP = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#"


class Refusal(Exception):
    """Any endpoint but mail/send refuses: field first, no help."""

    def __init__(self, status: int, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.field = status, message, field

    def response(self) -> Response:
        return json_answer(
            {"errors": [{"field": self.field, "message": self.message}]}, self.status
        )


def problem(message: str, field: str | None = None, anchor: str | None = None) -> wire.Problem:
    """One entry of `errors` of mail/send; `anchor` is the place in SendGrid's help page."""
    return wire.Problem(message=message, field=field, help=HELP + anchor if anchor else None)


def mail_refusal(status: int, problems: list[wire.Problem]) -> Response:
    """The shape of mail/send: message, field, help."""
    return json_answer({"errors": [each.model_dump() for each in problems]}, status)


def body() -> dict[str, Any]:
    """The JSON object of the request; raises Refusal."""
    found = json_object()
    if found is None:
        raise Refusal(400, "request body is invalid")  # unconfirmed
    return found


def emails_in(asked: dict[str, Any], name: str = "recipient_emails") -> list[str]:
    """The addresses of the body, in lower case; raises Refusal."""
    found = asked.get(name)
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise Refusal(400, f"{name} must be an array of email addresses", name)  # unconfirmed
    return [each.lower() for each in found]
