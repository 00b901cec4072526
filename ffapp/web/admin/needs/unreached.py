"""Messages that a provider took and did not deliver, and people whose address takes none."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import flask
from sqlalchemy import ColumnElement, Row, exists, func, select

from ffapp import clock
from ffapp.db import db
from ffapp.ledger.models import Effect
from ffapp.messaging.models import ChatStatus, EmailLog, MailStatus, Suppression, WhatsAppLog
from ffapp.messaging.suppression import LIFTABLE
from ffapp.people.models import Person
from ffapp.web.admin.ledger_rows import channel_of, title_of
from ffapp.web.admin.needs.need import SHOWN, Need

LOOKS_BACK = timedelta(days=14)
UNDELIVERED = {
    EmailLog: (EmailLog.address, (MailStatus.DROPPED, MailStatus.BLOCKED, MailStatus.BOUNCED)),
    WhatsAppLog: (WhatsAppLog.phone, (ChatStatus.FAILED,)),
}


def needs() -> Iterable[Need]:
    yield from _silent_addresses()
    for log in UNDELIVERED:
        for row in _groups(log):
            yield _undelivered(row)


def undelivered(log: Any) -> list[ColumnElement[bool]]:
    """Which rows of a log did not arrive, and nobody has seen that yet.

    Where the address itself takes nothing, that is told instead, once for all its messages.
    """
    address, words = UNDELIVERED[log]
    silent = exists().where(Suppression.address == func.lower(address), Suppression.holds)
    return [
        log.status.in_(words),
        log.seen_at.is_(None),
        log.status_at > clock.now() - LOOKS_BACK,
        ~silent,
    ]


def _silent_addresses() -> Iterable[Need]:
    rows = db.session.execute(
        select(Suppression, Person)
        .join(
            Person,
            (Person.email == Suppression.address) | (Person.phone == Suppression.address),
        )
        .where(
            Suppression.holds,
            Suppression.cause.in_(LIFTABLE),
            Suppression.since > clock.now() - LOOKS_BACK,
        )
        .order_by(Suppression.since, Person.id)
        .limit(SHOWN)
    )
    for suppression, person in rows:
        channel = "e-mail" if suppression.address == person.email else "WhatsApp"
        yield Need(
            kind="address_silent",
            sentence=(
                f"{person.name} gets nothing by {channel}: {suppression.reason} Correct it, or let"
                " it be written to again."
            ),
            since=suppression.since,
            verb="Write there again",
            action=flask.url_for("admin.person_reach", person_id=person.id),
            fields={"suppression_id": suppression.id},
            page=flask.url_for("admin.person_show", person_id=person.id),
            tone="warn",
        )


def _groups(log: Any) -> list[Row[Any]]:
    """The newest of each notice and reason, its person, how many are like it, and since when."""
    groups = (
        select(
            func.max(Effect.id).label("newest"),
            func.max(log.reason).label("why"),
            func.min(log.status_at).label("since"),
            func.count().label("people"),
        )
        .join(log, log.effect_id == Effect.id)
        .where(*undelivered(log))
        .group_by(Effect.rule, Effect.kind, Effect.subject, log.reason)
        .order_by(func.min(log.status_at).desc())
        .limit(SHOWN)
        .subquery()
    )
    return list(
        db.session.execute(
            select(Effect, Person.name, groups.c.why, groups.c.people, groups.c.since)
            .join(groups, groups.c.newest == Effect.id)
            .outerjoin(Person, Person.id == Effect.person_id)
            .order_by(groups.c.since)
        ).all()
    )


def _undelivered(row: Row[Any]) -> Need:
    effect, name, why, people, since = row
    whom = f"to {name}" if people == 1 else f"to {people} people"
    reason = f": {why}" if why else "."
    return Need(
        kind="message_undelivered",
        sentence=(
            f"“{title_of(effect)}” by {channel_of(effect)} {whom} went out and did not arrive"
            f"{reason}"
        ),
        since=since,
        verb="Seen",
        action=flask.url_for("admin.today_undelivered"),
        fields={"effect_id": effect.id},
        page=flask.url_for("admin.message_show", message_id=effect.id),
        tone="warn",
    )
