"""Whatever happens in whatever order: each student has exactly what the final state calls for."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from ffapp.core.db import db
from ffapp.ledger.models import Effect
from ffapp.providers.simulating import store
from tests.cast import make_cast
from tests.notices.promises import Player, reminders, standing_clock
from tests.tables import empty

OPERATIONS = (
    "schedule",
    "schedule",
    "move",
    "move_back",
    "rename",
    "cancel",
    "withdraw",
    "enrol",
    "consent",
    "choice",
    "time_passes",
)
STEPS = st.lists(st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 9)), min_size=4, max_size=22)


@pytest.fixture
def afresh():
    """Make an empty programme with its cast, again for each example."""

    def start():
        db.session.rollback()
        with db.engine.begin() as connection:
            empty(connection)
        return make_cast()

    return start


@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS, seed=st.integers(0, 999))
def test_every_student_has_exactly_the_promises_of_the_final_state(
    context, travel, afresh, steps, seed
):
    standing_clock(travel)
    cast = afresh()
    player = Player(cast, travel, seed)
    for name, number in steps:
        getattr(player, name)(number)
    player.run_all()

    assert reminders("planned", cast) == player.model.planned()
    assert reminders("sent", cast) == player.model.sent
    _nothing_went_twice()
    _every_stop_has_a_reason()


def _nothing_went_twice():
    with store.open_store().connect() as connection:
        acts = connection.execute(
            text("SELECT effect_id FROM simulator.journal WHERE act IN ('mail', 'whatsapp')")
        ).scalars()
        times = Counter(acts)
    assert {effect: count for effect, count in times.items() if count > 1} == {}
    messages = Effect.kind.in_(["email", "whatsapp"])
    sent = db.session.scalars(db.select(Effect.id).where(messages, Effect.state == "sent"))
    assert {str(effect) for effect in sent} == set(times)


def _every_stop_has_a_reason():
    stopped = db.select(Effect).where(
        Effect.state.in_(["cancelled", "withheld", "missed", "failed", "uncertain"])
    )
    assert [row.key for row in db.session.scalars(stopped) if not row.reason] == []
