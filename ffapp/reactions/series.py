"""Telling of classes that were made or cancelled in one go: one message for all of them."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from markupsafe import escape
from sqlalchemy import select

from ffapp.classes import calendar, phase
from ffapp.classes.models import ClassSession
from ffapp.core import clock, config
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.ledger import batches
from ffapp.ledger.models import Effect
from ffapp.messaging.attachments import Attachment
from ffapp.messaging.compose import Notice
from ffapp.people.models import Person
from ffapp.programme.enrol import enrolled_people
from ffapp.programme.models import Cohort
from ffapp.reactions import bells, examples
from ffapp.reactions.channels import plan_on_each
from ffapp.reactions.class_words import in_own_zone

FILE_NAME = "classes.ics"


def tell_of_series(event: Event) -> None:
    """One message on each channel to each enrolled student; useful until the last class."""
    _tell(event, "classes_scheduled")


def tell_of_cancellations(event: Event) -> None:
    """The same of classes that were cancelled together, unless that was undone already."""
    if batches.is_in_force(event):
        _tell(event, "classes_cancelled")


def _tell(event: Event, rule: str) -> None:
    cohort = db.session.get_one(Cohort, event.subject_id)
    sessions = _sessions(event.facts["class_ids"])
    people = enrolled_people(cohort.id)
    plan_on_each(
        people,
        rule=rule,
        occurrence=f"event={event.id}",
        subject=cohort.subject,
        cause=event,
        payload={"class_ids": event.facts["class_ids"]},
        useful_until=max(session.ends_at for session in sessions),
    )
    line = bells.Line(rule, f"event={event.id}", cohort.subject)
    bells.ring(line, _words(sessions), people, event)


def _facts(effect: Effect) -> Mapping[str, Any]:
    """The classes as they are when the mail goes, without those that were cancelled meanwhile."""
    return _words(_to_tell(effect))


def _to_tell(effect: Effect) -> list[ClassSession]:
    return _held(effect) or _all(effect)


def _all(effect: Effect) -> list[ClassSession]:
    return _sessions(effect.payload["class_ids"])


def _words(sessions: Sequence[ClassSession]) -> dict[str, Any]:
    first = sessions[0]
    return {
        "cohort": first.cohort.name,
        "classes": [
            {
                "title": session.title,
                "when": clock.spell(session.starts_at, session.time_zone),
                "minutes": session.duration_minutes,
            }
            for session in sessions
        ],
        "lines": _Lines(sessions),
        "count": str(len(sessions)),
        "first": clock.spell(first.starts_at, first.time_zone),
        "description": first.description,
        "because": first.cancelled_because,
        "opens": phase.describe_opening(),
        "schedule_url": f"{config.current().public_url}/schedule",
    }


class _Lines:
    """The classes one below the other, each with the tag of the reader's own time behind it."""

    def __init__(self, sessions: Sequence[ClassSession]) -> None:
        self.sessions = sessions

    def __str__(self) -> str:
        return self._with("-your_time_{}-")

    def __html__(self) -> str:
        return str(escape(self._with("-your_time_{}_html-")))

    def _with(self, tag: str) -> str:
        return "\n".join(
            f"{clock.spell(each.starts_at, each.time_zone)}{tag.format(number)}: {each.title},"
            f" {each.duration_minutes} minutes"
            for number, each in enumerate(self.sessions, 1)
        )


def _your_times(
    effects: Sequence[Effect], classes: Callable[[Effect], list[ClassSession]] = _to_tell
) -> Mapping[int, Mapping[str, str]]:
    """`your_time_1`, … : each start in the person's own zone, where that is not the class's."""
    people = {effect.person_id for effect in effects}
    zones = dict(
        db.session.execute(select(Person.id, Person.time_zone).where(Person.id.in_(people))).all()
    )
    known: dict[tuple[int, ...], list[ClassSession]] = {}
    words = {}
    for effect in effects:
        ids = tuple(effect.payload["class_ids"])
        sessions = known[ids] if ids in known else known.setdefault(ids, classes(effect))
        words[effect.id] = {
            f"your_time_{number}": in_own_zone(session, zones.get(effect.person_id))
            for number, session in enumerate(sessions, 1)
        }
    return words


def _calendar_file(effect: Effect) -> Sequence[Attachment]:
    return _file(_held(effect))


def _file(sessions: Sequence[ClassSession]) -> Sequence[Attachment]:
    if not sessions:
        return []
    return [Attachment(FILE_NAME, calendar.MIMETYPE, calendar.file_of(*sessions))]


def _held(effect: Effect) -> list[ClassSession]:
    return [each for each in _sessions(effect.payload["class_ids"]) if not each.is_cancelled]


def _sessions(class_ids: Sequence[int]) -> list[ClassSession]:
    return list(
        db.session.scalars(
            select(ClassSession)
            .where(ClassSession.id.in_(class_ids))
            .order_by(ClassSession.starts_at, ClassSession.id)
        )
    )


# What an admin may use in a text about several classes, and what each is.
VARIABLES = {
    "me.first_name": "the student's first name",
    "lines": "the classes, one below the other, with time and length",
    "count": "how many they are",
    "first": "when the first of them is",
    "cohort": "the name of the cohort",
    "description": "what they are about; may be empty",
    "because": "why they were cancelled; may be empty",
    "opens": "how long before the start the Join button opens, in words",
    "schedule_url": "the address of the schedule",
    "public_url": "the address of the programme",
}
CLASSES_CANCELLED = Notice(
    "classes_cancelled",
    "Several classes cancelled",
    facts=lambda effect: _words(_all(effect)),
    own_words=lambda effects: _your_times(effects, _all),
    attachments=lambda effect: _file(_all(effect)),
    variables=VARIABLES,
    example=partial(examples.about_classes, "classes_cancelled"),
)
CLASSES_SCHEDULED = Notice(
    "classes_scheduled",
    "Weekly classes scheduled",
    facts=_facts,
    own_words=_your_times,
    attachments=_calendar_file,
    variables=VARIABLES,
    example=partial(examples.about_classes, "classes_scheduled"),
)
