"""What is questioned before a class is saved: things that are possible and probably not meant."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from ffapp import clock
from ffapp.classes.live import Phase, phase_of
from ffapp.classes.models import ClassSession
from ffapp.db import db

NIGHT_ENDS, NIGHT_BEGINS = 6, 22
BETWEEN_CLASSES = timedelta(minutes=10)  # a class that overruns must not meet the next one


def doubts(
    starts_at: datetime, duration_minutes: int, host_email: str, time_zone: str, but: int | None
) -> list[str]:
    """Sentences that an admin should read before saving; empty when nothing is odd.

    `but` is the id of the class that is being changed, which does not clash with itself.
    """
    ends_at = starts_at + timedelta(minutes=duration_minutes)
    found = []
    if ends_at <= clock.now():
        found.append("This lies in the past: it would be over already.")
    elif starts_at < clock.now():
        found.append("This lies in the past: the class would be running already.")
    local = clock.local(starts_at, time_zone)
    if not NIGHT_ENDS <= local.hour < NIGHT_BEGINS:
        spelt = clock.spell_time(starts_at, time_zone)
        found.append(f"{spelt} {clock.zone_label(starts_at, time_zone)} is in the night.")
    if but is not None and (held := _held(but, starts_at)):
        found.append(
            f"This class was held on {clock.spell(held, time_zone)}; everybody would be told of a"
            " new time. For another class, schedule a new one."
        )
    found += [
        f"{host_email} hosts “{other.title}” ({other.cohort.name}) at that time, and Zoom lets a"
        " host run one meeting at a time."
        for other in _clashing(starts_at, ends_at, host_email, but)
    ]
    return found


def _held(class_id: int, starts_at: datetime) -> datetime | None:
    """When the class was held, if it is to be moved away from there."""
    session = db.session.get_one(ClassSession, class_id)
    over = phase_of(session, clock.now()) is Phase.ENDED and bool(session.instances)
    return session.instances[0].started_at if over and session.starts_at != starts_at else None


def _clashing(
    starts_at: datetime, ends_at: datetime, host_email: str, but: int | None
) -> list[ClassSession]:
    ends = ClassSession.ends_at
    return list(
        db.session.scalars(
            select(ClassSession)
            .where(
                func.lower(ClassSession.zoom_host_email) == host_email.lower(),
                ClassSession.cancelled_at.is_(None),
                ClassSession.id.is_distinct_from(but),
                ClassSession.starts_at < ends_at + BETWEEN_CLASSES,
                ends > starts_at - BETWEEN_CLASSES,
            )
            .order_by(ClassSession.starts_at)
        )
    )
