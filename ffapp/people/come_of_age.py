"""On their 18th birthday a student decides alone: they are asked, and a guardian counts no more."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import exists, select

from ffapp.core.db import db, transaction
from ffapp.core.events import Event, record
from ffapp.core.jobs import SWEEPS, queue
from ffapp.people.age import adult_cutoff
from ffapp.people.consent_records import invite_when_allowed
from ffapp.people.models import Person, Role, User

LOOKS_BACK = timedelta(days=30)  # who was an adult before that has come as one


@queue.periodic(cron="7 * * * *")
@queue.task(name="people.come_of_age", queue=SWEEPS, queueing_lock="people.come_of_age")
def come_of_age(timestamp: int) -> None:
    """Note whose birthday has come; running twice changes nothing."""
    for person_id in transaction(_grown_up):
        transaction(_note, person_id)


def _grown_up() -> Sequence[int]:
    noted = exists().where(
        Event.name == "came_of_age",
        Event.subject_type == Person.__tablename__,
        Event.subject_id == Person.id,
    )
    cutoff = adult_cutoff()
    return db.session.scalars(
        select(Person.id)
        .join(User, User.person_id == Person.id)
        .where(User.role == Role.STUDENT, ~noted)
        .where(Person.born_on.between(cutoff - LOOKS_BACK, cutoff))
        .order_by(Person.id)
    ).all()


def _note(person_id: int) -> None:
    person = db.session.get_one(Person, person_id)
    record("came_of_age", on=person)
    invite_when_allowed(person, None)
