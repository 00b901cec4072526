"""Messages that failed or did not arrive, addresses that take none, and providers that are down."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import flask
from sqlalchemy import Select, exists, func, or_, select

from ffapp.core import phone
from ffapp.ledger.models import MESSAGE_KINDS, Effect, State
from ffapp.messaging.models import EmailLog, MailStatus, Suppression
from ffapp.messaging.suppression import LIFTABLE
from ffapp.messaging.undelivered import LOGS, unseen
from ffapp.people.models import Person
from ffapp.web.admin.messages.ledger_rows import channel_of, how_many, named
from ffapp.web.kit.alerts import Alert, Button
from ffapp.web.kit.subjects import subjects

LOOKS_BACK = timedelta(days=14)
TRIES = 3  # then waiting for a provider is worth a person's look
NOT_DELIVERED = {MailStatus.DROPPED: "dropped by SendGrid and not sent"}


def _newest_of(groups: Any, *columns: Any) -> Select[Any]:
    """The newest effect of each group, with its person's name."""
    return (
        select(
            Effect.id,
            Effect.kind,
            Effect.rule,
            Effect.subject,
            Effect.reason,
            Effect.provider,
            Person.id.label("person_id"),
            Person.name,
            *columns,
            groups,
        )
        .join(groups, groups.c.newest == Effect.id)
        .outerjoin(Person, Person.id == Effect.person_id)
        .order_by(groups.c.since.desc())
    )


# ── failed, or uncertain ──


def _alike(now: Any, state: State) -> Select[Any]:
    """One row for each notice, channel and reason, however many people it is about."""
    groups = (
        select(
            func.max(Effect.id).label("newest"),
            func.min(Effect.settled_at).label("since"),
            func.count().label("people"),
        )
        .where(
            Effect.state == state,
            Effect.closed_at.is_(None),
            Effect.kind.in_(MESSAGE_KINDS),
            Effect.settled_at > now - LOOKS_BACK,
            # Where the address takes nothing, that is told instead, once for all its messages.
            ~exists().where(
                EmailLog.effect_id == Effect.id,
                Suppression.address == EmailLog.address,
                Suppression.holds,
            ),
        )
        .group_by(Effect.rule, Effect.kind, Effect.subject, Effect.reason)
        .subquery()
    )
    return _newest_of(groups)


def _with_subjects(rows: Sequence[Any]) -> Sequence[Any]:
    about = subjects(row.subject for row in rows)
    for row in rows:
        row.what = named(row, about[row.subject])
        row.whom = f"to {row.name}" if row.people == 1 else f"to {row.people} people"
    return rows


def _decide(row: Any, label: str, state: State) -> Button:
    fields = {"effect_id": row.id, "state": state}
    return Button(label, flask.url_for("admin.message_group"), fields)


def _page(row: Any, state: State) -> str:
    if row.people == 1:
        return flask.url_for("admin.message_show", message_id=row.id)
    of = {"rule": row.rule, "kind": row.kind, "subject": row.subject}
    return flask.url_for("admin.message_index", state=state, **of)


# ── taken by a provider, and not delivered ──


def _undelivered(log: Any, address: Any, words: Sequence[str]) -> Alert:
    """One line for each reason. Nothing of ours mends that; the address, or who reads it, does."""

    def query(now: Any) -> Select[Any]:
        groups = (
            select(
                func.max(Effect.id).label("newest"),
                func.min(log.status_at).label("since"),
                func.max(log.status_at).label("until"),
                func.count().label("messages"),
                func.count(Effect.person_id.distinct()).label("people"),
            )
            .join(log, log.effect_id == Effect.id)
            .where(*unseen(log, address, words, now))
            .group_by(log.reason, log.status)
            .subquery()
        )
        columns = (log.reason.label("why"), log.status.label("status"))
        return _newest_of(groups, *columns).join(log, log.effect_id == Effect.id)

    return Alert(
        name="message_undelivered",
        query=query,
        sentence=_undelivered_words,
        button=lambda row: Button(
            "Dismiss",
            flask.url_for("admin.today_undelivered"),
            {"effect_id": row.id, "until": row.until},
        ),
        page=_undelivered_page,
        tone="warn",
    )


