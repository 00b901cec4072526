"""SendGrid's words about a mail that it does not take."""

from typing import Any

KINDS = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}


def kind_of(value: Any) -> str:
    """How SendGrid calls a JSON type."""
    return KINDS.get(type(value), "number")  # unconfirmed: numbers


NO_PERSONALIZATIONS = (
    "The personalizations field is required and must have at least one personalization."
)
NO_TO = (
    "The to array is required for all personalization objects, and must have at least one email "
    "object with a valid email address."
)
NO_TO_EMAIL = "The to email parameter is required."
NO_FROM = (
    "The from object must be provided for every email send. It is an object that requires the "
    "email parameter, but may also contain a name parameter.  e.g. "
    '{"email" : "example@example.com"}  or {"email" : "example@example.com", "name" : "Example '
    'Recipient"}.'
)
FROM_NOT_VALID = "The from email does not contain a valid address."
TOO_MANY_PEOPLE = "There is a limit of 1000 total recipients (to + cc + bcc) per request."
SUBSTITUTIONS_TOO_LONG = "You are limited to 10,000 substitutions."
NO_SUBSTITUTIONS = "Substitutions may not be used with dynamic templating"
CUSTOM_ARGS = "All values of custom arguments object must be strings"
CUSTOM_ARGS_TOO_LONG = (
    "The combined size of both global and personalization custom arguments may not exceed 10,000 "
    "bytes per personalization."
)
SEND_AT = "Scheduling more than 72 hours in advance is forbidden."
SUBJECT = "The subject of your email must be a string at least one character in length."
NO_SUBJECT = (
    "The subject is required. You can get around this requirement if you use a template with a "
    "subject defined or if every personalization has a subject defined."
)
NO_CONTENT = (
    "Unless a valid template_id is provided, the content parameter is required. There must be at "
    "least one defined content block. We typically suggest both text/plain and text/html blocks "
    "are included, but only one block is required."
)
EMPTY_CONTENT = "The content value must be a string at least one character in length."
CONTENT_TYPE = "Cannot contain ';', or CRLF characters."
CONTENT_ORDER = (
    "Following RFC 1341, section 7.2, if either text/html or text/plain are to be sent in your "
    "email: text/plain needs to be first, followed by text/html, followed by any other content."
)
NOT_BASE64 = "The attachment content must be base64 encoded."
FILENAME = "The filename of your attachment cannot contain CRLF characters."
FILE_TYPE = "The type cannot contain ';', or CRLF characters."
GROUP_NUMBER = "The ASM group ID must be an integer."
SANDBOX = "The sandbox mode enable param should be a boolean value."


def too_many(count: int) -> str:
    return (
        "The personalization block is limited to 1000 personalizations per API request. You have "
        f"provided {count} personalizations. Please consider splitting this into multiple requests "
        "and resending your request."
    )


def twice(email: str, field: str) -> str:
    return (
        "Each email address in the personalization block should be unique between to, cc, and bcc. "
        f"We found the first duplicate instance of [{email}] in the {field} field."
    )


def too_many_categories(count: int) -> str:
    return (
        "There is a limit of 10 categories for each email that is sent. You provided "
        f"{count} categories."
    )


def no_group(group_id: int) -> str:
    return f"The ASM group ID must be a valid Group ID on your account. You provided {group_id}."


def no_template(template_id: str) -> str:
    return (
        f"The Template ID must be a valid template id for your account. You provided {template_id}."
    )


def disposition(given: str) -> str:
    return (
        'The disposition of your attachment can be either "inline" or "attachment". You provided '
        f"{given}."
    )
