"""What messages add to what all domains share."""

from typing import Any

from sqlalchemy import Select, func, select, true

from ffapp.ledger.models import MESSAGE_KINDS, Effect
from ffapp.messaging.models import Announcement
from ffapp.people.models import Person
from ffapp.web.admin.messages.alerts import ALERTS
from ffapp.web.admin.messages.ledger_rows import title_of_rule
from ffapp.web.admin.messages.sentences import SENTENCES
from ffapp.web.admin.people.declarations import is_called
from ffapp.web.kit.domains import Domain
from ffapp.web.kit.search import AT_MOST, begins_first, contains, spell_instant
from ffapp.web.kit.subjects import Subject
from ffapp.web.navigation import Entry
from ffapp.web.rendering import own_zone

PEOPLE = 5  # whose messages are looked for


def _announcements(words: str) -> Select[Any]:
    title = Announcement.subject_line
    detail = spell_instant(Announcement.written_at, own_zone())
    return (
        select(Announcement.id, title.label("title"), detail.label("detail"))
        .where(contains(words, title))
        .order_by(Announcement.id.desc())
    )


def _messages(words: str) -> Select[Any]:
    """The newest to each of the first few people who are called like this."""
    people = select(Person.id, Person.name).where(is_called(words))
    few = people.order_by(begins_first(words, Person.name), Person.name).limit(PEOPLE).subquery()
    newest = (
        select(Effect.id, Effect.rule, Effect.due_at)
        .where(Effect.person_id == few.c.id, Effect.kind.in_(sorted(MESSAGE_KINDS)))
        .order_by(Effect.id.desc())
        .limit(AT_MOST)
        .lateral()
    )
    detail = func.concat("to ", few.c.name, " · ", spell_instant(newest.c.due_at, own_zone()))
    return (
        select(newest.c.id, newest.c.rule.label("title"), detail.label("detail"))
        .select_from(few.join(newest, true()))
        .order_by(newest.c.id.desc())
    )


DOMAIN = Domain(
    navigation=Entry("Messages", "admin.message_index", "send"),
    sentences=SENTENCES,
    subjects=(
        Subject(
            table="announcements",
            kind="announcement",
            page=("admin.announcement_show", "announcement_id"),
            label=Announcement.subject_line,
            quoted=True,
            noun="Messages to several people",
            search=_announcements,
        ),
        Subject(
            table="effects",
            page=("admin.message_show", "message_id"),
            noun="Messages",
            search=_messages,
            title=title_of_rule,
        ),
    ),
    alerts=ALERTS,
)
