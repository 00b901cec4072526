"""What is said about a class in every notice, on every channel."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ffapp.classes import phase
from ffapp.classes.models import ClassSession
from ffapp.core import clock, config
from ffapp.core.db import db, is_among
from ffapp.core.events import Event
from ffapp.ledger.models import Effect
from ffapp.people.models import Person

# What an admin may use in a text about a class, and what each is.
VARIABLES = {
    "me.first_name": "the student's first name",
    "me.when": "when it is, also in the student's own zone where that differs",
    "me.your_time": "only the addition in the student's own zone; mostly empty",
    "title": "the name of the class",
    "old_title": "its earlier name, where it was renamed",
    "cohort": "the name of the cohort",
    "description": "what the class is about; may be empty",
    "when": "when it is, in the cohort's zone",
    "was": "when it was to be before it moved; else empty",
    "minutes": "how long it is, in minutes",
    "old_minutes": "how long it was to be, where only its length has changed; else empty",
    "because": "why it was cancelled; may be empty",
    "opens": "how long before the start the Join button opens, in words",
    "can_join": "whether one can join when the message goes; for {% if can_join %}",
    "schedule_url": "the address of the schedule",
    "recordings_url": "the address of its recordings",
    "public_url": "the address of the programme",
}


def facts(session: ClassSession, cause: Event | None, due_at: datetime) -> dict[str, Any]:
    """The same for everybody; `cause` is the event that is told of, at `due_at`."""
    changed = cause.facts.get("changed", {}) if cause else {}
    was = changed.get("starts_at", [None])[0]
    home = config.current().public_url
    return {
        "title": session.title,
        "old_title": changed.get("title", [None])[0],
        "cohort": session.cohort.name,
        "description": session.description,
        "when": clock.spell(session.starts_at, session.time_zone),
        "was": clock.spell(datetime.fromisoformat(was), session.time_zone) if was else None,
        "minutes": session.duration_minutes,
        "old_minutes": _old_length(changed),
        "because": session.cancelled_because,
        "opens": phase.describe_opening(),
        "can_join": phase.opens_at(session) <= due_at,
        "schedule_url": f"{home}/schedule",
        "recordings_url": f"{home}/recordings/classes/{session.id}",
    }


def facts_of(effect: Effect) -> Mapping[str, Any]:
    """The same, of the class that an effect is about."""
    session = db.session.get_one(ClassSession, effect.payload["class_id"])
    cause = db.session.get(Event, effect.cause_event_id) if effect.cause_event_id else None
    return facts(session, cause, effect.due_at)


def own_words(effects: Sequence[Effect]) -> Mapping[int, Mapping[str, str]]:
    """Effect id → the start in the person's own zone, where that is not the class's."""
    ids = {effect.payload["class_id"] for effect in effects}
    sessions = {
        session.id: session
        for session in db.session.scalars(select(ClassSession).where(ClassSession.id.in_(ids)))
    }
    people = {effect.person_id for effect in effects}
    zones = dict(
        db.session.execute(
            select(Person.id, Person.time_zone).where(is_among(Person.id, people))
        ).all()
    )
    longer = _of_another_length(effects)
    spelled: dict[tuple[int, str | None], tuple[str, str]] = {}  # thousands share few of them
    words = {}
    for effect in effects:
        session, zone = sessions[effect.payload["class_id"]], zones.get(effect.person_id)
        if (session.id, zone) not in spelled:
            when = clock.spell(session.starts_at, session.time_zone)
            spelled[session.id, zone] = in_own_zone(session, zone), when
        own, when = spelled[session.id, zone]
        # The text on WhatsApp is fixed and knows no length: there it can only stand with the time.
        length = f", {session.duration_minutes} minutes" if effect.id in longer else ""
        words[effect.id] = {"your_time": own, "when": when + own + length}
    return words


def _of_another_length(effects: Sequence[Effect]) -> set[int]:
    """The effects that tell of a new length and of nothing else."""
    causes = select(Event).where(Event.id.in_({effect.cause_event_id for effect in effects}))
    longer = {
        event.id
        for event in db.session.scalars(causes)
        if event.name == "class_moved" and _old_length(event.facts["changed"])
    }
    moves = [effect for effect in effects if effect.rule == "class_moved"]
    return {effect.id for effect in moves if effect.cause_event_id in longer}


def _old_length(changed: Mapping[str, Any]) -> int | None:
    """How long a class was to be whose time has stayed."""
    return None if "starts_at" in changed else changed.get("duration_minutes", [None])[0]


def in_own_zone(session: ClassSession, zone: str | None) -> str:
    """` (for you …)` where the person's clock shows another time than that of the class."""
    here = clock.zone_label(session.starts_at, session.time_zone)
    if zone is None or clock.zone_label(session.starts_at, zone) == here:
        return ""
    return f" (for you {clock.spell(session.starts_at, zone)})"
