"""What the simulated SendGrid finds wrong with a body, in SendGrid's words where they are known."""

import base64

import pytest

from ffapp.providers.sendgrid import wire
from ffapp.providers.sendgrid.simulator import literals
from ffapp.providers.sendgrid.simulator.validation import check

FILE = {"content": base64.b64encode(b"x").decode(), "filename": "a.ics"}
PERSON = {"to": [{"email": "asha@example.com"}]}
LONG = {"substitutions": {"-a-": "x" * 10_000}}


@pytest.fixture(autouse=True)
def _store(settings, clean) -> None:
    """Templates, groups and batches are looked up."""


def found(body) -> list[tuple[str | None, str]]:
    mail, problems = check(body)
    assert (mail is None) == bool(problems)
    return [(each.field, each.message) for each in problems]


def test_a_good_body_has_no_problems(body) -> None:
    assert found(body) == []


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"from": {"email": "asha"}}, "from.email", literals.FROM_NOT_VALID),
        (
            {"personalizations": [PERSON, {"to": [{"email": "आशा@example.com"}]}]},
            "personalizations.1.to.0.email",
            wire.ADDRESS_NOT_VALID,
        ),
        (
            {"personalizations": [PERSON | LONG]},
            "personalizations.0.substitutions",
            literals.SUBSTITUTIONS_TOO_LONG,
        ),
        ({"subject": ""}, "subject", literals.SUBJECT),
        ({"content": []}, "content", literals.NO_CONTENT),
        ({"content": "x"}, "content", "Invalid type."),
        ({"attachments": [FILE | {"filename": "a\nb"}]}, "attachments.0.filename", "The filename"),
        ({"attachments": [FILE | {"type": "text/x; a=b"}]}, "attachments.0.type", "The type"),
    ],
)
def test_one_problem(body, change, field, words) -> None:
    ((named, said),) = found(body | change)

    assert named == field
    assert said.startswith(words)


def test_several_problems_come_together_and_the_sender_first(body) -> None:
    people = [{"to": [{"email": "refused@example.com"}]}]
    wrong = {"from": {"email": "x"}, "personalizations": people, "subject": ""}

    fields = [field for field, _ in found(body | wrong)]

    assert fields == ["from.email", "personalizations.0.to.0.email", "subject"]
