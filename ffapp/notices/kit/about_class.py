"""What notices about classes share: their variables, whom they tell, when they still hold."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import select

from ffapp.classes import calendar, phase
from ffapp.classes.models import ClassSession
from ffapp.core import clock, config
from ffapp.core.db import db, is_among
from ffapp.core.events import Event
from ffapp.core.i18n import gettext
from ffapp.core.i18n import lazy_gettext as _
from ffapp.ledger.models import Effect
from ffapp.messaging.attachments import Attachment
from ffapp.messaging.markup import Variable
from ffapp.messaging.notice import Occasion, Topic, sample_effect
from ffapp.messaging.rendering import Values
from ffapp.people.models import Person
from ffapp.programme.enrol import enrolled_pairs, enrolled_people
from ffapp.programme.models import Enrolment, is_enrolled

WHY = _("You get this because you are enrolled in {{ cohort }}.")
WHY_REMINDED = _(
    "You get this because you are enrolled in {{ cohort }}. Reminders can be switched off under Me."
)
VARIABLES = {
    "title": Variable("the name of the class", "Pricing"),
    "cohort": Variable("the name of the cohort", "Winter 2026"),
    "description": Variable("what the class is about; may be empty", "Bring a calculator."),
    "when": Variable("when it is, in the cohort’s zone", "Sat 5 Dec, 5:00 pm IST"),
    "your_when": Variable(
        "the same, also in the student’s own zone where that differs",
        "Sat 5 Dec, 5:00 pm IST (for you Sat 5 Dec, 11:30 am GMT)",
        personal=True,
    ),
    "minutes": Variable("how long it is, in minutes", "60"),
    "opens": Variable("when the Join button opens", "15 minutes before the start"),
    "schedule_url": Variable("the address of the schedule", "https://…/schedule", address=True),
}

# Why an effect must not go about its class or classes, or None; its student is enrolled.
Doubt = Callable[..., str | None]
MoreValues = Callable[[Effect, ClassSession, Event | None], Values]
MoreWords = Callable[[Effect, ClassSession, str], Mapping[str, str]]


def class_topic(
    variables: Mapping[str, Variable] | None = None,
    values: MoreValues = lambda effect, session, cause: {},
    personal: MoreWords = lambda effect, session, your_when: {},
) -> Topic:
    """One class. `variables` come beside the usual ones, with their `values` or `personal` words.

    `values` gets the event that is told of; `personal` gets the start as the person reads it.
    """

    def all_values(effect: Effect) -> Values:
        session = db.session.get_one(ClassSession, effect.payload["class_id"])
        return {**_values(session), **values(effect, session, cause_of(effect))}

    def all_words(effects: Sequence[Effect]) -> Mapping[int, Mapping[str, str]]:
        sessions, zones = classes_of(effects), zones_of(effects)

        @cache
        def spell(class_id: int, zone: str | None) -> str:
            session = sessions[class_id]
            when = clock.spell(session.starts_at, session.time_zone)
            return when + spell_own(session, zone)

        words = {}
        for effect in effects:
            class_id = effect.payload["class_id"]
            your_when = spell(class_id, zones.get(effect.person_id))
            own = personal(effect, sessions[class_id], your_when)
            words[effect.id] = {"your_when": your_when, **own}
        return words

    return Topic({**VARIABLES, **(variables or {})}, all_values, all_words, _example)


def _values(session: ClassSession) -> dict[str, object]:
    return {
        "title": session.title,
        "cohort": session.cohort.name,
        "description": session.description,
        "when": clock.spell(session.starts_at, session.time_zone),
        "minutes": session.duration_minutes,
        "opens": phase.describe_opening(),
        "schedule_url": f"{config.current().public_url}/schedule",
    }


def to_enrolled(
    event: Event, *, occurrence: str | None = None, useful_until: datetime | None = None
) -> Occasion:
    """To each enrolled student, until the class has ended; the line in the bell leads to it."""
    session = db.session.get_one(ClassSession, event.subject_id)
    return Occasion(
        people=enrolled_people(session.cohort_id),
        subject=session.subject,
        occurrence=occurrence or f"event={event.id}",
        # When it would have begun before it moved: somebody may be on the way then.
        payload={"class_id": session.id, "was": changed(event).get("starts_at", [None])[0]},
        useful_until=useful_until or session.ends_at,
        path=f"/classes/{session.id}",
        admin_path=f"/admin/classes/{session.id}",
    )


def unless(doubt: Doubt) -> Callable[[Sequence[Effect]], Mapping[int, str]]:
    """The precondition that the student is enrolled, and that `doubt` finds no reason.

    `doubt` gets the effect and the classes that it is about, which are of one cohort.
    """

    def preconditions(effects: Sequence[Effect]) -> dict[int, str]:
        sessions = classes_of(effects)
        cohort_ids = {session.cohort_id for session in sessions.values()}
        enrolled = enrolled_pairs(cohort_ids, {effect.person_id for effect in effects})
        reasons: dict[int, str] = {}
        for effect in effects:
            about = [sessions[each] for each in class_ids_of(effect)]
            if (about[0].cohort_id, effect.person_id) not in enrolled:
                reasons[effect.id] = "The student is not enrolled any more."
            elif (reason := doubt(effect, *about)) is not None:
                reasons[effect.id] = reason
        return reasons

    return preconditions


def _too_late(effect: Effect, session: ClassSession) -> str | None:
    """Also one that is tried again by hand reminds nobody of a class that has begun."""
    if effect.payload["starts_at"] != session.starts_at.isoformat():
        return "The class has moved."
    if session.starts_at < clock.now():
        return "The class has begun."
    return cancelled(effect, session)


STILL_DUE = unless(_too_late)  # the precondition of reminders


def cancelled(effect: Effect, session: ClassSession) -> str | None:
    """The doubt of what is told of a class that is to be held."""
    return "The class was cancelled." if session.is_cancelled else None


def calendar_file(effect: Effect) -> Sequence[Attachment]:
    """The class as it is when the mail goes: to put into a calendar, or to take it out again."""
    session = db.session.get_one(ClassSession, effect.payload["class_id"])
    content = calendar.file_of(session)
    return [Attachment(calendar.file_name(session), calendar.MIMETYPE, content)]


def cause_of(effect: Effect) -> Event | None:
    """The event that an effect tells of."""
    return db.session.get(Event, effect.cause_event_id) if effect.cause_event_id else None


def changed(cause: Event | None) -> Mapping[str, list[object]]:
    """Field → [before, after], of an event that changed a class."""
    found: Mapping[str, list[object]] = cause.facts.get("changed", {}) if cause else {}
    return found


def _example(rule: str, person: Person) -> Effect | None:
    """About the newest class of a cohort of theirs, else the newest of all; None: no class."""
    newest = select(ClassSession).order_by(ClassSession.starts_at.desc(), ClassSession.id.desc())
    own = newest.join(Enrolment, is_enrolled(person.id, ClassSession.cohort_id))
    session = db.session.scalar(own.limit(1)) or db.session.scalar(newest.limit(1))
    return sample_effect(rule, person, {"class_id": session.id}) if session else None


def class_ids_of(effect: Effect) -> Sequence[int]:
    """The classes that the effect is about: one, several, or none."""
    if "class_id" in effect.payload:
        return [effect.payload["class_id"]]
    return effect.payload.get("class_ids", [])


def classes_of(effects: Sequence[Effect]) -> dict[int, ClassSession]:
    """The classes that these are about, by id and in the order in which they begin."""
    ids = {class_id for each in effects for class_id in class_ids_of(each)}
    found = select(ClassSession).where(ClassSession.id.in_(ids))
    found = found.order_by(ClassSession.starts_at, ClassSession.id)
    return {session.id: session for session in db.session.scalars(found)}


def zones_of(effects: Sequence[Effect]) -> dict[int | None, str | None]:
    """Person id → the time zone that they chose, for the recipients."""
    people = {effect.person_id for effect in effects}
    rows = db.session.execute(
        select(Person.id, Person.time_zone).where(is_among(Person.id, people))
    )
    return {row.id: row.time_zone for row in rows}


def spell_own(session: ClassSession, zone: str | None) -> str:
    """` (for you …)` where the person's clock shows another time than that of the class."""
    here = clock.zone_label(session.starts_at, session.time_zone)
    if zone is None or clock.zone_label(session.starts_at, zone) == here:
        return ""
    return gettext(" (for you %(when)s)", when=clock.spell(session.starts_at, zone))
