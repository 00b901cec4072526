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
from ffapp.web.kit.timeline import Facts, Say, Words, counted, say
from ffapp.web.kit.undo import name_of
from ffapp.web.navigation import Entry
from ffapp.web.rendering import own_zone

PEOPLE = 5  # whose messages are looked for


def _of_mail(what: str, tone: str | None = None) -> Say:
    def words(facts: Facts, zone: str) -> Words:
        notice = compose.notice_named(facts.get("notice", ""))
        form = "WhatsApp message" if facts.get("channel") == "whatsapp" else "e-mail"
        mail = f"{form} “{notice.title}”" if notice else f"{form} of a notice that is no more"
        return Words(what.format(mail=f"the {mail}"), tone=tone)

    return words


def _undone(facts: Facts, zone: str) -> Words:
    gone = facts.get("gone")
    why = f"{gone} had gone before" if gone else None
    return Words(f"undid {name_of(facts.get('kind', ''))}", why, "warn")


def _announced(facts: Facts, zone: str) -> Words:
    return Words(f"wrote to {counted(facts, 'person', 'people')}", tone="info")


def _expedited(facts: Facts, zone: str) -> Words:
    acts = counted(facts, "waiting act", "waiting acts")
    return Words(f"had {acts} tried at once ({facts.get('channel')})")


SENTENCES: dict[str, Say] = {
    "batch_undone": _undone,
    "announcement_written": _announced,
    "retries_expedited": _expedited,
    "effect_retried": say("asked for another try; it was {was}", why="{reason}"),
    "effect_asked_about": say("had the provider asked"),
    "effect_cancelled": say("cancelled it before it went", "warn"),
    "effect_confirmed": say("found out that it arrived", "good"),
    "template_changed": _of_mail("rewrote {mail}", "info"),
    "template_reset": _of_mail("went back to the standard text of {mail}"),
    "test_message_requested": _of_mail("had a test of {mail} sent to themselves"),
}


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
