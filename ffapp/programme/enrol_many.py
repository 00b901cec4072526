"""Enrolling or inviting students, and undoing it as if it had never been."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from ffapp.core.db import db
from ffapp.core.events import record
from ffapp.ledger import batches
from ffapp.ledger.batches import Batch, CannotUndo, TooLate, Undone
from ffapp.ledger.models import REVIVABLE, Effect
from ffapp.ledger.plan import cancel_planned
from ffapp.people.change import remove_person
from ffapp.people.models import Person
from ffapp.programme.enrol import (
    CohortFull,
    Newcomer,
    admit,
    enrol,
    enrolled_people,
    enrolment_of,
    restore,
    withdraw,
)
from ffapp.programme.models import Cohort, Enrolment

WITHDRAW = "withdraw"
INVITE = "invite"


@dataclass(frozen=True)
class Enrolled:
    """Who has a new place, who did not fit, and the batch; None when nobody has a new one."""

    seated: Sequence[Person]
    left_out: Sequence[Person]
    batch: Batch | None


@dataclass(frozen=True)
class Place:
    """An enrolment, and when it had begun and ended before; None when there was none."""

    enrolment: Enrolment
    before: Sequence[str] | None


def enrol_many(cohort: Cohort, people: Sequence[Person], by: Person) -> Enrolled:
    """Seats for as many of `people`, in that order, as there are; who has one keeps it."""
    db.session.refresh(cohort, with_for_update=True)
    enrolled = set(enrolled_people(cohort.id))
    wanted = [person for person in people if person.id not in enrolled]
    if not wanted:
        return Enrolled([], [], None)
    batch = batches.begin("enrol", by, subjects=[cohort.subject], cohort_id=cohort.id)
    places = []
    for person in wanted:
        try:
            places.append(give_place(cohort, person, by, batch))
        except CohortFull:
            break
    seated, left_out = wanted[: len(places)], wanted[len(places) :]
    if not places:
        db.session.delete(batch)
        return Enrolled([], left_out, None)
    batch.facts = {**batch.facts, "seats": places}
    return Enrolled(seated, left_out, batch)


def undo_enrolments(batch: Batch, by: Person) -> Undone:
    """Undo the places that are still as this batch gave them; nobody is told."""
    cohort = db.session.get_one(Cohort, batch.facts["cohort_id"], with_for_update=True)
    places = lock_places(batch.facts["seats"])
    gone = batches.cancel_effects(batch, by).gone
    for place in places:
        revoke_place(cohort, place, by)
    return Undone(len(places), gone)


def invite_student(cohort: Cohort, newcomer: Newcomer, by: Person) -> tuple[Person, Batch]:
    """`admit`, which can be undone for a minute; raises AddressTaken or CohortFull."""
    batch = batches.begin(INVITE, by, subjects=[cohort.subject], cohort_id=cohort.id)
    student = admit(cohort, newcomer, by, batch.key)
    place = place_facts(cohort, student)
    batch.facts = {**batch.facts, "place": place, "added": student.id, "person": student.name}
    return student, batch


def undo_invitation(batch: Batch, by: Person) -> Undone:
    """Remove who was invited; raises TooLate when they were told, also of anything else.

    All or nothing: an invitation into nowhere would puzzle a family. Raises CannotUndo when they
    have another place, or attendance.
    """
    cohort = db.session.get_one(Cohort, batch.facts["cohort_id"], with_for_update=True)
    places = lock_places([batch.facts["place"]])
    batches.cancel_all_effects(batch, by)
    theirs = Effect.person_id == batch.facts["added"]  # they may have been invited again meanwhile
    cancel_planned("Undone before it went.", theirs)
    told = select(func.count()).where(theirs, Effect.state.not_in(REVIVABLE))
    if gone := db.session.scalar(told):
        raise TooLate(gone)
    for place in places:
        revoke_place(cohort, place, by)
    if not remove_person(batch.facts["added"]):
        name = batch.facts["person"]
        raise CannotUndo(
            f"{name} has other records by now, such as another enrolment, so nothing was undone"
        )
    return Undone(1, 0)


def withdraw_student(enrolment: Enrolment, by: Person) -> Batch | None:
    """Withdraw the student so that it can be undone for a minute; None when there was none."""
    cohort = enrolment.cohort
    subjects = [cohort.subject, f"person={enrolment.person_id}"]
    facts = {"enrolment_id": enrolment.id, "cohort_id": cohort.id, "person": enrolment.person.name}
    batch = batches.begin(WITHDRAW, by, subjects=subjects, **facts)
    if withdraw(enrolment, by, batch.key):
        return batch
    db.session.delete(batch)
    return None


def undo_withdrawal(batch: Batch, by: Person) -> Undone:
    """Restore the place as it was; raises CannotUndo when somebody else has it by now."""
    enrolment = db.session.get_one(Enrolment, batch.facts["enrolment_id"])
    gone = batches.cancel_effects(batch, by).gone
    try:
        restore(enrolment, by)
    except CohortFull as full:
        name = enrolment.person.name
        raise CannotUndo(
            f"{enrolment.cohort.name} is full by now: {name} stays withdrawn"
        ) from full
    return Undone(1, gone)


def give_place(cohort: Cohort, person: Person, by: Person, batch: Batch) -> dict[str, object]:
    """Enrol the person; answers how the place was before, so that it can be so again.

    Raises CohortFull.
    """
    old = enrolment_of(cohort, person)
    before = None
    if old is not None and old.withdrawn_at is not None:
        before = [old.enrolled_at.isoformat(), old.withdrawn_at.isoformat()]
    enrol(cohort, person, by, batch.key)
    return place_facts(cohort, person, before)


def place_facts(
    cohort: Cohort, person: Person, before: Sequence[str] | None = None
) -> dict[str, object]:
    """What undoing has to know of a place that was just given."""
    place = enrolment_of(cohort, person)
    assert place is not None
    return {"id": place.id, "at": place.enrolled_at.isoformat(), "before": before}


def lock_places(given: Sequence[Mapping[str, Any]]) -> list[Place]:
    """Those of the places that are still as they were given, held until the commit."""
    facts = {each["id"]: each for each in given}
    enrolments = db.session.scalars(
        select(Enrolment)
        .where(Enrolment.id.in_(facts), Enrolment.withdrawn_at.is_(None))
        .order_by(Enrolment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    return [
        Place(each, facts[each.id]["before"])
        for each in enrolments
        if each.enrolled_at.isoformat() == facts[each.id]["at"]
    ]


def revoke_place(cohort: Cohort, place: Place, by: Person) -> None:
    """Make the enrolment what it was before, in silence; the cohort's history has it."""
    person = place.enrolment.person
    if place.before is None:
        db.session.delete(place.enrolment)
    else:
        place.enrolment.enrolled_at, place.enrolment.withdrawn_at = map(
            datetime.fromisoformat, place.before
        )
    record(
        "enrolment_undone",
        by=by,
        on=cohort,
        cohort_id=cohort.id,
        person_id=person.id,
        person=person.name,
        cohort=cohort.name,
    )
