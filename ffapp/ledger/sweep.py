"""What a worker does each second for the ledger: find the abandoned, the due and the uncertain."""

from sqlalchemy import select

from ffapp.db import db
from ffapp.ledger.claim import due
from ffapp.ledger.models import Effect, Lane
from ffapp.ledger.reconcile import abandon, ring_for_uncertain
from ffapp.ledger.ring import ring


def sweep() -> list[Lane]:
    """Ring for each lane that has something due; answers those lanes. The caller commits."""
    abandon()
    lanes = [lane for lane in Lane if _has_due(lane)]
    for lane in lanes:
        ring(lane)
    ring_for_uncertain()
    return lanes


def _has_due(lane: Lane) -> bool:
    return bool(db.session.scalar(select(select(Effect.id).where(*due(lane)).exists())))
