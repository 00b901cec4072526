"""Enrolling several students at once, and taking their seats back as if it had never been."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ffapp.core.db import db
from ffapp.core.events import record
from ffapp.ledger import batches
from ffapp.ledger.batches import Batch, Undone
from ffapp.people.models import Person
from ffapp.programme.enrol import CohortFull, enrol, enrolment_of
from ffapp.programme.models import Cohort, Enrolment


@dataclass(frozen=True)
class Enrolled:
    """Who has a new seat, who did not fit, and the batch; None when nobody has a new one."""

    seated: Sequence[Person]
    left_out: Sequence[Person]
    batch: Batch | None


def enrol_many(cohort: Cohort, people: Sequence[Person], by: Person) -> Enrolled:
    """Seats for as many of `people`, in that order, as there are; who has one keeps it."""
    db.session.refresh(cohort, with_for_update=True)
    wanted = [person for person in people if not _has_seat(cohort, person)]
    if not wanted:
        return Enrolled([], [], None)
    batch = batches.begin("enrol", by, cohort_id=cohort.id)
    seats = []
    for person in wanted:
        try:
            seats.append(_seat(cohort, person, by, batch))
        except CohortFull:
            break
    seated, left_out = wanted[: len(seats)], wanted[len(seats) :]
    if not seats:
        db.session.delete(batch)
        return Enrolled([], left_out, None)
    batch.facts = {**batch.facts, "seats": seats}
    return Enrolled(seated, left_out, batch)


def undo_enrolments(batch: Batch, by: Person) -> Undone:
    """Take the seats back that are still as this batch gave them; nobody is told."""
    cohort = db.session.get_one(Cohort, batch.facts["cohort_id"], with_for_update=True)
    seats = {seat["id"]: seat for seat in batch.facts["seats"]}
    places = db.session.scalars(
        select(Enrolment)
        .where(Enrolment.id.in_(seats), Enrolment.withdrawn_at.is_(None))
        .order_by(Enrolment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    mine = [each for each in places if each.enrolled_at.isoformat() == seats[each.id]["at"]]
    for place in mine:
        _restore(place, seats[place.id]["before"])
    gone = batches.cancel_effects(batch, by).gone
    for place in mine:
        _tell(cohort, place.person, by)
    return Undone(len(mine), gone)


def _seat(cohort: Cohort, person: Person, by: Person, batch: Batch) -> dict[str, object]:
    """Give the seat; answers what it was before, so that it can be so again."""
    old = enrolment_of(cohort, person)
    before = None
    if old is not None and old.withdrawn_at is not None:
        before = [old.enrolled_at.isoformat(), old.withdrawn_at.isoformat()]
    place = enrol(cohort, person, by, batch.key)
    db.session.flush()
    return {"id": place.id, "at": place.enrolled_at.isoformat(), "before": before}


def _restore(place: Enrolment, before: Sequence[str] | None) -> None:
    if before is None:
        db.session.delete(place)
        return
    place.enrolled_at, place.withdrawn_at = map(datetime.fromisoformat, before)


def _tell(cohort: Cohort, person: Person, by: Person) -> None:
    """In the cohort's history; the place itself may be gone."""
    record(
        "enrolment_undone",
        by=by,
        on=cohort,
        cohort_id=cohort.id,
        person_id=person.id,
        person=person.name,
        cohort=cohort.name,
    )


def _has_seat(cohort: Cohort, person: Person) -> bool:
    place = enrolment_of(cohort, person)
    return place is not None and place.is_active
