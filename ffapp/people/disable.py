"""Disabling a person: sessions end, signing in is refused, nothing is sent; until enabled again."""

from collections.abc import Sequence

from sqlalchemy import select

from ffapp.core import clock
from ffapp.core.db import db, is_among
from ffapp.core.events import record
from ffapp.ledger.models import Effect
from ffapp.people.models import Person, Role, User
from ffapp.people.sessions import sign_out_everywhere


class CannotDisable(ValueError):
    """This person stays enabled; the message says why."""


def disable(person: Person, by: Person) -> None:
    """Disable the person; doing it twice changes nothing. Raises CannotDisable."""
    if person.id == by.id:
        raise CannotDisable("You cannot disable yourself; another admin can.")
    admins = db.session.scalars(
        select(User)
        .where(User.role == Role.ADMIN, User.disabled_at.is_(None))
        .order_by(User.id)
        .with_for_update(of=User)
    ).all()
    if [each.person_id for each in admins] == [person.id]:
        raise CannotDisable(f"{person.name} is the only admin who can sign in.")
    if person.user.disabled_at is not None:
        return
    person.user.disabled_at = clock.now()
    record("person_disabled", by=by, on=person)
    sign_out_everywhere(person.user, by)


def enable(person: Person, by: Person) -> None:
    """Let the person sign in again, with the password that they had."""
    if person.user.disabled_at is None:
        return
    person.user.disabled_at = None
    record("person_enabled", by=by, on=person)


def is_disabled(effects: Sequence[Effect]) -> dict[int, str]:
    """The gate's question: which of these are for somebody who is disabled."""
    people = {each.person_id for each in effects if each.person_id is not None}
    rows = select(User.person_id).where(
        is_among(User.person_id, people), User.disabled_at.is_not(None)
    )
    found = set(db.session.scalars(rows))
    return {each.id: "This person is disabled." for each in effects if each.person_id in found}
