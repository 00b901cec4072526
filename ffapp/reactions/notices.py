"""Which event tells whom, and what about. Each function is a listener of `table.py`."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from ffapp import clock, config
from ffapp.classes import calendar, series
from ffapp.classes.models import ClassSession
from ffapp.db import db
from ffapp.events import Event
from ffapp.ledger.models import ACCOUNT, Effect
from ffapp.ledger.plan import plan
from ffapp.messaging.attachments import Attachment
from ffapp.messaging.compose import Notice
from ffapp.people.links import url_of
from ffapp.people.models import AccessLink, Person
from ffapp.programme.enrol import enrolled_people

RECORDING_NEWS = timedelta(days=7)  # after that a recording is no news


def tell_of_class(event: Event) -> None:
    """One e-mail to each enrolled student about what happened to a class.

    That one of a series was made is told with the others (`tell_of_series`).
    """
    if series.is_of_series(event):
        return
    session = db.session.get_one(ClassSession, event.subject_id)
    _plan_for_class(event, session, event.name, f"event={event.id}", session.ends_at)


def tell_of_recording(event: Event) -> None:
    """One e-mail to each enrolled student, once for a class, however often it is found."""
    session = db.session.get_one(ClassSession, event.subject_id)
    useful_until = clock.now() + RECORDING_NEWS
    _plan_for_class(event, session, "recording_available", session.subject, useful_until)


def send_link(event: Event) -> None:
    """The invitation or the reset link, to the person alone."""
    link = db.session.get_one(AccessLink, event.facts["link_id"])
    plan(
        f"{link.purpose}:link={link.id}:email",
        kind="email",
        purpose=ACCOUNT,
        subject=f"person={link.person_id}",
        rule=link.purpose,
        cause=event,
        people=[link.person_id],
        payload={"link_id": link.id},
        useful_until=link.expires_at,
    )


def _plan_for_class(
    event: Event, session: ClassSession, rule: str, occurrence: str, useful_until: datetime
) -> None:
    plan(
        f"{rule}:{occurrence}:email",
        kind="email",
        purpose="classes",
        subject=session.subject,
        rule=rule,
        cause=event,
        people=enrolled_people(session.cohort_id),
        payload={"class_id": session.id},
        useful_until=useful_until,
    )


def _class_facts(effect: Effect) -> Mapping[str, Any]:
    session = db.session.get_one(ClassSession, effect.payload["class_id"])
    cause = db.session.get(Event, effect.cause_event_id) if effect.cause_event_id else None
    changed = cause.facts.get("changed", {}) if cause else {}
    was = changed.get("starts_at", [None])[0]
    return {
        "title": session.title,
        "old_title": changed.get("title", [None])[0],
        "cohort": session.cohort.name,
        "description": session.description,
        "when": clock.spell(session.starts_at, session.time_zone),
        "was": clock.spell(datetime.fromisoformat(was), session.time_zone) if was else None,
        "minutes": session.duration_minutes,
        "because": session.cancelled_because,
        "opens_minutes": config.current().join_opens_minutes,
        "schedule_url": f"{config.current().public_url}/schedule",
        "recordings_url": f"{config.current().public_url}/recordings/classes/{session.id}",
    }


def _your_time(effects: Sequence[Effect]) -> Mapping[int, Mapping[str, str]]:
    """The start in the person's own zone, where that is not the class's."""
    ids = {effect.payload["class_id"] for effect in effects}
    sessions = {
        session.id: session
        for session in db.session.scalars(select(ClassSession).where(ClassSession.id.in_(ids)))
    }
    people = {effect.person_id for effect in effects}
    zones = dict(
        db.session.execute(select(Person.id, Person.time_zone).where(Person.id.in_(people))).all()
    )
    words = {}
    for effect in effects:
        session = sessions[effect.payload["class_id"]]
        zone = zones.get(effect.person_id) or session.time_zone
        differs = clock.zone_label(session.starts_at, zone) != clock.zone_label(
            session.starts_at, session.time_zone
        )
        text = f" (for you {clock.spell(session.starts_at, zone)})" if differs else ""
        words[effect.id] = {"your_time": text}
    return words


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
    return Notice(name, title, facts=_class_facts, own_words=_your_time, **more)


NOTICES = (
    _about_class("class_scheduled", "Class scheduled", attachments=_calendar_file),
    _about_class("class_moved", "Class moved", attachments=_calendar_file),
    _about_class("class_renamed", "Class renamed", attachments=_calendar_file),
    _about_class("class_cancelled", "Class cancelled", attachments=_calendar_file),
    _about_class("class_reminder_24h", "Reminder, a day before"),
    _about_class("class_reminder_15min", "Reminder, 15 minutes before"),
    _about_class("recording_available", "Recording available"),
    Notice("invitation", "Invitation", own_words=_link_words, secret=("link",)),
    Notice("reset", "New password", own_words=_link_words, secret=("link",)),
)
