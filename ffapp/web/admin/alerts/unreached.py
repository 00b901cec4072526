"""Messages that a provider took and did not deliver, and people whose address takes none."""

from collections.abc import Iterable
from typing import Any

import flask
from sqlalchemy import ColumnElement, Row, func, select

from ffapp.core import clock, phone
from ffapp.core.db import db
from ffapp.ledger.models import Effect
from ffapp.messaging.models import MailStatus, Suppression
from ffapp.messaging.suppression import LIFTABLE
from ffapp.messaging.undelivered import LOGS, LOOKS_BACK, unseen
from ffapp.people.models import Person
from ffapp.web.admin.alerts.alert import SHOWN, Alert
from ffapp.web.admin.messages.ledger_rows import how_many

NOT_DELIVERED = {MailStatus.DROPPED: "dropped by SendGrid and not sent"}


def alerts() -> Iterable[Alert]:
    yield from _silent_addresses()
    for log, address, words in LOGS:
        for row in _groups(log, *unseen(log, address, words)):
            yield _undelivered(row)


def _silent_addresses() -> Iterable[Alert]:
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
        yield Alert(
            kind="address_silent",
            sentence=(
                f"{person.name} gets nothing by {channel} at {_shown(suppression.address)}:"
                f" {suppression.reason} Correct the address, or write there again."
            ),
            since=suppression.since,
            verb="Write there again",
            action=flask.url_for("admin.person_reach", person_id=person.id),
            fields={"suppression_id": suppression.id},
            page=flask.url_for("admin.person_show", person_id=person.id),
            tone="warn",
        )


def _shown(address: str) -> str:
    return address if "@" in address else phone.display(address)


def _groups(log: Any, *conditions: ColumnElement[bool]) -> list[Row[Any]]:
    """For each reason: the newest message and its person, to how many people, how many, when."""
    groups = (
        select(
            func.max(Effect.id).label("newest"),
            func.min(log.status_at).label("since"),
            func.max(log.status_at).label("until"),
            func.count().label("messages"),
            func.count(Effect.person_id.distinct()).label("people"),
        )
        .join(log, log.effect_id == Effect.id)
        .where(*conditions)
        .group_by(log.reason, log.status)
        .order_by(func.min(log.status_at).desc())
        .limit(SHOWN)
        .subquery()
    )
    return list(
        db.session.execute(
            select(Effect, Person, log.reason.label("why"), log.status.label("status"), groups)
            .join(groups, groups.c.newest == Effect.id)
            .join(log, log.effect_id == Effect.id)
            .outerjoin(Person, Person.id == Effect.person_id)
            .order_by(groups.c.since)
        ).all()
    )


def _undelivered(row: Row[Any]) -> Alert:
    """Nothing of ours mends that; the address, or who reads it, does."""
    effect, person = row.Effect, row.Person
    what = f"{how_many(effect, row.messages)} {'was' if row.messages == 1 else 'were'}"
    whom = person.name if row.people == 1 and person else f"{row.people} people"
    where = NOT_DELIVERED.get(row.status, "not delivered")
    return Alert(
        kind="message_undelivered",
        sentence=f"{what} {where} to {whom}{f': {row.why}' if row.why else '.'}",
        since=row.since,
        verb="Seen",
        action=flask.url_for("admin.today_undelivered"),
        fields={"effect_id": effect.id, "until": row.until.isoformat()},
        page=_page(effect, person if row.people == 1 else None),
        tone="warn",
    )


def _page(effect: Effect, person: Person | None) -> str:
    if person is not None:
        return flask.url_for("admin.person_show", person_id=person.id)
    return flask.url_for("admin.message_index", kind=effect.kind)
