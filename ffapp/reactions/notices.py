"""Which event tells whom, what about, and on which channels. Each is a listener of `table.py`."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from ffapp.classes import calendar, series
from ffapp.classes.cancel_many import is_told_together
from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.ledger import batches
from ffapp.ledger.models import ACCOUNT, Effect
from ffapp.ledger.plan import HOLD, plan
from ffapp.messaging.attachments import Attachment
from ffapp.messaging.compose import Notice
from ffapp.people.contact import with_phone
from ffapp.people.links import url_of
from ffapp.people.models import AccessLink
from ffapp.programme.enrol import enrolled_people
from ffapp.reactions import bells, class_words, examples
from ffapp.reactions.channels import plan_on_each
from ffapp.reactions.still_true import recordings_shown

RECORDING_NEWS = timedelta(days=7)  # after that a recording is no news


def tell_of_class(event: Event) -> None:
    """To each enrolled student, on each channel, what happened to a class.

    That one of several was made or cancelled is told with the others (`reactions/series.py`), and
    what was undone already is not told.
    """
    if series.is_of_series(event) or is_told_together(event) or not batches.is_in_force(event):
        return
    session = db.session.get_one(ClassSession, event.subject_id)
    _tell(event, session, event.name, f"event={event.id}", session.ends_at)


def tell_of_recording(event: Event) -> None:
    """To each enrolled student, once for a class, however often its recording is found.

    A message is looked at again before it goes; a bell is not, and it rings once. So it stays
    silent while there is nothing to watch, and rings with the event that shows the recording.
    """
    session = db.session.get_one(ClassSession, event.subject_id)
    useful_until = clock.now() + RECORDING_NEWS
    rule, occurrence = "recording_available", session.subject
    _plan(event, session, rule, occurrence, useful_until)
    if recordings_shown([session.id]):
        _ring(event, session, rule, occurrence)


def send_link(event: Event) -> None:
    """The invitation or the reset link, to the person alone.

    The invitation goes to their WhatsApp as well, where a guardian has agreed to that: that copy is
    a message about classes, and the gate is asked; account mail knows none.
    """
    if not batches.is_in_force(event):
        return
    link = db.session.get_one(AccessLink, event.facts["link_id"])
    # Account mail knows no hold of its own; an invitation that can be undone waits all the same.
    due_at = clock.now() + HOLD if "batch_id" in event.facts else None
    channels = [("email", ACCOUNT, [link.person_id])]
    if link.purpose == "invitation":
        channels.append(("whatsapp", "classes", with_phone([link.person_id])))
    for kind, purpose, people in channels:
        plan(
            f"{link.purpose}:link={link.id}:{kind}",
            kind=kind,
            purpose=purpose,
            subject=f"person={link.person_id}",
            rule=link.purpose,
            cause=event,
            people=people,
            payload={"link_id": link.id},
            due_at=due_at,
            useful_until=link.expires_at,
        )


def _tell(
    event: Event, session: ClassSession, rule: str, occurrence: str, useful_until: datetime
) -> None:
    _plan(event, session, rule, occurrence, useful_until)
    if useful_until > clock.now():  # a class that is written down afterwards is no news to anybody
        _ring(event, session, rule, occurrence)


def _plan(
    event: Event, session: ClassSession, rule: str, occurrence: str, useful_until: datetime
) -> None:
    plan_on_each(
        enrolled_people(session.cohort_id),
        rule=rule,
        occurrence=occurrence,
        subject=session.subject,
        cause=event,
        payload={"class_id": session.id, "was": _moved_from(event)},
        useful_until=useful_until,
    )


def _ring(event: Event, session: ClassSession, rule: str, occurrence: str) -> None:
    people = enrolled_people(session.cohort_id)
    words = class_words.facts(session, event, clock.now())
    bells.ring(bells.of_class(session, rule, occurrence), words, people, event)


def _moved_from(event: Event) -> str | None:
    """When the class would have begun before it was moved."""
    return event.facts.get("changed", {}).get("starts_at", [None])[0]


def _link_words(effects: Sequence[Effect]) -> Mapping[int, Mapping[str, str]]:
    ids = {effect.payload["link_id"] for effect in effects}
    links = {
        link.id: link
        for link in db.session.scalars(select(AccessLink).where(AccessLink.id.in_(ids)))
    }
    return {effect.id: {"link": url_of(links[effect.payload["link_id"]])} for effect in effects}


def _calendar_file(effect: Effect) -> Sequence[Attachment]:
    """The class as it is when the mail goes: to put into a calendar, or to take it out again."""
    session = db.session.get_one(ClassSession, effect.payload["class_id"])
    content = calendar.file_of(session)
    return [Attachment(calendar.file_name(session), calendar.MIMETYPE, content)]


def _about_class(name: str, title: str, **more: Any) -> Notice:
    return Notice(
        name,
        title,
        facts=class_words.facts_of,
        own_words=class_words.own_words,
        variables=class_words.VARIABLES,
        example=partial(examples.about_class, name),
        **more,
    )


def _with_link(name: str, title: str) -> Notice:
    variables = {
        "me.first_name": "the person's first name",
        "me.link": "the link, which works once",
        "public_url": "the address of the programme",
    }
    return Notice(
        name,
        title,
        own_words=_link_words,
        secret=("link",),
        variables=variables,
        example=partial(examples.about_account, name),
    )


NOTICES = (
    _about_class("class_scheduled", "Class scheduled", attachments=_calendar_file),
    _about_class("class_moved", "Class moved", attachments=_calendar_file),
    _about_class("class_renamed", "Class renamed", attachments=_calendar_file),
    _about_class("class_cancelled", "Class cancelled", attachments=_calendar_file),
    _about_class("class_reminder_24h", "Reminder, a day before"),
    _about_class("class_reminder_15min", "Reminder, 15 minutes before"),
    _about_class("recording_available", "Recording available"),
    _with_link("invitation", "Invitation"),
    _with_link("reset", "New password"),
)
