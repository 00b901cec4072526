"""People's messages by notice and subject: one line for “Class moved” of “Week 3”."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import flask
from sqlalchemy import BigInteger, Select, and_, case, column, func, select
from sqlalchemy.orm import Bundle

from ffapp.core import clock
from ffapp.ledger.models import MESSAGE_KINDS, Effect, State
from ffapp.web.admin.messages.ledger_rows import CHANNELS, title_of_rule
from ffapp.web.kit.cells import Figure, Lines, RowLink, Tag, When, lines
from ffapp.web.kit.filters import Choice, Filters
from ffapp.web.kit.list_page import Column, ListPage
from ffapp.web.kit.subjects import Named, subjects

NEWEST = 20_000  # messages that are grouped; older ones are found one by one
KEY, WHEN = column("key", BigInteger), column("at")
PERIODS = (("now", "Until now"), ("ahead", "Ahead"))
PERIOD = case((column("is_ahead"), "ahead"), else_="now")
NONE_AHEAD = ("Nothing is planned", "Reminders of classes that you schedule appear here.")
NONE = ("No messages yet", "Schedule a class, or invite somebody: what is said appears here.")


@dataclass(frozen=True)
class Group:
    row: Any
    subject: Named

    @property
    def title(self) -> str:
        return title_of_rule(self.row.rule)

    @property
    def name(self) -> Lines:
        about = {"rule": self.row.rule, "subject": self.row.subject}
        url = flask.url_for("admin.message_each", **about)
        return lines(RowLink(self.title, url), self.subject.name)

    @property
    def channels(self) -> str:
        return " and ".join(CHANNELS[each] for each in self.row.kinds.split(","))

    @property
    def state(self) -> Tag:
        """The first of these that any of them is in; a person must look at the one before."""
        row = self.row
        for count, word, tone in (
            (row.failed, f"{row.failed} failed", "bad"),
            (row.planned, f"{row.planned} planned", "info"),
            (row.withheld, f"{row.withheld} not sent", "idle"),
        ):
            if count:
                return Tag(word, tone)
        return Tag("Sent", "good")


def _groups() -> Select[Any]:
    """The newest messages, one row for each notice and subject."""
    oldest = select(func.max(Effect.id) - NEWEST).scalar_subquery()

    def count(*states: State) -> Any:
        return func.count().filter(Effect.state.in_(states))

    waits = and_(Effect.state == State.PLANNED, Effect.due_at > clock.now())
    groups = (
        select(
            func.max(Effect.id).label("key"),
            Effect.rule.label("rule"),
            Effect.subject.label("subject"),
            func.string_agg(Effect.kind.distinct(), ",").label("kinds"),
            func.count(Effect.person_id.distinct()).label("people"),
            count(State.PLANNED, State.SENDING).label("planned"),
            count(State.SENT).label("sent"),
            count(State.FAILED, State.UNCERTAIN).label("failed"),
            count(State.WITHHELD, State.MISSED, State.CANCELLED).label("withheld"),
            func.max(func.coalesce(Effect.settled_at, Effect.due_at)).label("at"),
            func.bool_and(waits).label("is_ahead"),
        )
        .where(Effect.kind.in_(MESSAGE_KINDS), Effect.id > oldest)
        .group_by(Effect.rule, Effect.subject)
        .subquery()
    )
    return select(Bundle("group", *groups.c)).select_from(groups)


def _rows(found: Sequence[Any]) -> list[Group]:
    about = subjects(each.subject for each in found)
    return [Group(each, about[each.subject]) for each in found]


GROUPS = ListPage(
    name="message-groups",
    heading="Messages",
    lead="What people are told, by notice and what it is about.",
    noun=("notice", "notices"),
    rows=_groups,
    key=KEY,
    load=_rows,
    order=lambda asked: "when" if asked["when"] == "ahead" else "-when",
    filters=Filters(
        (
            Choice(
                "when",
                "Messages by time",
                PERIODS,
                PERIOD,
                style="tabs",
                default="now",
                links=lambda asked: [(flask.url_for("admin.message_each"), "Each message")],
            ),
        ),
    ),
    columns=(
        Column("Notice", lambda it: it.name),
        Column("Subject", lambda it: it.subject.name, on_page=False),
        Column("By", lambda it: it.channels),
        Column("State", lambda it: it.state, on_phone=True),
        Column("People", lambda it: Figure(it.row.people), column("people"), end=True),
        Column("Sent", lambda it: Figure(it.row.sent), end=True, on_phone=True),
        Column("When", lambda it: When(it.row.at), WHEN),
    ),
    empty=lambda asked: NONE_AHEAD if asked["when"] == "ahead" else NONE,
    template="admin/messages/groups.html",
)
