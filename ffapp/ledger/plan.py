"""Plan effects: write one row for each act, in the caller's transaction.

The same key twice is the same row. A row that stands as cancelled, withheld or missed, and that
certainly never acted, is revived with the new cause; any other row is left as it is.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text, update

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.ledger import handlers
from ffapp.ledger.dispatch import analyze_soon, dispatch
from ffapp.ledger.models import ACCOUNT, REVIVABLE, Effect, State, lane_of

HOLD = timedelta(seconds=60)  # how long a batch waits before it goes, so that it can be undone
MANY = 1000  # after so many new rows Postgres's statistics of the table may be wrong

INSERT = r"""
INSERT INTO effects (key, serial, kind, purpose, lane, subject, person_id, payload,
                     cause_event_id, rule, due_at, useful_until, state, batch_id, attempts,
                     planned_at)
SELECT CAST(:key AS text) || coalesce('\:person=' || person_id, ''), :serial, :kind, :purpose,
       :lane, :subject, CASE WHEN :named THEN person_id END,
       CAST(:payload AS jsonb)
         || CASE WHEN :named THEN '{}' ELSE jsonb_build_object('person_id', person_id) END,
       :cause, :rule, :due_at, :useful_until, 'planned', :batch, 0, :now
  FROM unnest(CAST(:people AS bigint[])) AS person_id
    ON CONFLICT (key) DO UPDATE
   SET state = 'planned', reason = NULL, settled_at = NULL, closed_at = NULL,
       payload = excluded.payload, cause_event_id = excluded.cause_event_id, rule = excluded.rule,
       due_at = excluded.due_at, useful_until = excluded.useful_until, batch_id = excluded.batch_id,
       planned_at = excluded.planned_at
 WHERE effects.state IN ('cancelled', 'withheld', 'missed') AND NOT effects.doubtful
RETURNING id
"""


def plan(
    key: str,
    *,
    kind: str,
    purpose: str,
    subject: str,
    rule: str,
    cause: Event | None,
    people: Sequence[int | None] = (None,),
    payload: dict[str, Any] | None = None,
    due_at: datetime | None = None,
    useful_until: datetime | None = None,
    serial: str | None = None,
    supersedes: Sequence[str] = (),
    batch_id: str | None = None,
    named: bool = True,
) -> list[int]:
    """Plan one effect for each of `people` (None: for nobody in particular).

    The key of each is `key` + `:person=<id>`. Answers the ids of the rows that were written or
    revived. `due_at` (aware) is now when not given; a batch is held back for 60 seconds. What a
    batch has caused belongs to it (`batch_id` in the facts of the cause). With a `serial`, earlier
    planned rows of that serial whose kind is in `supersedes` are cancelled.

    With `named` False the act says nothing of the person, so that the gate has nothing to ask: the
    row is for nobody in particular, and the id stands in its payload as `person_id`.
    """
    if not people:
        return []
    batch_id = batch_id or (cause.facts.get("batch_id") if cause else None)
    now = clock.now()
    due_at = _held(due_at or now, now, bool(batch_id) and purpose != ACCOUNT)
    if serial and supersedes:
        _supersede(serial, supersedes)
    db.session.flush()
    ids = db.session.scalars(
        text(INSERT),
        {
            "key": key,
            "serial": serial,
            "kind": kind,
            "purpose": purpose,
            "lane": lane_of(kind, purpose),
            "subject": subject,
            "people": list(people),
            "payload": json.dumps(payload or {}),
            "cause": cause.id if cause else None,
            "rule": rule,
            "due_at": due_at,
            "useful_until": useful_until,
            "batch": batch_id,
            "named": named,
            "now": now,
        },
    ).all()
    if len(ids) >= MANY:
        analyze_soon()
    if ids and due_at <= now:
        dispatch(lane_of(kind, purpose))
    return list(ids)


def _held(due_at: datetime, now: datetime, in_batch: bool) -> datetime:
    return max(due_at, now + HOLD) if in_batch else due_at


def cancel_planned(reason: str, *conditions: Any) -> int:
    """Cancel planned effects that meet the conditions; answers how many."""
    cancelled = db.session.scalars(
        update(Effect)
        .where(Effect.state == State.PLANNED, *conditions)
        .values(state=State.CANCELLED, reason=reason, settled_at=clock.now())
        .returning(Effect.id)
        .execution_options(synchronize_session="fetch")
    ).all()
    handlers.notify_outcomes(cancelled)
    return len(cancelled)


def undo(batch_id: str) -> tuple[int, int]:
    """Cancel what of a batch was not sent yet: how many were cancelled, how many had gone."""
    ours = Effect.batch_id == batch_id
    # By id, the common lock order; rows being claimed are waited for and then left alone.
    db.session.scalars(
        select(Effect.id)
        .where(ours, Effect.state == State.PLANNED)
        .order_by(Effect.id)
        .with_for_update()
    ).all()
    undone = cancel_planned("Undone before it went.", ours)
    gone = db.session.scalar(
        select(func.count()).where(ours, Effect.state.not_in([*REVIVABLE, State.PLANNED]))
    )
    return undone, int(gone or 0)


def replan(*conditions: Any) -> None:
    """Plan cancelled effects that meet the conditions again, as they were."""
    db.session.execute(
        update(Effect)
        .where(Effect.state == State.CANCELLED, Effect.doubtful.is_(False), *conditions)
        .values(state=State.PLANNED, reason=None, settled_at=None)
        .execution_options(synchronize_session="fetch")
    )


def _supersede(serial: str, kinds: Sequence[str]) -> None:
    cancel_planned(
        "A later change took its place.", Effect.serial == serial, Effect.kind.in_(kinds)
    )
