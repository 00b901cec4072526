"""Messages that failed, or of which nobody knows whether they arrived."""

from collections.abc import Iterable
from datetime import timedelta

import flask
from sqlalchemy import Row, func, select

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.ledger.models import MESSAGE_KINDS, Effect, State
from ffapp.people.models import Person
from ffapp.web.admin.alerts.alert import SHOWN, Alert
from ffapp.web.admin.messages.ledger_rows import named
from ffapp.web.admin.subjects import Subject, subjects

LOOKS_BACK = timedelta(days=14)


def alerts() -> Iterable[Alert]:
    """One for each notice, channel and reason, however many people it is about."""
    groups = _groups()
    about = subjects(row.Effect.subject for row in groups)
    for row in groups:
        effect = row.Effect
        yield Alert(
            kind=f"message_{effect.state}",
            sentence=_sentence(effect, about[effect.subject], row.name, row.people),
            since=row.since,
            verb=_verb(effect, row.people),
            action=flask.url_for("admin.message_group"),
            fields={"effect_id": effect.id, "state": effect.state},
            page=_page(effect, row.people),
            tone="bad" if effect.state == State.FAILED else "warn",
        )


def _groups() -> list[Row[tuple[Effect, str, int, object]]]:
    """The newest effect of each group, its person, and how many are like it."""
    groups = (
        select(
            func.max(Effect.id).label("newest"),
            func.min(Effect.settled_at).label("since"),
            func.count().label("people"),
        )
        .where(
            Effect.state.in_([State.FAILED, State.UNCERTAIN]),
            Effect.closed_at.is_(None),
            Effect.kind.in_(MESSAGE_KINDS),
            Effect.settled_at > clock.now() - LOOKS_BACK,
        )
        .group_by(Effect.rule, Effect.kind, Effect.subject, Effect.state, Effect.reason)
        .order_by(func.min(Effect.settled_at).desc())
        .limit(SHOWN)
        .subquery()
    )
    return list(
        db.session.execute(
            select(Effect, Person.name, groups.c.people, groups.c.since)
            .join(groups, groups.c.newest == Effect.id)
            .outerjoin(Person, Person.id == Effect.person_id)
            .order_by(groups.c.since)
        ).all()
    )


def _sentence(effect: Effect, about: Subject, name: str | None, people: int) -> str:
    what = named(effect, about)
    whom = f"to {name}" if people == 1 else f"to {people} people"
    if effect.state == State.FAILED:
        return f"{what} {whom} did not go: {effect.reason}"
    return f"Nobody knows whether {what} {whom} arrived: {effect.reason}"


def _verb(effect: Effect, people: int) -> str:
    if effect.state == State.UNCERTAIN:
        return "It arrived"
    return "Retry" if people == 1 else f"Retry all {people}"


def _page(effect: Effect, people: int) -> str:
    if people == 1:
        return flask.url_for("admin.message_show", message_id=effect.id)
    return flask.url_for(
        "admin.message_index",
        state=effect.state,
        rule=effect.rule,
        kind=effect.kind,
        subject=effect.subject,
    )
