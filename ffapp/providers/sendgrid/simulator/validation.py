"""What SendGrid finds wrong with a mail/send body; all problems come in one answer.

unconfirmed: the order of several problems, beyond `from` before `personalizations`, and the words
of those that SendGrid's older pages document and that have not been seen on the wire.
"""

import base64
from typing import Any

from ffapp.providers.sendgrid import wire
from ffapp.providers.sendgrid.simulator import personalizations
from ffapp.providers.sendgrid.simulator.answers import (
    ADDRESS_LENGTH,
    Problems,
    all_strings,
    check_headers,
    check_send_at,
    is_address,
    is_int,
    problem,
    wrong_type,
)

NO_CONTENT = (
    "Unless a valid template_id is provided, the content parameter is required. There must be at "
    "least one defined content block. We typically suggest both text/plain and text/html blocks "
    "are included, but only one block is required."
)
CONTENT_VALUE = "The content value must be a string at least one character in length."
NO_CONTENT_VALUE = "A content value is required, this is the content of the email you are sending."
NO_CONTENT_TYPE = "A content type is required, this tells email clients how to display the email."
CONTENT_TYPE = "Your content type must be a string with length of at least one character."
CONTENT_TYPE_LETTERS = "Cannot contain ';', or CRLF characters."
CONTENT_ORDER = (
    "Following RFC 1341, section 7.2, if either text/html or text/plain are to be sent in your "
    "email: text/plain needs to be first, followed by text/html, followed by any other content."
)


def check_content(body: dict[str, Any]) -> Problems:
    """The problems of `content`."""
    content = body.get("content")
    if content is None or content == []:
        if not body.get("template_id"):
            yield problem(NO_CONTENT, "content", "message.content")
        return
    if not isinstance(content, list):
        yield wrong_type("array", content, "content", "message.content")
        return
    for index, block in enumerate(content):
        if isinstance(block, dict):
            yield from _block(block, f"content.{index}")
        else:
            yield wrong_type("object", block, f"content.{index}", "message.content")
    ranks = [
        {"text/plain": 0, "text/html": 1}.get(str(block.get("type")), 2)
        for block in content
        if isinstance(block, dict)
    ]
    if ranks != sorted(ranks):
        yield problem(CONTENT_ORDER, "content", "message.content")


def _block(block: dict[str, Any], path: str) -> Problems:
    kind, value = block.get("type"), block.get("value")
    if kind is None:
        yield problem(NO_CONTENT_TYPE, f"{path}.type", "message.content.type")
    elif not isinstance(kind, str) or not kind:
        yield problem(CONTENT_TYPE, f"{path}.type", "message.content.type")
    elif set(kind) & set(";\r\n"):
        yield problem(CONTENT_TYPE_LETTERS, f"{path}.type", "message.content.type")
    if "value" not in block:
        yield problem(NO_CONTENT_VALUE, f"{path}.value", "message.content.value")
    elif not isinstance(value, str) or not value:
        yield problem(CONTENT_VALUE, f"{path}.value", "message.content.value")


def check_attachments(value: Any) -> Problems:
    """The problems of `attachments`."""
    if value is None:
        return
    if not isinstance(value, list):
        yield wrong_type("array", value, "attachments", "message.attachments")
        return
    for index, each in enumerate(value):
        if isinstance(each, dict):
            yield from _attachment(each, f"attachments.{index}")
        else:
            yield wrong_type("object", each, f"attachments.{index}", "message.attachments")


def _attachment(each: dict[str, Any], path: str) -> Problems:
    anchor = "message.attachments"
    content, name = each.get("content"), each.get("filename")
    if not isinstance(content, str) or not content:
        words = "The attachment content must be a string at least one character in length."
        yield problem(words, f"{path}.content", f"{anchor}.content")
    elif not _is_base64(content):
        words = "The attachment content must be base64 encoded."
        yield problem(words, f"{path}.content", f"{anchor}.content")
    if name is None:
        yield problem("filename is required.", f"{path}.filename", f"{anchor}.filename")
    elif not isinstance(name, str):
        words = "The filename of your attachment must be a string."
        yield problem(words, f"{path}.filename", f"{anchor}.filename")
    elif set(name) & set("\r\n"):
        words = "The filename of your attachment cannot contain CRLF characters."
        yield problem(words, f"{path}.filename", f"{anchor}.filename")
    yield from _attachment_type(each.get("type"), f"{path}.type", f"{anchor}.type")
    disposition = each.get("disposition", "attachment")
    if disposition not in ("inline", "attachment"):
        words = (
            'The disposition of your attachment can be either "inline" or "attachment". '
            f"You provided {disposition}."
        )
        yield problem(words, f"{path}.disposition", f"{anchor}.disposition")


def _attachment_type(kind: Any, path: str, anchor: str) -> Problems:
    if kind is None:
        return
    if not isinstance(kind, str) or not kind:
        words = "The attachment type must be a string and at least one character in length."
        yield problem(words, path, anchor)
    elif set(kind) & set(";\r\n"):
        # unconfirmed: that it refuses every parameter; it was seen to take `method=` since 2018
        words = "The attachment type cannot contain ';', or CRLF characters."
        yield problem(words, path, anchor)


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return True


