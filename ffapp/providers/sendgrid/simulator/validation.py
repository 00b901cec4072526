"""What SendGrid finds wrong with a mail/send body; all problems come in one answer.

Only what our client and the public SDK can get wrong is checked. unconfirmed: the order of several
problems, and the words of those that have not been seen on the wire.
"""

import base64
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from ffapp.providers.sendgrid import wire
from ffapp.providers.sendgrid.simulator.magic import REFUSED, scenario_of

# unconfirmed: what exactly SendGrid takes for an address; this is the usual ASCII form
ADDRESS = re.compile(r"[^@\s,;:<>()\[\]\\\"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)
PERSONAL_BYTES = 10_000  # of all substitutions, and of all custom arguments, of one message
CATEGORIES = 10

NO_FROM = (
    "The from object must be provided for every email send. It is an object that requires the "
    'email parameter, but may also contain a name parameter.  e.g. {"email" : '
    '"example@example.com"}  or {"email" : "example@example.com", "name" : "Example Recipient"}.'
)
NO_PERSONALIZATIONS = (
    "The personalizations field is required and must have at least one personalization."
)
TOO_MANY = (
    "The personalization block is limited to 1000 personalizations per API request. You have "
    "provided {0} personalizations. Please consider splitting this into multiple requests and "
    "resending your request."
)
NO_TO = (
    "The to array is required for all personalization objects, and must have at least one email "
    "object with a valid email address."
)
SUBSTITUTIONS_TOO_LONG = "You are limited to 10,000 substitutions."
ARGS_TOO_LONG = (
    "The combined size of both global and personalization custom arguments may not exceed 10,000 "
    "bytes per personalization."
)
NO_SUBJECT = (
    "The subject is required. You can get around this requirement if you use a template with a "
    "subject defined or if every personalization has a subject defined."
)
SUBJECT = "The subject of your email must be a string at least one character in length."
NO_CONTENT = (
    "Unless a valid template_id is provided, the content parameter is required. There must be at "
    "least one defined content block. We typically suggest both text/plain and text/html blocks "
    "are included, but only one block is required."
)
CONTENT_VALUE = "The content value must be a string at least one character in length."
# What is missing: the last name of its place → words, and the field that SendGrid names.
MISSING = {
    "from": (NO_FROM, "from.email"),
    "personalizations": (NO_PERSONALIZATIONS, "personalizations"),
    "to": (NO_TO, None),
    "filename": ("filename is required.", None),
}
JSON_TYPES = {"list": "array", "dict": "object", "model": "object", "bool": "boolean"}
JSON_TYPES |= {"int": "integer"}
PYTHON_TYPES = {"NoneType": "null", "str": "string", "float": "number"} | JSON_TYPES

Problems = Iterator[wire.Problem]


def problem(message: str, field: str | None = None) -> wire.Problem:
    """One entry of `errors`; the address of SendGrid's help page is left out."""
    return wire.Problem(message=message, field=field)


def check(body: dict[str, Any]) -> tuple[wire.MailSend | None, list[wire.Problem]]:
    """The mail, or everything that is wrong with it."""
    try:
        mail = wire.MailSend.model_validate(body)
    except ValidationError as error:
        return None, [_of_schema(each) for each in error.errors()]
    problems = [
        *_of_address(mail.from_.email, "from.email"),
        *_of_personalizations(mail.personalizations),
        *_of_content(mail),
        *_of_attachments(mail.attachments),
        *_of_categories(mail.categories),
    ]
    return (None if problems else mail), problems


def _of_schema(error: Any) -> wire.Problem:
    """What is missing or of another type."""
    path = ".".join(map(str, error["loc"]))
    if error["type"] == "missing":
        words, field = MISSING.get(str(error["loc"][-1]), ("This field is required.", None))
        return problem(words, field or path)
    wanted = error["type"].partition("_")[0]
    given = type(error["input"]).__name__
    words = f"Expected: {JSON_TYPES.get(wanted, wanted)}, given: {PYTHON_TYPES.get(given, given)}."
    return problem(f"Invalid type. {words}", path)


def _of_address(email: str, field: str) -> Problems:
    if not (email.isascii() and ADDRESS.fullmatch(email)) or scenario_of(email) is REFUSED:
        yield problem(wire.ADDRESS_NOT_VALID, field)


def _of_personalizations(every: list[wire.Personalization]) -> Problems:
    if not every:
        yield problem(NO_PERSONALIZATIONS, "personalizations")
    if len(every) > wire.PERSONALIZATIONS_A_REQUEST:
        yield problem(TOO_MANY.format(len(every)), "personalizations")
    for index, each in enumerate(every):
        path = f"personalizations.{index}"
        if not each.to:
            yield problem(NO_TO, f"{path}.to")
        for place, address in enumerate(each.to):
            yield from _of_address(address.email, f"{path}.to.{place}.email")
        for name, values, words in (
            ("substitutions", each.substitutions, SUBSTITUTIONS_TOO_LONG),
            ("custom_args", each.custom_args, ARGS_TOO_LONG),
        ):
            size = sum(len((key + text).encode()) for key, text in values.items())
            if size > PERSONAL_BYTES:
                yield problem(words, f"{path}.{name}")


def _of_content(mail: wire.MailSend) -> Problems:
    if mail.subject is None:
        yield problem(NO_SUBJECT, "subject")
    elif not mail.subject:
        yield problem(SUBJECT, "subject")
    if not mail.content:
        yield problem(NO_CONTENT, "content")
    for index, block in enumerate(mail.content):
        if not block.value:
            yield problem(CONTENT_VALUE, f"content.{index}.value")


def _of_attachments(every: list[wire.Attachment]) -> Problems:
    for index, each in enumerate(every):
        path = f"attachments.{index}"
        try:
            is_base64 = bool(base64.b64decode(each.content, validate=True))
        except ValueError:
            is_base64 = False
        if not is_base64:
            words = "The attachment content must be base64 encoded."
            yield problem(words, f"{path}.content")
        if set(each.filename) & set("\r\n"):
            words = "The filename of your attachment cannot contain CRLF characters."
            yield problem(words, f"{path}.filename")
        if set(each.type or "") & set(";\r\n"):
            # unconfirmed: that it refuses every parameter; it was seen to take `method=` since 2018
            words = "The attachment type cannot contain ';', or CRLF characters."
            yield problem(words, f"{path}.type")


def _of_categories(every: list[str]) -> Problems:
    if len(every) > CATEGORIES:
        words = (
            "There is a limit of 10 categories for each email that is sent. "
            f"You provided {len(every)} categories."
        )
        yield problem(words, "categories")
    for name, times in Counter(every).items():
        if times > 1:
            words = (
                "The categories must be a unique list, and you have included "
                f"{name} more than once."
            )
            yield problem(words, "categories")
