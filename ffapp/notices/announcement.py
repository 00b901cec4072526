"""What an admin writes to people of their choice (`messaging/announce.py`)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select

from ffapp.core.db import db
from ffapp.core.i18n import lazy_gettext as _
from ffapp.ledger.batches import Batch
from ffapp.ledger.models import Effect
from ffapp.messaging.announce import RULE
from ffapp.messaging.models import Announcement
from ffapp.messaging.notice import Notice, Topic


def _not_undone(effects: Sequence[Effect]) -> Mapping[int, str]:
    """Also one that was tried again by hand does not go once its batch was undone."""
    ids = {effect.payload["announcement_id"] for effect in effects}
    undone = set(
        db.session.scalars(
            select(Announcement.id)
            .join(Batch, Batch.id == Announcement.batch_id)
            .where(Announcement.id.in_(ids), Batch.undone_at.is_not(None))
        )
    )
    return {
        effect.id: "It was undone."
        for effect in effects
        if effect.payload["announcement_id"] in undone
    }


def _as_written(effect: Effect) -> Notice:
    row = db.session.get_one(Announcement, effect.payload["announcement_id"])
    return replace(NOTICE, subject=row.subject_line, text=row.body)


NOTICE = Notice(
    name=RULE,
    title="Announcement",
    topic=Topic(),
    channels=["email"],
    preconditions=_not_undone,
    why=_("You get this because you have a place at Future Founders."),
    is_signed=False,
    stands_in=_as_written,
)
