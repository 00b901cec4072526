"""What an admin writes to people of their choice (`messaging/announce.py`)."""

from dataclasses import replace

from ffapp.core.db import db
from ffapp.core.i18n import lazy_gettext as _
from ffapp.ledger.models import Effect
from ffapp.messaging.announce import RULE
from ffapp.messaging.models import Announcement
from ffapp.messaging.notice import Notice, Topic


def _as_written(effect: Effect) -> Notice:
    row = db.session.get_one(Announcement, effect.payload["announcement_id"])
    return replace(NOTICE, subject=row.subject_line, text=row.body)


NOTICE = Notice(
    name=RULE,
    title="Announcement",
    topic=Topic(),
    channels=["email"],
    why=_("You get this because you have a place at Future Founders."),
    is_signed=False,
    stands_in=_as_written,
)
