"""Changing a person's name, address and phone; two admins notice each other."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import array

from ffapp.core import clock
from ffapp.core.db import EditConflict, db
from ffapp.core.events import Event, record
from ffapp.people.address import take_address
from ffapp.people.invite import invite
from ffapp.people.models import AccessLink, Person

FIELDS = ("name", "email", "phone")


def revision_of(person: Person) -> int:
    """Grows with every change of these fields: the id of the event that told of the last one."""
    return max((event.id for event in changes_since(person, 0)), default=0)


def changes_since(person: Person, revision: int) -> Sequence[Event]:
    """What was changed after the person was shown at `revision`, newest first."""
    return db.session.scalars(
        select(Event)
        .where(
            Event.subject_type == Person.__tablename__,
            Event.subject_id == person.id,
            Event.name == "person_changed",
            Event.facts["changed"].has_any(array(FIELDS)),
            Event.id > revision,
        )
        .order_by(Event.id.desc())
    ).all()


def change_person(
    person: Person, *, revision: int, name: str, email: str, phone: str | None, by: Person
) -> None:
    """Change who was shown at `revision`; raises EditConflict or AddressTaken.

    Links that were sent to an old address stop working. Somebody who was invited there and has not
    come yet is invited at the new one.
    """
    db.session.refresh(person, with_for_update={"of": Person})
    if revision_of(person) != revision:
        raise EditConflict
    before = {field: getattr(person, field) for field in FIELDS}
    if email != person.email:
        take_address(email, but=person)
    person.name, person.email, person.phone = " ".join(name.split()), email, phone
    changed = {
        field: [before[field], getattr(person, field)]
        for field in FIELDS
        if before[field] != getattr(person, field)
    }
    if not changed:
        return
    record("person_changed", by=by, on=person, changed=changed)
    if "email" in changed and "invitation" in _withdraw_links(person):
        invite(person, by)


def _withdraw_links(person: Person) -> set[str]:
    """Make the links that lie in the old mailbox useless; answers what they were for."""
    return set(
        db.session.scalars(
            update(AccessLink)
            .where(
                AccessLink.person_id == person.id,
                AccessLink.used_at.is_(None),
                AccessLink.withdrawn_at.is_(None),
            )
            .values(withdrawn_at=clock.now())
            .returning(AccessLink.purpose)
        )
    )
