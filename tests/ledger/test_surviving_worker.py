"""What a worker survives, and how it leaves."""

import signal

import psycopg

from ffapp.core.db import transaction
from ffapp.ledger.in_flight import LEFT, TOLD
from ffapp.people.invite import request_reset
from ffapp.providers.simulating import store
from ffapp.worker import GRACE_SECONDS, LAST_SECONDS, LEAVE_SECONDS
from tests.ledger.pupils import enrolled
from tests.processes import witness
from tests.processes.poll import poll

# Twenty-two and twenty-three in production.
SHORT_GRACE = ("ffapp.worker.GRACE_SECONDS=6", "ffapp.worker.LEAVE_SECONDS=7")
KINDS = ("email", "zoom.create")
RULES = "('class_scheduled', 'zoom_meeting')"


def test_a_worker_that_can_no_longer_listen_begins_again(cast, running_app, postgres, database_url):
    """Its listeners end quietly, and so do the workers of the urgent and of the common queue."""
    worker = running_app.worker()
    poll(lambda: _listeners() == 2, "it listens")

    with _nobody_let_in(postgres, database_url):
        _break_listeners()
        # They try again each second, so that on a slow machine it is soon said more often.
        poll(lambda: worker.words().count("it ended by itself") >= 2, "both have noticed")

    transaction(request_reset, cast.tara.email)
    cast.schedule("Afterwards", hours=30)
    poll(lambda: witness.count("purpose = 'account' AND state = 'sent'"), "the urgent queue works")
    poll(lambda: witness.meetings_at_zoom("Afterwards"), "the common queue works")
    poll(lambda: _listeners() == 2, "both listen again")


def test_a_worker_leaves_before_the_platform_kills_it():
    assert GRACE_SECONDS < LEAVE_SECONDS
    assert LEAVE_SECONDS + LAST_SECONDS <= 25


def test_a_second_signal_does_not_cut_short_what_the_first_one_waits_for(cast, running_app):
    worker = running_app.worker(PROVIDER_DEADLINE_SECONDS="15")
    store.set_switch("zoom", "fault", {"kind": "slow_after", "seconds": 3, "path": "meetings"})
    cast.schedule("Slow", hours=30)
    poll(lambda: witness.meetings_at_zoom("Slow"), "Zoom has made the meeting")

    worker.signal(signal.SIGTERM)
    poll(lambda: worker.says("worker.stopping"), "the first signal is heard")

    worker.stop()
    assert worker.exit_code == 0
    (create,) = witness.ledger("kind = 'zoom.create'")
    assert create.state == "sent"


def test_a_worker_whose_jobs_do_not_end_leaves_in_time_and_nothing_sending(cast, running_app):
    """One stalls just before its calls, one just after them: what they did is found out later."""
    silent = enrolled(cast, "silent")
    before = _stalled(running_app, "before_the_call")
    early = cast.schedule("Early", hours=30).subject
    _told_to_stop(before, *KINDS)
    poll(lambda: not before.running, "the one has left")
    assert _fates(early) == {("planned", f"{TOLD} It will be tried again.")}
    _put_off(early)  # or the other would take it up
    after = _stalled(running_app, "before_the_outcome")
    late = cast.schedule("Late", hours=30).subject
    _told_to_stop(after, *KINDS)

    poll(lambda: not after.running, "the other has left")

    assert all(worker.says("worker.leaves_jobs_behind") for worker in (before, after))
    assert witness.count("state = 'sending'") == 0
    assert _fates(late) == {("uncertain", LEFT)}
    _put_off(early, "0 s")
    running_app.worker()
    poll(lambda: _unsettled() == {(silent.id, late)}, "all is found out but what no event tells of")
    witness.assert_nothing_twice()
    for title in ("Early", "Late"):
        assert len(witness.meetings_at_zoom(title)) == 1


def _stalled(running_app, step):
    worker = running_app.stalling_worker(step, *SHORT_GRACE, PROVIDER_DEADLINE_SECONDS="20")
    running_app.go(step)
    worker.wait_for("worker.started")
    return worker


def _told_to_stop(worker, *kinds):
    """Wait until it is stuck with an effect of each kind, and tell it."""
    poll(lambda: all(_is_stuck_with(kind, worker) for kind in kinds), f"stuck with {kinds}")
    worker.signal(signal.SIGTERM)
    poll(lambda: worker.says("worker.stopping"), "it is heard")


def _put_off(subject, wait="1 hour"):
    witness.sql(
        f"UPDATE effects SET due_at = now() + interval '{wait}' WHERE subject = :of"
        f" AND rule IN {RULES} AND state = 'planned'",
        of=subject,
    )


def _is_stuck_with(kind, worker):
    return any(
        line.startswith("stalled ") and f" {kind} " in line for line in worker.words().splitlines()
    )


def _fates(subject):
    rows = witness.ledger(f"subject = :of AND rule IN {RULES}", of=subject)
    # What nobody had claimed yet waits without a reason.
    claimed = [row for row in rows if row.state != "withheld" and row.reason]
    return {(row.state, row.reason) for row in claimed}


def _unsettled():
    rows = witness.ledger(f"rule IN {RULES} AND state NOT IN ('sent', 'withheld')")
    return {(row.person_id, row.subject) for row in rows}


def _listeners():
    return witness.sql(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND query LIKE 'LISTEN%'"
    )


def _break_listeners():
    witness.sql(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
    )


class _nobody_let_in:  # noqa: N801 (reads as a sentence where it is used)
    """In the block the database accepts no new connections; those that are there stay."""

    def __init__(self, postgres, database_url):
        self.url, self.name = postgres.url, database_url.rpartition("/")[2]

    def __enter__(self):
        self._allow("false")

    def __exit__(self, *exception):
        self._allow("true")

    def _allow(self, whether):
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {self.name} ALLOW_CONNECTIONS {whether}")
