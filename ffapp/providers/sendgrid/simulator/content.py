"""What SendGrid finds wrong with the content and the attachments of a mail/send body."""

import base64
from typing import Any

from ffapp.providers.sendgrid.simulator.answers import problem
from ffapp.providers.sendgrid.simulator.checks import Problems, wrong_type

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


def check(body: dict[str, Any]) -> Problems:
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