NO_FROM = (
    "The from object must be provided for every email send. It is an object that requires the "
    'email parameter, but may also contain a name parameter.  e.g. {"email" : '
    '"example@example.com"}  or {"email" : "example@example.com", "name" : "Example Recipient"}.'
)
FROM_NOT_VALID = "The from email does not contain a valid address."
NO_SUBJECT = (
    "The subject is required. You can get around this requirement if you use a template with a "
    "subject defined or if every personalization has a subject defined."
)
BOOLEANS = {
    ("mail_settings", "sandbox_mode"): "The sandbox mode enable param",
    ("mail_settings", "bypass_list_management"): "The bypass list management enable param",
    ("mail_settings", "footer"): "The footer enable param",
    ("tracking_settings", "click_tracking"): "The click tracking enable param",
    ("tracking_settings", "open_tracking"): "The open tracking enable param",
    ("tracking_settings", "subscription_tracking"): "The subscription tracking enable param",
}


def problems_of(body: dict[str, Any]) -> list[wire.Problem]:
    """Everything that is wrong with the body; nothing when SendGrid would take it."""
    return [
        *_from(body),
        *personalizations.check(body),
        *_reply_to(body.get("reply_to")),
        *_subject(body),
        *check_content(body),
        *check_attachments(body.get("attachments")),
        *_template(body.get("template_id")),
        *_categories(body.get("categories")),
        *check_headers(
            body.get("headers"),
            "headers",
            "message.headers",
            "The header values must be strings.",
            "Header can not be one of the reserved keys.",
        ),
        *_custom_args(body.get("custom_args")),
        *check_send_at(body.get("send_at"), "send_at", "message.send_at"),
        *_asm(body.get("asm")),
        *_booleans(body),
    ]


def _from(body: dict[str, Any]) -> Problems:
    sender = body.get("from")
    email = sender.get("email") if isinstance(sender, dict) else None
    if sender is not None and not isinstance(sender, dict):
        yield wrong_type("object", sender, "from", "message.from")
    elif email is None:
        yield problem(NO_FROM, "from.email", "message.from")
    elif isinstance(email, str) and len(email) > ADDRESS_LENGTH:
        words = "The From email exceeds the maximum total length of 320 characters"
        yield problem(words, "from.email", "message.from")
    elif not is_address(email):
        yield problem(FROM_NOT_VALID, "from.email", "message.from")


def _reply_to(value: Any) -> Problems:
    if value is None:
        return
    if not isinstance(value, dict):
        yield wrong_type("object", value, "reply_to", "message.reply_to")
    elif not is_address(value.get("email")):
        yield problem(wire.ADDRESS_NOT_VALID, "reply_to.email", "message.reply_to")  # unconfirmed


def _subject(body: dict[str, Any]) -> Problems:
    subject, every = body.get("subject"), body.get("personalizations")
    each_has_one = isinstance(every, list) and all(
        isinstance(each, dict) and each.get("subject") for each in every
    )
    if subject is None and not body.get("template_id") and not (every and each_has_one):
        yield problem(NO_SUBJECT, "subject", "message.subject")
    elif subject is not None and not (isinstance(subject, str) and subject):
        yield problem(personalizations.SUBJECT, "subject", "message.subject")


def _template(value: Any) -> Problems:
    if value is None:
        return
    # The simulated account has no templates.
    words = (
        f"The Template ID must be a valid template id for your account. You provided {value}."
        if isinstance(value, str)
        else f"The template ID must be a string, you provided {value}."
    )
    yield problem(words, "template_id", "message.template_id")


def _categories(value: Any) -> Problems:
    if value is None:
        return
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        words = "Categories must be an array of strings."
        yield problem(words, "categories", "message.categories")
        return
    if len(value) > 10:
        words = (
            "There is a limit of 10 categories for each email that is sent. "
            f"You provided {len(value)} categories."
        )
        yield problem(words, "categories", "message.categories")
    repeated = next((each for each in value if value.count(each) > 1), None)
    if repeated is not None:
        words = (
            "The categories must be a unique list, and you have included "
            f"{repeated} more than once."
        )
        yield problem(words, "categories", "message.categories")
    for index, each in enumerate(value):
        if len(each) > 255:
            words = (
                f"Each category must not be longer than 255 characters. {each} exceeds this limit"
            )
            yield problem(words, f"categories.{index}", "message.categories")
        if not each.isascii():
            words = "Categories can not contain non-ASCII characters."
            yield problem(words, f"categories.{index}", "message.categories")


def _custom_args(value: Any) -> Problems:
    if value is not None and not all_strings(value):
        yield problem(personalizations.ARGS_NOT_STRINGS, "custom_args", "message.custom_args")


def _asm(value: Any) -> Problems:
    if not isinstance(value, dict):
        return
    group = value.get("group_id")
    # The simulated account has no unsubscribe groups.
    words = (
        f"The ASM group ID must be a valid Group ID on your account. You provided {group}."
        if is_int(group)
        else "The ASM group ID must be an integer."
    )
    yield problem(words, "asm.group_id", "message.asm.group_id")


def _booleans(body: dict[str, Any]) -> Problems:
    for (section, name), words in BOOLEANS.items():
        settings = body.get(section)
        setting = settings.get(name) if isinstance(settings, dict) else None
        enable = setting.get("enable", False) if isinstance(setting, dict) else False
        if not isinstance(enable, bool):
            field = f"{section}.{name}.enable"
            yield problem(f"{words} should be a boolean value.", field, f"message.{field}")
