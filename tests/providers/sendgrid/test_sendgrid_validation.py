"""Every refusal of mail/send that the simulator knows, word for word."""

from typing import Any

import pytest

from ffapp.providers.sendgrid.simulator import answers, personalizations, validation

HELP = answers.HELP
ASHA = {"email": "asha@example.com"}
LONG = "a" * 310 + "@example.com"
P0 = "personalizations.0"
MP = "message.personalizations"
Expected = list[tuple[str, str, str | None]]


def found(body: dict[str, Any]) -> Expected:
    problems = validation.problems_of(body)
    return [(p.message, p.field, p.help.removeprefix(HELP) if p.help else None) for p in problems]


def test_a_good_body_has_no_problems(body) -> None:
    assert found(body) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"from": None}, (validation.NO_FROM, "from.email", "message.from")),
        ({"from": {}}, (validation.NO_FROM, "from.email", "message.from")),
        (
            {"from": "me"},
            ("Invalid type. Expected: object, given: string.", "from", "message.from"),
        ),
        ({"from": {"email": "me"}}, (validation.FROM_NOT_VALID, "from.email", "message.from")),
        (
            {"from": {"email": LONG}},
            (
                "The From email exceeds the maximum total length of 320 characters",
                "from.email",
                "message.from",
            ),
        ),
        (
            {"reply_to": {"email": "me"}},
            ("Does not contain a valid address.", "reply_to.email", "message.reply_to"),
        ),
        (
            {"reply_to": []},
            ("Invalid type. Expected: object, given: array.", "reply_to", "message.reply_to"),
        ),
        ({"subject": None}, (validation.NO_SUBJECT, "subject", "message.subject")),
        ({"subject": ""}, (personalizations.SUBJECT, "subject", "message.subject")),
        ({"content": None}, (validation.NO_CONTENT, "content", "message.content")),
        ({"content": []}, (validation.NO_CONTENT, "content", "message.content")),
        (
            {"content": {"type": "text/plain"}},
            ("Invalid type. Expected: array, given: object.", "content", "message.content"),
        ),
        (
            {"content": [1]},
            ("Invalid type. Expected: object, given: integer.", "content.0", "message.content"),
        ),
        (
            {"content": [{"type": "text/plain", "value": ""}]},
            (validation.CONTENT_VALUE, "content.0.value", "message.content.value"),
        ),
        (
            {"content": [{"type": "text/plain"}]},
            (validation.NO_CONTENT_VALUE, "content.0.value", "message.content.value"),
        ),
        (
            {"content": [{"value": "x"}]},
            (validation.NO_CONTENT_TYPE, "content.0.type", "message.content.type"),
        ),
        (
            {"content": [{"type": "", "value": "x"}]},
            (validation.CONTENT_TYPE, "content.0.type", "message.content.type"),
        ),
        (
            {"content": [{"type": "text/plain; charset=x", "value": "x"}]},
            (validation.CONTENT_TYPE_LETTERS, "content.0.type", "message.content.type"),
        ),
        (
            {
                "content": [
                    {"type": "text/html", "value": "x"},
                    {"type": "text/plain", "value": "x"},
                ]
            },
            (validation.CONTENT_ORDER, "content", "message.content"),
        ),
        (
            {"attachments": {}},
            ("Invalid type. Expected: array, given: object.", "attachments", "message.attachments"),
        ),
        (
            {"attachments": [None]},
            (
                "Invalid type. Expected: object, given: null.",
                "attachments.0",
                "message.attachments",
            ),
        ),
        (
            {"attachments": [{"content": "", "filename": "a.ics"}]},
            (
                "The attachment content must be a string at least one character in length.",
                "attachments.0.content",
                "message.attachments.content",
            ),
        ),
        (
            {"attachments": [{"content": "a b", "filename": "a.ics"}]},
            (
                "The attachment content must be base64 encoded.",
                "attachments.0.content",
                "message.attachments.content",
            ),
        ),
        (
            {"attachments": [{"content": "YQ=="}]},
            ("filename is required.", "attachments.0.filename", "message.attachments.filename"),
        ),
        (
            {"attachments": [{"content": "YQ==", "filename": 1}]},
            (
                "The filename of your attachment must be a string.",
                "attachments.0.filename",
                "message.attachments.filename",
            ),
        ),
        (
            {"attachments": [{"content": "YQ==", "filename": "a\r\nb"}]},
            (
                "The filename of your attachment cannot contain CRLF characters.",
                "attachments.0.filename",
                "message.attachments.filename",
            ),
        ),
        (
            {"attachments": [{"content": "YQ==", "filename": "a", "type": ""}]},
            (
                "The attachment type must be a string and at least one character in length.",
                "attachments.0.type",
                "message.attachments.type",
            ),
        ),
        (
            {"attachments": [{"content": "YQ==", "filename": "a", "type": "text/x; a=b"}]},
            (
                "The attachment type cannot contain ';', or CRLF characters.",
                "attachments.0.type",
                "message.attachments.type",
            ),
        ),
        (
            {"attachments": [{"content": "YQ==", "filename": "a", "disposition": "beside"}]},
            (
                'The disposition of your attachment can be either "inline" or "attachment". '
                "You provided beside.",
                "attachments.0.disposition",
                "message.attachments.disposition",
            ),
        ),
        (
            {"template_id": "d-1"},
            (
                "The Template ID must be a valid template id for your account. You provided d-1.",
                "template_id",
                "message.template_id",
            ),
        ),
        (
            {"template_id": 1},
            (
                "The template ID must be a string, you provided 1.",
                "template_id",
                "message.template_id",
            ),
        ),
        (
            {"categories": "classes"},
            ("Categories must be an array of strings.", "categories", "message.categories"),
        ),
        (
            {"categories": [f"c{n}" for n in range(11)]},
            (
                "There is a limit of 10 categories for each email that is sent. "
                "You provided 11 categories.",
                "categories",
                "message.categories",
            ),
        ),
        (
            {"categories": ["a", "a"]},
            (
                "The categories must be a unique list, and you have included a more than once.",
                "categories",
                "message.categories",
            ),
        ),
        (
            {"categories": ["a" * 256]},
            (
                f"Each category must not be longer than 255 characters. {'a' * 256} exceeds this "
                "limit",
                "categories.0",
                "message.categories",
            ),
        ),
        (
            {"categories": ["आशा"]},
            (
                "Categories can not contain non-ASCII characters.",
                "categories.0",
                "message.categories",
            ),
        ),
        (
            {"headers": {"X-A": 1}},
            ("The header values must be strings.", "headers", "message.headers"),
        ),
        (
            {"headers": {"To": "x"}},
            ("Header can not be one of the reserved keys.", "headers", "message.headers"),
        ),
        (
            {"custom_args": {"a": 1}},
            (
                "All values of custom arguments object must be strings",
                "custom_args",
                "message.custom_args",
            ),
        ),
        (
            {"asm": {"group_id": "1"}},
            ("The ASM group ID must be an integer.", "asm.group_id", "message.asm.group_id"),
        ),
        (
            {"asm": {"group_id": 1}},
            (
                "The ASM group ID must be a valid Group ID on your account. You provided 1.",
                "asm.group_id",
                "message.asm.group_id",
            ),
        ),
        (
            {"mail_settings": {"sandbox_mode": {"enable": "true"}}},
            (
                "The sandbox mode enable param should be a boolean value.",
                "mail_settings.sandbox_mode.enable",
                "message.mail_settings.sandbox_mode.enable",
            ),
        ),
        (
            {"tracking_settings": {"click_tracking": {"enable": 1}}},
            (
                "The click tracking enable param should be a boolean value.",
                "tracking_settings.click_tracking.enable",
                "message.tracking_settings.click_tracking.enable",
            ),
        ),
    ],
)
def test_the_rest_of_the_body(body, change, expected) -> None:
    assert found(body | change) == [expected]


def test_a_subject_in_every_personalization_is_enough(body) -> None:
    del body["subject"]
    body["personalizations"][0]["subject"] = "Hello"
    assert found(body) == []


def test_several_problems_come_together_and_the_sender_first(body) -> None:
    change = {"from": {"email": "me"}, "personalizations": [{"to": [{"email": "you"}]}]}
    assert [field for _, field, _ in found(body | change)] == ["from.email", f"{P0}.to.0.email"]
