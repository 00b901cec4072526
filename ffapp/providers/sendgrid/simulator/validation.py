"""What SendGrid finds wrong with a mail/send body; all problems come in one answer.

Only what our client can get wrong is checked. unconfirmed: the order of several problems, and the
words of those that have not been seen on the wire.
"""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from ffapp.providers.sendgrid import wire
from ffapp.providers.sendgrid.simulator.magic import REFUSED, scenario_of

# unconfirmed: what exactly SendGrid takes for an address; this is the usual ASCII form
ADDRESS = re.compile(r"[^@\s,;:<>()\[\]\\\"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)
PERSONAL_BYTES = 10_000  # of all substitutions of one message
SUBSTITUTIONS_TOO_LONG = "You are limited to 10,000 substitutions."
SUBJECT = "The subject of your email must be a string at least one character in length."
NO_CONTENT = (
    "Unless a valid template_id is provided, the content parameter is required. There must be at "
    "least one defined content block. We typically suggest both text/plain and text/html blocks "
    "are included, but only one block is required."
)
FILENAME = "The filename of your attachment cannot contain CRLF characters."
# unconfirmed: that it refuses every parameter; it was seen to take `method=` since 2018
FILE_TYPE = "The attachment type cannot contain ';', or CRLF characters."


def problem(message: str, field: str | None = None) -> wire.Problem:
    """One entry of `errors`; the address of SendGrid's help page is left out."""
    return wire.Problem(message=message, field=field)


def check(body: dict[str, Any]) -> tuple[wire.MailSend | None, list[wire.Problem]]:
    """The mail, or everything that is wrong with it."""
    try:
        mail = wire.MailSend.model_validate(body)
    except ValidationError as error:
        return None, [
            problem(f"Invalid type. {each['msg']}.", ".".join(map(str, each["loc"])))
            for each in error.errors()
        ]
    problems = list(_problems(mail))
    return (None if problems else mail), problems


def _problems(mail: wire.MailSend) -> Iterator[wire.Problem]:
    if not _is_address(mail.from_.email):
        yield problem(wire.ADDRESS_NOT_VALID, "from.email")
    for index, each in enumerate(mail.personalizations):
        path = f"personalizations.{index}"
        for place, address in enumerate(each.to):
            if not _is_address(address.email):
                yield problem(wire.ADDRESS_NOT_VALID, f"{path}.to.{place}.email")
        size = sum(len((key + text).encode()) for key, text in each.substitutions.items())
        if size > PERSONAL_BYTES:
            yield problem(SUBSTITUTIONS_TOO_LONG, f"{path}.substitutions")
    if not mail.subject:
        yield problem(SUBJECT, "subject")
    if not mail.content:
        yield problem(NO_CONTENT, "content")
    for index, file in enumerate(mail.attachments):
        if set(file.filename) & set("\r\n"):
            yield problem(FILENAME, f"attachments.{index}.filename")
        if set(file.type or "") & set(";\r\n"):
            yield problem(FILE_TYPE, f"attachments.{index}.type")


def _is_address(email: str) -> bool:
    is_usual = email.isascii() and ADDRESS.fullmatch(email)
    return bool(is_usual) and scenario_of(email) is not REFUSED
