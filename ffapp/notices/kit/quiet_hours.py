"""What waits for the morning: a message that rings at night, unless it would come too late."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from ffapp.classes.models import ClassSession
from ffapp.core import clock, config
from ffapp.core.db import db
from ffapp.ledger.models import Effect
from ffapp.notifications import quiet
from ffapp.people.models import Person

# News of a class that begins so soon after the quiet hours is told at once: families plan for it.
SOON_AFTER = timedelta(hours=4)


def wait_for_the_morning(effects: Sequence[Effect]) -> dict[int, tuple[datetime, str]]:
    """The ledger's question before it sends: what can wait, and until when."""
    ringing = [each for each in effects if each.kind in quiet.RINGING and each.person_id]
    if not ringing:
        return {}
    people = {each.person_id for each in ringing}
    zones = dict(
        db.session.execute(select(Person.id, Person.time_zone).where(Person.id.in_(people))).all()
    )
    hours = quiet.hours_of([person for person in people if person is not None])
    classes = _classes(ringing)
    starts = _starts(ringing, classes)
    found: dict[int, tuple[datetime, str]] = {}
    for each in ringing:
        zone = zones.get(each.person_id) or _zone_of(each, classes)
        until = quiet.quiet_until(clock.now(), hours[each.person_id or 0], zone)
        if until is not None and not _is_urgent(each, until, starts.get(each.id)):
            found[each.id] = (until, f"Quiet hours until {clock.spell(until, zone)}.")
    return found


def _is_urgent(effect: Effect, until: datetime, starts_at: datetime | None) -> bool:
    if effect.useful_until is not None and effect.useful_until <= until:
        return True
    return starts_at is not None and clock.now() < starts_at < until + SOON_AFTER


def _classes(effects: Sequence[Effect]) -> dict[int, ClassSession]:
    """The classes that these are about, by id."""
    ids = {class_id for each in effects for class_id in _class_ids(each)}
    found = db.session.scalars(select(ClassSession).where(ClassSession.id.in_(ids)))
    return {session.id: session for session in found}


def _zone_of(effect: Effect, classes: Mapping[int, ClassSession]) -> str:
    """The clock of somebody who chose none: most live where their class is."""
    zones = [classes[each].time_zone for each in _class_ids(effect) if each in classes]
    return zones[0] if zones else config.current().time_zone


def _starts(effects: Sequence[Effect], classes: Mapping[int, ClassSession]) -> dict[int, datetime]:
    """Effect id → when the class begins that it is about, where that is still to come.

    Of a class that was moved also when it would have begun: somebody may be on the way.
    """
    now = clock.now()
    about = {each.id: _class_ids(each) for each in effects}
    was = {each.id: _was(each) for each in effects}
    found = {}
    for effect_id, class_ids in about.items():
        # Of several classes the next one counts.
        coming = [classes[each].starts_at for each in class_ids if each in classes]
        if soonest := min(
            (each for each in [*coming, *was[effect_id]] if each > now), default=None
        ):
            found[effect_id] = soonest
    return found


def _was(effect: Effect) -> list[datetime]:
    given = effect.payload.get("was")
    return [datetime.fromisoformat(given)] if given else []


def _class_ids(effect: Effect) -> Sequence[int]:
    if "class_id" in effect.payload:
        return [effect.payload["class_id"]]
    return effect.payload.get("class_ids", [])
