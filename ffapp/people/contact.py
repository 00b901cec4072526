"""How people can be reached, and in which language."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select

from ffapp.core.db import db, is_among
from ffapp.core.i18n import known
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


def by_language(people: Sequence[int]) -> dict[str, list[int]]:
    """Language → those of `people` who read it, in their order."""
    rows = db.session.execute(select(Person.id, Person.language).where(is_among(Person.id, people)))
    spoken = {row.id: row.language for row in rows}
    found: dict[str, list[int]] = defaultdict(list)
    for person_id in people:
        found[known(spoken.get(person_id))].append(person_id)
    return found
