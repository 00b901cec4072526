"""How people can be reached."""

from collections.abc import Sequence

from sqlalchemy import select

from ffapp.core.db import db
from ffapp.people.models import Person


def with_phone(people: Sequence[int]) -> list[int]:
    """Those of `people` whose phone number is known, in the order of their ids."""
    return list(
        db.session.scalars(
            select(Person.id)
            .where(Person.id.in_(people), Person.phone.is_not(None))
            .order_by(Person.id)
        )
    )
