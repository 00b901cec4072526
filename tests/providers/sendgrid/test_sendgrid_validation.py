"""What the simulated SendGrid finds wrong with a body, in SendGrid's words where they are known."""

import base64

import pytest

from ffapp.providers.sendgrid import wire
from ffapp.providers.sendgrid.simulator import validation
from ffapp.providers.sendgrid.simulator.validation import check

FILE = {"content": base64.b64encode(b"x").decode(), "filename": "a.ics"}
PERSON = {"to": [{"email": "asha@example.com"}]}


def found(body) -> list[tuple[str | None, str]]:
    mail, problems = check(body)
    assert (mail is None) == bool(problems)
    return [(each.field, each.message) for each in problems]


def test_a_good_body_has_no_problems(body) -> None:
    assert found(body) == []


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"from": None}, "from", "Invalid type. Expected: object, given: null."),
        ({"from": {"email": "asha"}}, "from.email", wire.ADDRESS_NOT_VALID),
        ({"personalizations": []}, "personalizations", validation.NO_PERSONALIZATIONS),
        ({"personalizations": {}}, "personalizations", "Invalid type. Expected: array, given: o"),
        ({"personalizations": [PERSON] * 1001}, "personalizations", "The personalization block is"),
        ({"personalizations": [{"to": []}]}, "personalizations.0.to", validation.NO_TO),
        ({"personalizations": [{}]}, "personalizations.0.to", validation.NO_TO),
        (
            {"personalizations": [PERSON, {"to": [{"email": "आशा@example.com"}]}]},
            "personalizations.1.to.0.email",
            wire.ADDRESS_NOT_VALID,
        ),
        (
            {"personalizations": [{"to": [{"email": "refused@example.com"}]}]},
            "personalizations.0.to.0.email",
            wire.ADDRESS_NOT_VALID,
        ),
        (
            {"personalizations": [PERSON | {"substitutions": {"-a-": "x" * 10_000}}]},
            "personalizations.0.substitutions",
            validation.SUBSTITUTIONS_TOO_LONG,
        ),
        (
            {"personalizations": [PERSON | {"custom_args": {"a": "x" * 10_000}}]},
            "personalizations.0.custom_args",
            validation.ARGS_TOO_LONG,
        ),
        (
            {"personalizations": [PERSON | {"custom_args": {"a": 1}}]},
            "personalizations.0.custom_args.a",
            "Invalid type. Expected: string, given: integer.",
        ),
        ({"subject": ""}, "subject", validation.SUBJECT),
        ({"subject": None}, "subject", validation.NO_SUBJECT),
        ({"content": []}, "content", validation.NO_CONTENT),
        (
            {"content": [{"type": "text/plain", "value": ""}]},
            "content.0.value",
            validation.CONTENT_VALUE,
        ),
        ({"attachments": [FILE | {"content": "?"}]}, "attachments.0.content", "The attachment c"),
        ({"attachments": [FILE | {"filename": "a\nb"}]}, "attachments.0.filename", "The filename"),
        (
            {"attachments": [{"content": FILE["content"]}]},
            "attachments.0.filename",
            "filename is required.",
        ),
        ({"attachments": [FILE | {"type": "text/x; a=b"}]}, "attachments.0.type", "The attachment"),
        ({"categories": list("abcdefghijk")}, "categories", "There is a limit of 10 categories"),
        ({"categories": ["a", "a"]}, "categories", "The categories must be a unique list"),
        ({"mail_settings": []}, "mail_settings", "Invalid type. Expected: object, given: array."),
    ],
)
def test_one_problem(body, change, field, words) -> None:
    ((named, said),) = found(body | change)

    assert named == field
    assert said.startswith(words)


def test_several_problems_come_together_and_the_sender_first(body) -> None:
    wrong = {"from": {"email": "x"}, "personalizations": [{"to": []}], "subject": ""}

    fields = [field for field, _ in found(body | wrong)]

    assert fields == ["from.email", "personalizations.0.to", "subject"]
