"""Importing students into a cohort: new ones are admitted, known ones are enrolled."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from ffapp.core.db import db
from ffapp.imports.columns import (
    birth_column,
    email_column,
    name_column,
    phone_column,
    user_name_column,
    yes_or_no_column,
)
from ffapp.imports.importer import Importer, Rejected
from ffapp.imports.models import ImportRow
from ffapp.ledger.batches import Batch
from ffapp.people.address import find_by_user_name
from ffapp.people.age import adult_cutoff
from ffapp.people.change import remove_person
from ffapp.people.models import Person, User
from ffapp.programme.cohorts import enrolled_count
from ffapp.programme.enrol import CohortFull, Newcomer, admit, enrolled_people
from ffapp.programme.enrol_many import give_place, lock_places, place_facts, revoke_place
from ffapp.programme.models import Cohort

PROOF = "Said so in an imported list."
SHARED_ADDRESS = "To sign in with, where a sister or brother has the same e-mail address"


def check(cohort: Cohort, rows: Sequence[ImportRow]) -> None:
    """A student who is known needs no guardian; an admin cannot be a student."""
    names = [_sign_in_name(row.values) for row in rows]
    people = select(Person).join(Person.user).where(User.sign_in_name.in_(names))
    known = {person.user.sign_in_name: person for person in db.session.scalars(people)}
    seated = set(enrolled_people(cohort.id))
    for row in rows:
        person = known.get(_sign_in_name(row.values) or "")
        if person is None:
            _check_newcomer(row)
        elif person.user.is_admin:
            row.refuse("email", f"This address belongs to {person.name}, an admin.")
        elif person.id in seated:
            row.note("email", f"{person.name} is enrolled already; nothing changes.")
        else:
            row.note("email", f"{person.name} is known, and is enrolled without an invitation.")


def _check_newcomer(row: ImportRow) -> None:
    """A child needs a guardian, who is asked unless they have answered in writing."""
    values = row.values
    if "born_on" in values and date.fromisoformat(values["born_on"]) <= adult_cutoff():
        return
    if "guardian_name" not in values:
        row.refuse("guardian_name", "Give a guardian's name.")
    elif "agreed" not in values and not values.keys() & {"guardian_email", "guardian_phone"}:
        row.note("guardian_name", "Without an address of the guardian nobody can be asked.")


def _sign_in_name(values: Mapping[str, Any]) -> str | None:
    return values.get("user_name") or values.get("email")


def forecast(cohort: Cohort, ready: int) -> str | None:
    free = cohort.seats - enrolled_count(cohort)
    return (
        f"{cohort.name} has {free} free seats; rows beyond are rejected." if ready > free else None
    )


def apply(cohort: Cohort, values: Mapping[str, Any], batch: Batch, by: Person) -> dict[str, Any]:
    """A place for the student, who is admitted first when nobody signs in so."""
    student = find_by_user_name(_sign_in_name(values) or "")
    if student is not None and student.id in enrolled_people(cohort.id):
        return {}
    try:
        if student is not None:
            return {"place": give_place(cohort, student, by, batch)}
        optional = ("user_name", "phone", "guardian_name", "guardian_email", "agreed", "born_on")
        details = {**dict.fromkeys(optional), **values, "proof": PROOF}
        if details["born_on"]:
            details["born_on"] = date.fromisoformat(details["born_on"])
        student = admit(cohort, Newcomer(**details), by, batch.key)
        return {"place": place_facts(cohort, student), "added": student.id}
    except CohortFull as full:
        raise Rejected(f"No place was left: {cohort.name} has {cohort.seats}.") from full


def undo(cohort: Cohort, rows: Iterator[ImportRow], told: set[int], by: Person) -> None:
    """Undo the enrolments, and remove those who were added with them."""
    given = {row.result["place"]["id"]: row for row in rows if row.result}
    for place in lock_places([row.result["place"] for row in given.values()]):
        if place.enrolment.person_id in told:
            continue
        row = given[place.enrolment.id]
        revoke_place(cohort, place, by)
        if "added" in row.result:
            remove_person(row.result["added"])
        row.mark_undone()


STUDENTS = Importer(
    kind="students",
    event="students_imported",
    into=Cohort,
    key=("user_name", "email"),
    columns=(
        name_column("name", "Name", "student", "full name", required="Give the student's name."),
        email_column("email", "E-mail", "mail", required="Give the student's e-mail address."),
        user_name_column("user_name", "User name", "username", "login", hint=SHARED_ADDRESS),
        phone_column("phone", "Phone", "mobile", "whatsapp"),
        birth_column("born_on", "Date of birth", "dob", "birthday", "birth date", "born"),
        name_column("guardian_name", "Guardian's name", "guardian", "parent", example="Meena Rao"),
        email_column("guardian_email", "Guardian's e-mail", "parent email", example=""),
        phone_column("guardian_phone", "Guardian's phone", "parent phone", "parent mobile"),
        yes_or_no_column(
            "agreed",
            "Guardian agreed",
            "consent",
            hint="In writing, to account mail and Zoom; left empty, they are asked",
        ),
    ),
    shared={"phone": "Another row has this phone number too."},
    check=check,
    forecast=forecast,
    apply=apply,
    undo=undo,
)
