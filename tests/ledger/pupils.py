"""More students than the cast has, and what the ledger says about them."""

from ffapp.core import events
from ffapp.core.db import db, transaction
from ffapp.people.consent import Purpose
from ffapp.people.consent_records import record_consent
from ffapp.people.invite import add_guardian, add_person
from ffapp.people.models import Person, Role
from ffapp.programme.enrol import enrol
from tests.cast import Cast
from tests.processes import witness


def enrolled(cast: Cast, name: str, *, agreed: bool | None = True) -> Person:
    """A student of the cohort; `agreed` is what the guardian said, None when nobody asked."""
    return transaction(_enrolled, cast, name, agreed)


def _enrolled(cast: Cast, name: str, agreed: bool | None) -> Person:
    student = add_person(
        f"{name.title()} Student", f"{name}@students.example", Role.STUDENT, by=cast.admin
    )
    guardian = add_guardian(student, f"Guardian of {student.first_name}")
    if agreed is not None:
        for purpose in Purpose:
            record_consent(guardian, purpose, agreed, cast.admin)
    enrol(cast.cohort, student, cast.admin)
    return student


def follow_events() -> int:
    """Run the listeners that wait, and nothing that they ask for; answers how many there were."""
    jobs = transaction(
        lambda: db.session.execute(
            db.text(
                "DELETE FROM procrastinate_jobs WHERE task_name = 'events.follow'"
                " RETURNING id, args"
            )
        ).all()
    )
    for job in sorted(jobs, key=lambda job: job.id):
        events.run_listener(**job.args)
    return len(jobs)


def mail_to(person: Person, rule: str) -> witness.Row:
    """The only mail of this rule to this person, as the ledger has it."""
    mail = "person_id = :person AND rule = :rule AND kind = 'email'"
    rows = witness.ledger(mail, person=person.id, rule=rule)
    assert len(rows) == 1, rows
    return rows[0]


def state_of(effect_id: int) -> tuple[str, str | None]:
    """State and reason of one effect, as committed."""
    db.session.rollback()
    (row,) = witness.ledger("id = :id", id=effect_id)
    return row.state, row.reason
