"""What a worker does each second for the ledger: find the abandoned, the due and the uncertain."""

from sqlalchemy import select

from ffapp import clock
from ffapp.db import db
from ffapp.ledger.models import Effect, Lane, State
from ffapp.ledger.reconcile import abandon, ring_for_uncertain
from ffapp.ledger.ring import ring


def sweep() -> list[Lane]:
    """Ring for each lane that has something due; answers those lanes. The caller commits."""
    abandon()
    due = [lane for lane in Lane if _has_due(lane)]
    for lane in due:
        ring(lane)
    ring_for_uncertain()
    return due


def _has_due(lane: Lane) -> bool:
    return bool(
        db.session.scalar(
            select(
                select(Effect.id)
                .where(
                    Effect.state == State.PLANNED,
                    Effect.lane == lane,
                    Effect.due_at <= clock.now(),
                )
                .exists()
            )
        )
    )
