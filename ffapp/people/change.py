"""Changing a person's name, address and phone, and removing one who was added by mistake."""

from datetime import date

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from ffapp.core.db import FieldError, db, lock_at
from ffapp.core.events import diff, record
from ffapp.people.address import AddressTaken, take_sign_in_name
from ffapp.people.age import is_adult
from ffapp.people.consent_records import invite_when_allowed
from ffapp.people.invite import invite
from ffapp.people.links import withdraw_links
from ffapp.people.models import Person


def change_person(
    person: Person,
    *,
    revision: int,
    name: str,
    email: str,
    phone: str | None,
    born_on: date | None,
    user_name: str | None = None,
    by: Person,
) -> None:
    """Change who was shown at `revision`; raises EditConflict or FieldError.

    Links that were sent to an old address stop working. Somebody who was invited there and has not
    come yet is invited at the new one. A student who is found to be an adult is asked to decide.
    """
    lock_at(person, revision)
    before, was_adult = _facts(person), is_adult(person)
    try:
        person.user.sign_in_name = take_sign_in_name(email, user_name, but=person)
    except AddressTaken as taken:
        raise FieldError(taken.field, taken_sentence(taken)) from taken
    person.name, person.email, person.phone = " ".join(name.split()), email, phone
    person.born_on = born_on
    changed = diff(before, _facts(person))
    if not changed:
        return
    person.revision += 1
    record("person_changed", by=by, on=person, changed=changed)
    if is_adult(person) and not was_adult and not person.user.is_admin:
        record("came_of_age", by=by, on=person)
        invite_when_allowed(person, by)
    if "email" in changed and "invitation" in withdraw_links(person):
        invite(person, by)


def taken_sentence(taken: AddressTaken) -> str:
    """What is wrong, and what to do about it."""
    owner = taken.person
    if taken.field == "user_name":
        return f"{owner.name} has this user name. Choose another."
    if owner.user.is_admin:
        return f"This address belongs to {owner.name}, an admin. Give the student’s own address."
    return (
        f"This address belongs to {owner.name}, a student. A sister or brother may have the same "
        "address; give them a user name to sign in with."
    )


def remove_person(person_id: int) -> bool:
    """Remove a person with what is theirs alone: sign-in, guardians, consents, links, bell.

    False, and nothing is changed, when there is more of them: enrolments, attendance, views.
    """
    try:
        with db.session.begin_nested():
            db.session.execute(delete(Person).where(Person.id == person_id))
    except IntegrityError:
        return False
    db.session.expire_all()
    return True


def _facts(person: Person) -> dict[str, str | None]:
    born_on = person.born_on.isoformat() if person.born_on else None
    return {
        "name": person.name,
        "email": person.email,
        "user_name": person.user_name,
        "phone": person.phone,
        "born_on": born_on,
    }
