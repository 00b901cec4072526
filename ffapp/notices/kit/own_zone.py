"""When a class is, in the reader's time zone."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db, is_among
from ffapp.core.i18n import gettext
from ffapp.ledger.models import Effect
from ffapp.people.models import Person


def zones_of(effects: Sequence[Effect]) -> Mapping[int | None, str | None]:
    """Person id → the time zone that they chose, for the recipients."""
    people = {effect.person_id for effect in effects}
    rows = db.session.execute(
        select(Person.id, Person.time_zone).where(is_among(Person.id, people))
    )
    return {row.id: row.time_zone for row in rows}


def spell_for(session: ClassSession, zone: str | None) -> str:
    """When the class is, in the cohort's zone and, where that differs, in the person's."""
    return clock.spell(session.starts_at, session.time_zone) + spell_own(session, zone)


def spell_own(session: ClassSession, zone: str | None) -> str:
    """` (for you …)` where the person's clock shows another time than that of the class."""
    here = clock.zone_label(session.starts_at, session.time_zone)
    if zone is None or clock.zone_label(session.starts_at, zone) == here:
        return ""
    return gettext(" (for you %(when)s)", when=clock.spell(session.starts_at, zone))
