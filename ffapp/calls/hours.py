"""Calling hours: nobody is called before 9 in the morning or after 9 in the evening, there."""

from collections.abc import Sequence
from datetime import datetime, time

from sqlalchemy import func, select

from ffapp.calls.models import CallLog
from ffapp.core import clock, config
from ffapp.core.db import db, is_among
from ffapp.ledger.models import Effect
from ffapp.notifications.quiet import quiet_until
from ffapp.people.models import Person
from ffapp.programme.models import Cohort, Enrolment

BEGINS, ENDS = time(9), time(21)


def wait_for_calling_hours(effects: Sequence[Effect]) -> dict[int, tuple[datetime, str]]:
    """The ledger's question before it acts: which calls wait, until when, and why."""
    calls = [each for each in effects if each.kind == "call"]
    if not calls:
        return {}
    zones = zones_of([each.person_id for each in calls if each.person_id])
    found = {}
    for each in calls:
        zone = zones.get(each.person_id or 0, config.current().time_zone)
        until = quiet_until(clock.now(), (ENDS, BEGINS), zone)
        if until is not None:
            when = clock.spell(until, zone)
            found[each.id] = (until, f"We call between 9 am and 9 pm only: it waits until {when}.")
    return found


def zones_of(person_ids: Sequence[int]) -> dict[int, str]:
    """Person id → their time zone: their own, or that of the cohort they joined last."""
    joined = (
        select(Cohort.time_zone)
        .join(Enrolment, Enrolment.cohort_id == Cohort.id)
        .where(Enrolment.person_id == Person.id)
        .order_by(Enrolment.withdrawn_at.is_not(None), Enrolment.id.desc())
        .limit(1)
        .correlate(Person)
        .scalar_subquery()
    )
    usual = config.current().time_zone
    rows = db.session.execute(
        select(Person.id, func.coalesce(Person.time_zone, joined, usual)).where(
            is_among(Person.id, person_ids)
        )
    )
    return dict(rows.all())  # type: ignore[arg-type]


def zone_of(call: CallLog) -> str:
    """The time zone in which the call's hours count."""
    return zones_of([call.person_id])[call.person_id]
