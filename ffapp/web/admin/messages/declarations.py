"""What messages add to what all domains share."""

from typing import Any

from sqlalchemy import Select, func, select, true

from ffapp.ledger.models import MESSAGE_KINDS, Effect
from ffapp.messaging import compose
from ffapp.messaging.models import Announcement
from ffapp.people.models import Person
from ffapp.web.admin.messages.alerts import ALERTS
from ffapp.web.admin.messages.ledger_rows import title_of_rule
from ffapp.web.admin.people.declarations import is_called
from ffapp.web.kit.domains import Domain
from ffapp.web.kit.search import AT_MOST, begins_first, contains, spell_instant
from ffapp.web.kit.subjects import Subject
from ffapp.web.kit.timeline import Facts, Say, Words, counted, just
from ffapp.web.kit.undo import name_of
from ffapp.web.navigation import Entry
from ffapp.web.rendering import own_zone

# ── the words of events ──


def _mail(facts: Facts) -> str:
    notice = compose.notice_named(facts.get("notice", ""))
    return f"the e-mail “{notice.title}”" if notice else "the e-mail of a notice that is no more"


def _undone(facts: Facts, zone: str) -> Words:
    what = name_of(facts.get("kind", ""))
    gone = facts.get("gone")
    return Words(f"undid {what}", why=f"{gone} had gone before" if gone else None, tone="warn")


def _retried(facts: Facts, zone: str) -> Words:
    return Words(f"asked for another try; it was {facts.get('was')}", why=facts.get("reason"))


SENTENCES: dict[str, Say] = {
    "batch_undone": _undone,
    "announcement_written": lambda facts, zone: Words(
        f"wrote to {counted(facts, 'person', 'people')}", tone="info"
    ),
    "retries_expedited": lambda facts, zone: Words(
        f"had {counted(facts, 'waiting act', 'waiting acts')} tried at once"
        f" ({facts.get('channel')})"
    ),
    "effect_retried": _retried,
    "effect_asked_about": just("had the provider asked"),
    "effect_cancelled": just("cancelled it before it went", "warn"),
    "effect_confirmed": just("found out that it arrived", "good"),
    "template_changed": lambda facts, zone: Words(f"rewrote {_mail(facts)}", tone="info"),
    "template_reset": lambda facts, zone: Words(
        f"went back to the standard text of {_mail(facts)}"
    ),
    "test_message_requested": lambda facts, zone: Words(
        f"had a test of {_mail(facts)} sent to themselves"
    ),
}


# ── kinds of rows, and the domain ──


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
