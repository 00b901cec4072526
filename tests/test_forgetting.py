"""What is of no use any more goes, and what somebody may still ask about stays."""

from datetime import timedelta

import pytest

from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.providers.simulating import callbacks, store
from ffapp.web.kit import idempotency
from ffapp.webhooks import inbox
from ffapp.webhooks.models import DeliveryState, WebhookDelivery


@pytest.mark.parametrize(
    ("state", "days", "stays"),
    [
        ("done", 91, False),
        ("done", 89, True),
        ("ignored", 91, False),
        ("unmatched", 91, False),
        ("failed", 91, True),
        ("received", 91, True),
    ],
)
def test_posts_are_removed_after_ninety_days_unless_they_need_somebody(context, state, days, stays):
    db.session.add(
        WebhookDelivery(
            provider="zoom",
            dedupe_key="1",
            event="meeting.ended",
            headers={},
            body=b"{}",
            received_at=clock.now() - timedelta(days=days),
            state=DeliveryState(state),
        )
    )
    db.session.commit()

    inbox.forget(timestamp=0)

    assert bool(db.session.scalars(db.select(WebhookDelivery)).all()) == stays


@pytest.mark.parametrize(("days", "stays"), [(31, False), (29, True)])
def test_keys_of_forms_are_removed_after_thirty_days(context, days, stays):
    at = clock.now() - timedelta(days=days)
    db.session.add(idempotency.FormSubmission(key=idempotency.new_key(), at=at))
    db.session.commit()

    idempotency.forget(timestamp=0)

    assert bool(db.session.scalars(db.select(idempotency.FormSubmission)).all()) == stays


def test_what_the_simulators_did_long_ago_is_removed(cast, worker, travel):
    cast.schedule("Then", hours=1)
    worker.drain()
    then = _rows()
    assert all(then)

    travel.forward(days=29)
    callbacks.forget(timestamp=0)
    assert _rows() == then

    travel.forward(days=2)
    callbacks.forget(timestamp=0)
    assert _rows() == (0, 0)
    assert db.session.scalars(db.select(ClassSession)).all(), "our own rows stay"


def _rows():
    with store.open_store().connect() as connection:
        return tuple(
            connection.scalar(db.select(db.func.count()).select_from(table))
            for table in (store.journal, store.callbacks)
        )
