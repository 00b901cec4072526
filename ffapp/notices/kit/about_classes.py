"""What notices about several classes share: one message for those made or cancelled together."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import select

from ffapp.classes import calendar, phase
from ffapp.classes.models import ClassSession
from ffapp.core import clock, config
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.core.i18n import gettext
from ffapp.ledger.models import Effect
from ffapp.messaging.attachments import Attachment
from ffapp.messaging.markup import Value, Variable, Words
from ffapp.messaging.notice import Occasion, Topic, sample_effect
from ffapp.messaging.rendering import Row, Values
from ffapp.notices.kit.about_class import classes_of, spell_own, zones_of
from ffapp.people.models import Person
from ffapp.programme.enrol import enrolled_people
from ffapp.programme.models import Cohort

FILE_NAME = "classes.ics"
VARIABLES = {
    "classes": Variable("the classes, one below the other, each with its time", rows=True),
    "count": Variable("how many they are", "3"),
    "first": Variable("when the first of them is", "Sat 5 Dec, 5:00 pm IST"),
    "cohort": Variable("the name of the cohort", "Winter 2026"),
    "description": Variable("what they are about; may be empty", "Bring a calculator."),
    "because": Variable("why they were cancelled; may be empty", "Holidays"),
    "opens": Variable("when the Join button opens", "15 minutes before the start"),
    "schedule_url": Variable("the address of the schedule", "https://…/schedule", address=True),
}

Chosen = Callable[[Effect], list[ClassSession]]


def classes_topic(chosen: Chosen, detail: Callable[[ClassSession], str]) -> Topic:
    """Several classes: those `chosen` for an effect, each with a line of `detail`."""

    def values(effect: Effect) -> Values:
        sessions = chosen(effect)
        return {
            **_values(sessions),
            "classes": [
                Row(
                    [
                        Words(clock.spell(each.starts_at, each.time_zone)),
                        Value(f"your_time_{number}"),
                    ],
                    detail(each),
                )
                for number, each in enumerate(sessions, 1)
            ],
        }

    def personal(effects: Sequence[Effect]) -> Mapping[int, Mapping[str, str]]:
        """`your_time_1`, … : each start in the person's own zone, where that differs."""
        zones = zones_of(effects)
        known: dict[tuple[int, ...], list[ClassSession]] = {}
        words = {}
        for effect in effects:
            ids = tuple(effect.payload["class_ids"])
            if ids not in known:
                known[ids] = chosen(effect)
            words[effect.id] = {
                f"your_time_{number}": spell_own(session, zones.get(effect.person_id))
                for number, session in enumerate(known[ids], 1)
            }
        return words

    return Topic(VARIABLES, values, personal, _example)


def to_enrolled(event: Event) -> Occasion:
    """To each enrolled student of the cohort, until the last of the classes has ended."""
    cohort = db.session.get_one(Cohort, event.subject_id)
    class_ids = event.facts["class_ids"]
    sessions = db.session.scalars(select(ClassSession).where(ClassSession.id.in_(class_ids)))
    return Occasion(
        people=enrolled_people(cohort.id),
        subject=cohort.subject,
        occurrence=f"event={event.id}",
        payload={"class_ids": class_ids},
        useful_until=max(session.ends_at for session in sessions),
    )


def all_of(effect: Effect) -> list[ClassSession]:
    """All that it tells of, by their starts."""
    return list(classes_of([effect]).values())


def held_of(effect: Effect) -> list[ClassSession]:
    """Those that were not cancelled meanwhile."""
    return [each for each in all_of(effect) if not each.is_cancelled]


def to_tell(effect: Effect) -> list[ClassSession]:
    """The classes as they are when the mail goes, without those that were cancelled meanwhile."""
    return held_of(effect) or all_of(effect)


def title_and_length(session: ClassSession) -> str:
    """`Pricing, 60 minutes`, below the time of a class."""
    return gettext(
        "%(title)s, %(minutes)s minutes", title=session.title, minutes=session.duration_minutes
    )


def all_cancelled(effect: Effect, *sessions: ClassSession) -> str | None:
    """The doubt of what tells of several classes as long as one of them is to be held."""
    any_held = any(not each.is_cancelled for each in sessions)
    return None if any_held else "All of these classes were cancelled."


def calendar_file(chosen: Chosen) -> Callable[[Effect], Sequence[Attachment]]:
    """One file for the calendar with the `chosen` classes; none where there are none."""

    def files(effect: Effect) -> Sequence[Attachment]:
        sessions = chosen(effect)
        if not sessions:
            return []
        return [Attachment(FILE_NAME, calendar.MIMETYPE, calendar.file_of(*sessions))]

    return files


def _values(sessions: Sequence[ClassSession]) -> dict[str, object]:
    first = sessions[0]
    return {
        "cohort": first.cohort.name,
        "count": str(len(sessions)),
        "first": clock.spell(first.starts_at, first.time_zone),
        "description": first.description,
        "because": first.cancelled_because,
        "opens": phase.describe_opening(),
        "schedule_url": f"{config.current().public_url}/schedule",
    }


def _example(rule: str, person: Person) -> Effect | None:
    """About the classes that were told of together last, else the newest three; None: no class."""
    told = db.session.scalar(
        select(Event).where(Event.name == rule).order_by(Event.id.desc()).limit(1)
    )
    newest = select(ClassSession.id).order_by(ClassSession.starts_at.desc(), ClassSession.id.desc())
    ids = told.facts["class_ids"] if told else db.session.scalars(newest.limit(3)).all()
    return sample_effect(rule, person, {"class_ids": list(ids)}) if ids else None
