"""What people have chosen to be told. Changes of a class cannot be switched off; reminders can."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from ffapp import clock
from ffapp.db import db
from ffapp.events import record
from ffapp.notifications.models import NotificationChoice
from ffapp.people.models import Person

KINDS = {"class_reminders": "Reminders before a class"}


def choose(person: Person, kind: str, channel: str, wanted: bool) -> None:
    """Write down the choice; choosing the same again changes nothing."""
    if (person.id not in declined(kind, channel, [person.id])) is wanted:
        return
    row = insert(NotificationChoice).values(
        person_id=person.id, kind=kind, channel=channel, wanted=wanted, changed_at=clock.now()
    )
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=["person_id", "kind", "channel"],
            set_={"wanted": wanted, "changed_at": clock.now()},
        )
    )
    record(
        "notification_choice_changed",
        by=person,
        on=person,
        kind=kind,
        channel=channel,
        wanted=wanted,
    )


def declined(kind: str, channel: str, people: Sequence[int]) -> set[int]:
    """Those of `people` who do not want this kind on this channel."""
    return set(
        db.session.scalars(
            select(NotificationChoice.person_id).where(
                NotificationChoice.person_id.in_(people),
                NotificationChoice.kind == kind,
                NotificationChoice.channel == channel,
                NotificationChoice.wanted.is_(False),
            )
        )
    )
