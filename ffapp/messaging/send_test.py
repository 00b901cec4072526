"""“Send a test to me”: the text that an admin is looking at, as a real message to themselves."""

from dataclasses import replace
from datetime import timedelta

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import record
from ffapp.ledger.models import Effect
from ffapp.ledger.plan import plan
from ffapp.messaging import compose, templates
from ffapp.messaging.notice import TEST_RULE, Notice, Topic
from ffapp.people.models import Person

IS_OF_USE = timedelta(hours=1)


class NothingToSend(ValueError):
    """There is no class yet that the text could be about."""


def send_test(notice: Notice, student: Person | None, by: Person, channel: str = "email") -> None:
    """Plan the message to `by` about what `student` could get; each call is one of its own.

    An e-mail says what `by` has typed and not saved, else what students get; WhatsApp carries the
    approved words (`channel` is `email` or `whatsapp`). Raises NothingToSend.
    """
    example = notice.topic.example(notice.name, student or by)
    if example is None:
        raise NothingToSend("A test needs a class. Schedule one first.")
    event = record("test_message_requested", by=by, on=by, notice=notice.name, channel=channel)
    plan(
        f"{TEST_RULE}:event={event.id}:{channel}",
        kind=channel,
        purpose="test",
        subject=f"person={by.id}",
        rule=TEST_RULE,
        cause=event,
        people=[by.id],
        payload={**example.payload, "notice": notice.name},
        useful_until=clock.now() + IS_OF_USE,
    )


def _as_typed(effect: Effect) -> Notice:
    notice = compose.notice_named(effect.payload["notice"])
    by = db.session.get_one(Person, effect.person_id)
    assert notice is not None, "a notice that was tested is known"
    if effect.kind == "whatsapp":
        return compose.masked(notice)  # its campaign is found by its name
    draft = templates.draft_of(notice.name, by)
    wording = templates.wording_of(notice)
    if draft is not None and not compose.problems(notice, templates.as_wording(draft)):
        wording = templates.as_wording(draft)
    return replace(
        notice,
        name=TEST_RULE,
        subject=f"Test: {wording.subject}",
        text=wording.text,
        topic=compose.masked(notice).topic,
    )


TEST_MESSAGE = Notice(
    name=TEST_RULE,
    title="Test message",
    topic=Topic(),
    channels=["email", "whatsapp"],
    stands_in=_as_typed,
)
