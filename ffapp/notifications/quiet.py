"""Quiet hours: when a phone shall not ring for what can wait, on the person's own clock."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from ffapp.core import clock, config
from ffapp.core.db import db, is_among
from ffapp.core.events import record
from ffapp.notifications.models import QuietHours
from ffapp.people.models import Person

# What rings. E-mail and the bell lie still until somebody looks, so the night does not hold them.
RINGING = ("whatsapp", "call")

Span = tuple[time, time]


def hours_of(people: Sequence[int]) -> dict[int, Span]:
    """Person id → from when until when; those who said nothing have the configured hours."""
    usual = config.current().quiet_hours
    said = {
        row.person_id: (row.begins, row.ends)
        for row in db.session.scalars(
            select(QuietHours).where(is_among(QuietHours.person_id, people))
        )
    }
    return {person_id: said.get(person_id, usual) for person_id in people}


def set_hours(person: Person, begins: time, ends: time) -> None:
    """Write down the person's quiet hours; the same time twice means never quiet."""
    if hours_of([person.id])[person.id] == (begins, ends):
        return
    values = {"begins": begins, "ends": ends, "changed_at": clock.now()}
    row = insert(QuietHours).values(person_id=person.id, **values)
    db.session.execute(row.on_conflict_do_update(index_elements=["person_id"], set_=values))
    spelt = None if begins == ends else [f"{begins:%H:%M}", f"{ends:%H:%M}"]
    record("quiet_hours_changed", by=person, on=person, hours=spelt)


def quiet_until(instant: datetime, hours: Span, zone_name: str) -> datetime | None:
    """When the quiet that reigns at `instant` ends; None when none does."""
    begins, ends = hours
    local = clock.local(instant, zone_name)
    if not _within(local.time(), begins, ends):
        return None
    day = local.date() if local.time() < ends else local.date() + timedelta(days=1)
    try:
        return clock.instant_of(day, ends, zone_name)
    except clock.NonexistentTime as skipped:
        return skipped.later.astimezone(UTC)


def _within(at: time, begins: time, ends: time) -> bool:
    if begins <= ends:
        return begins <= at < ends
    return at >= begins or at < ends
