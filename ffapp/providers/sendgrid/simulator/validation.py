"""What SendGrid finds wrong with a mail/send body; all problems come in one answer.

unconfirmed: the order of several problems, beyond `from` before `personalizations`, and the words
of those that SendGrid's older pages document and that have not been seen on the wire.
"""

from typing import Any

from ffapp.providers.sendgrid import wire
from ffapp.providers.sendgrid.simulator import content, personalizations
from ffapp.providers.sendgrid.simulator.answers import problem
from ffapp.providers.sendgrid.simulator.checks import (
    ADDRESS_LENGTH,
    Problems,
    all_strings,
    check_headers,
    check_send_at,
    is_address,
    is_int,
    wrong_type,
)

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
        *content.check(body),
        *content.check_attachments(body.get("attachments")),
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
