"""What happens each second: found by the index, and cheap however much lies in the future."""

import re

import pytest
from sqlalchemy import event

from ffapp.core.db import db, transaction
from ffapp.ledger import dispatch, reconcile
from ffapp.ledger.models import Lane
from ffapp.ledger.perform import perform_next
from tests.processes import witness

FUTURE = 100_000


def test_the_sweep_rings_for_each_lane_that_has_something_due(parcels, travel):
    assert transaction(dispatch.sweep) == []

    parcels.plan("act")
    parcels.plan("account", purpose="account")
    witness.sql("DELETE FROM procrastinate_jobs")

    assert transaction(dispatch.sweep) == [Lane.ACCOUNT, Lane.ACTS]
    bells = "SELECT string_agg(queue_name, ' ' ORDER BY queue_name) FROM procrastinate_jobs"
    assert witness.sql(bells) == "default urgent"


def test_registrations_of_a_large_class_do_not_stand_before_the_next_meeting(cast, worker):
    cast.schedule("Large", hours=30)
    worker.drain()
    witness.sql(
        "UPDATE effects SET state = 'planned', due_at = now() - interval '1 hour', attempts = 0"
        " WHERE kind = 'zoom.register'"
    )
    cast.schedule("Next", hours=31)

    assert perform_next(Lane.ACTS) == 1

    assert witness.meetings_at_zoom("Next")
    assert witness.count("kind = 'zoom.register' AND state = 'planned'") == 3


def test_a_worker_that_was_told_to_stop_asks_no_more(parcels):
    parcels.plan()
    parcels.knows = pytest.fail
    witness.sql("UPDATE effects SET state = 'uncertain', due_at = now() - interval '1 minute'")
    reconcile.stopping.set()
    try:
        reconcile.reconcile()
    finally:
        reconcile.stopping.clear()

    assert witness.count("state = 'uncertain'") == 1


def test_a_hundred_thousand_reminders_of_later_cost_each_second_nothing(parcels):
    _plan_far_future()
    witness.sql("ANALYZE effects")  # as Postgres does by itself within a minute
    with _statements() as asked:
        transaction(dispatch.sweep)
        for lane in Lane:
            perform_next(lane)
    db.session.rollback()

    assert len(asked) >= 5
    for statement, parameters in asked:
        plan = _explain(statement, parameters)
        read = sum(
            int(each) for each in re.findall(r"^ +Buffers: shared hit=(\d+)", plan, re.M)[:1]
        )
        assert "Seq Scan on effects" not in plan, plan
        assert read < 50, plan  # of some thousands


def _plan_far_future():
    witness.sql(
        "INSERT INTO effects (key, kind, purpose, lane, subject, payload, rule, due_at, state,"
        " attempts, planned_at) SELECT 'future ' || n, 'email', 'classes', 'messages', 'class=1',"
        " '{}', 'class_reminder_24h', now() + n * interval '1 minute', 'planned', 0, now()"
        " FROM generate_series(100, :last) AS n",
        last=FUTURE + 99,
    )


class _statements:  # noqa: N801 (reads as a verb where it is used)
    """Collects the questions that are asked of the ledger in the block."""

    def __enter__(self):
        self.asked = []
        event.listen(db.engine, "before_cursor_execute", self._note)
        return self.asked

    def __exit__(self, *exception):
        event.remove(db.engine, "before_cursor_execute", self._note)

    def _note(self, connection, cursor, statement, parameters, context, many):
        if "FROM effects" in statement:
            self.asked.append((statement, parameters))


def _explain(statement, parameters):
    with db.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS) {statement}", parameters)
        return "\n".join(row[0] for row in rows)
