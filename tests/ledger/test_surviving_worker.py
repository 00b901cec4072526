"""What a worker survives, and how it leaves."""

import signal

import psycopg

from ffapp.db import transaction
from ffapp.people.invite import request_reset
from ffapp.providers.simulating import store
from tests.processes import witness
from tests.processes.poll import poll

MAY_TAKE_SECONDS = 25


def test_a_worker_that_can_no_longer_listen_begins_again(cast, house, postgres, database_url):
    """Its listeners end quietly, and so do the workers of the urgent and of the common queue."""
    worker = house.worker()
    poll(lambda: _listeners() == 2, "it listens")

    with _nobody_let_in(postgres, database_url):
        _break_listeners()
        poll(lambda: worker.words().count("it ended by itself") == 2, "both have noticed")

    transaction(request_reset, cast.tara.email)
    cast.schedule("Afterwards", hours=30)
    poll(lambda: witness.count("purpose = 'account' AND state = 'sent'"), "the urgent queue works")
    poll(lambda: witness.meetings_at_zoom("Afterwards"), "the common queue works")
    assert _listeners() == 2


def test_a_second_signal_does_not_cut_short_what_the_first_one_waits_for(cast, house):
    worker = house.worker(PROVIDER_DEADLINE_SECONDS="15")
    store.set_switch("zoom", "fault", {"kind": "slow_after", "seconds": 3, "path": "meetings"})
    cast.schedule("Slow", hours=30)
    poll(lambda: witness.meetings_at_zoom("Slow"), "Zoom has made the meeting")

    worker.signal(signal.SIGTERM)
    poll(lambda: worker.says("worker.stopping"), "the first signal is heard")

    assert worker.stop() < MAY_TAKE_SECONDS
    assert worker.exit_code == 0
    (create,) = witness.ledger("kind = 'zoom.create'")
    assert create.state == "sent"


def test_a_worker_whose_job_does_not_end_leaves_in_time_all_the_same(cast, house):
    stuck = house.stalling_worker("before_the_call")
    house.go("before_the_call")
    cast.schedule("Stuck", hours=30)
    poll(lambda: stuck.says("stalled before_the_call zoom.create"), "the job is stuck")

    assert stuck.stop() <= MAY_TAKE_SECONDS

    assert stuck.says("worker.leaves_jobs_behind")
    assert witness.count("state = 'sending'") == 1  # and is given up when its deadline has passed


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
