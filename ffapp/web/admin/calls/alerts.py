"""Calls that need a person: no money at Bolna, failed, unreached, or nothing heard of."""

from datetime import timedelta
from typing import Any

import flask
from sqlalchemy import Select, and_, func, or_, select

from ffapp.calls.models import MOST_TRIES, CallLog
from ffapp.calls.states import has_later_call
from ffapp.calls.track import UNREACHED
from ffapp.people.models import Person
from ffapp.providers.bolna import wire
from ffapp.web.kit.alerts import Alert, Button

LOOKS_BACK = timedelta(days=3)
SILENT = timedelta(hours=1)


def _page(row: Any) -> str:
    return flask.url_for("admin.call_show", call_id=row.id)


def _calls(now: Any, since: Any, *conditions: Any) -> Select[Any]:
    return (
        select(
            CallLog.id,
            CallLog.person_id,
            CallLog.status,
            CallLog.problem,
            Person.name,
            since.label("since"),
        )
        .join(Person, Person.id == CallLog.person_id)
        .where(CallLog.created_at > now - LOOKS_BACK - timedelta(days=4), *conditions)
        .order_by(CallLog.id.desc())
    )


def _no_money(now: Any) -> Select[Any]:
    """One row, as long as no call has gone through since."""
    later = CallLog.__table__.alias("went_through")
    spent = select(later.c.id).where(later.c.ended_at > CallLog.ended_at, later.c.seconds > 0)
    return (
        select(func.count().label("calls"), func.min(CallLog.ended_at).label("since"))
        .where(
            CallLog.status == wire.BALANCE_LOW,
            CallLog.ended_at > now - LOOKS_BACK,
            ~spent.exists(),
        )
        .having(func.count() > 0)
    )


def _failed(now: Any) -> Select[Any]:
    return _calls(
        now,
        CallLog.ended_at,
        CallLog.status.in_((wire.FAILED, wire.ERROR)),
        CallLog.ended_at > now - LOOKS_BACK,
        ~has_later_call(),
    )


def _unreached(now: Any) -> Select[Any]:
    return _calls(
        now,
        CallLog.ended_at,
        CallLog.status.in_(UNREACHED),
        CallLog.attempt >= MOST_TRIES,
        CallLog.ended_at > now - LOOKS_BACK,
        ~has_later_call(),
    )


def _silent(now: Any) -> Select[Any]:
    is_silent = and_(CallLog.ended_at.is_(None), CallLog.status_at < now - SILENT)
    return _calls(
        now,
        CallLog.status_at,
        CallLog.execution_id.is_not(None),
        CallLog.ended_at.is_(None),
        or_(CallLog.lost_at.is_not(None), is_silent),
        ~has_later_call(),
    )


def _call_again(row: Any) -> Button:
    return Button("Call again", link=flask.url_for("admin.call_new", person_id=row.person_id))


NO_MONEY = Alert(
    name="calls_without_money",
    query=_no_money,
    sentence=lambda row: (
        f"Bolna has no money left: {row.calls} {'call was' if row.calls == 1 else 'calls were'} "
        "not made. Fill the wallet there, then call them again."
    ),
    button=lambda row: Button(
        "See them", link=flask.url_for("admin.call_index", state=wire.BALANCE_LOW)
    ),
)
FAILED = Alert(
    name="call_failed",
    query=_failed,
    sentence=lambda row: f"The call to {row.name} failed: {row.problem or 'Bolna says no more'}",
    button=_call_again,
    page=_page,
)
UNREACHED_ALERT = Alert(
    name="call_unreached",
    query=_unreached,
    sentence=lambda row: (
        f"{row.name} was called three times and not reached; nobody is called again by itself."
    ),
    button=lambda row: Button(
        "Write instead", link=flask.url_for("admin.announcement_new", id=row.person_id)
    ),
    page=_page,
    tone="warn",
)
SILENT_ALERT = Alert(
    name="call_silent",
    query=_silent,
    sentence=lambda row: f"Bolna does not say how the call to {row.name} goes on.",
    button=lambda row: Button("Ask Bolna", flask.url_for("admin.call_read", call_id=row.id)),
    page=_page,
    tone="warn",
)
ALERTS = (NO_MONEY, FAILED, UNREACHED_ALERT, SILENT_ALERT)