def _undelivered_words(row: Any) -> str:
    what = f"{how_many(row, row.messages)} {'was' if row.messages == 1 else 'were'}"
    whom = row.name if row.people == 1 and row.name else f"{row.people} people"
    where = NOT_DELIVERED.get(row.status, "not delivered")
    return f"{what} {where} to {whom}{f': {row.why}' if row.why else '.'}"


def _undelivered_page(row: Any) -> str:
    if row.people == 1 and row.person_id:
        return flask.url_for("admin.person_show", person_id=row.person_id)
    return flask.url_for("admin.message_index", kind=row.kind)


# ── addresses that take nothing ──


def _suppressed(now: Any) -> Select[Any]:
    address = Suppression.address
    return (
        select(
            Suppression.id,
            Suppression.address,
            Suppression.reason,
            Suppression.since,
            Person.id.label("person_id"),
            Person.name,
        )
        .join(Person, or_(Person.email == address, Person.phone == address))
        .where(
            Suppression.holds,
            Suppression.cause.in_(LIFTABLE),
            Suppression.since > now - LOOKS_BACK,
        )
        .order_by(Suppression.since, Person.id)
    )


def _suppressed_words(row: Any) -> str:
    is_mail = "@" in row.address
    at = row.address if is_mail else phone.display(row.address)
    where = f"by {'e-mail' if is_mail else 'WhatsApp'} at {at}"
    return (
        f"{row.name} gets nothing {where}: {row.reason} Correct the address, or write there again."
    )


# ── a provider that does not answer ──


def _waiting(now: Any) -> Select[Any]:
    """One row for each channel."""
    groups = (
        select(
            func.max(Effect.id).label("newest"),
            func.min(Effect.planned_at).label("since"),
            func.count().label("acts"),
        )
        .where(Effect.state == State.PLANNED, Effect.attempts >= TRIES)
        .group_by(func.split_part(Effect.kind, ".", 1))
        .subquery()
    )
    return _newest_of(groups)


def _waiting_words(row: Any) -> str:
    many = f"{how_many(row, row.acts)} {'waits' if row.acts == 1 else 'wait'}"
    return f"{many} for {row.provider or channel_of(row)}: {row.reason}"


def _channel(row: Any) -> str:
    return str(row.kind.partition(".")[0])


ALERTS = (
    Alert(
        name="message_failed",
        query=lambda now: _alike(now, State.FAILED),
        load=_with_subjects,
        sentence=lambda row: f"{row.what} {row.whom} did not go: {row.reason}",
        button=lambda row: _decide(
            row, "Retry" if row.people == 1 else f"Retry all {row.people}", State.FAILED
        ),
        page=lambda row: _page(row, State.FAILED),
    ),
    Alert(
        name="message_uncertain",
        query=lambda now: _alike(now, State.UNCERTAIN),
        load=_with_subjects,
        sentence=lambda row: f"Nobody knows whether {row.what} {row.whom} arrived: {row.reason}",
        button=lambda row: _decide(row, "Mark as delivered", State.UNCERTAIN),
        page=lambda row: _page(row, State.UNCERTAIN),
        tone="warn",
    ),
    *(_undelivered(*each) for each in LOGS),
    Alert(
        name="address_suppressed",
        query=_suppressed,
        sentence=_suppressed_words,
        button=lambda row: Button(
            "Write there again",
            flask.url_for("admin.person_reach", person_id=row.person_id),
            {"suppression_id": row.id},
        ),
        page=lambda row: flask.url_for("admin.person_show", person_id=row.person_id),
        tone="warn",
    ),
    Alert(
        name="provider_error",
        query=_waiting,
        sentence=_waiting_words,
        button=lambda row: Button(
            "Try now", flask.url_for("admin.today_try"), {"channel": _channel(row)}
        ),
        page=lambda row: flask.url_for(
            "admin.message_index", state=State.PLANNED, kind=_channel(row)
        ),
        tone="warn",
    ),
)
