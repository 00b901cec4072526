"""What a worker writes: which job each line is about, and which effects while it performs some."""

import json

import pytest
import structlog

from ffapp.core.db import transaction
from ffapp.core.jobs import defer, queue, rescue
from ffapp.ledger.perform import LOGGED_AT_MOST, log_context
from tests.ledger.conftest import parcels, running_app, servers
from tests.log_lines import logged
from tests.processes import witness
from tests.processes.poll import poll

__all__ = ["parcels", "running_app", "servers"]


def test_a_real_worker_names_job_and_effect_on_each_line_of_a_call(cast, running_app):
    cast.schedule(hours=30)
    worker = running_app.worker()
    poll(lambda: witness.count("kind = 'zoom.create' AND state = 'sent'"), "the meeting is made")

    lines = [json.loads(line) for line in worker.words().splitlines()]  # each is JSON
    (meeting,) = witness.ledger("kind = 'zoom.create'")
    calls = [line for line in lines if line["event"] == "provider.call"]
    (made,) = [line for line in calls if line["path"].endswith("/meetings")]
    assert made["effects"] == [meeting.id]
    assert all(line["task"] == "ledger.perform" and line["job"] for line in calls)


def test_what_breaks_while_performing_names_job_and_effect(parcels, worker):
    effect = parcels.plan()
    parcels.answer = _break

    with logged() as lines:
        worker.drain()

    (line,) = lines.of("ledger.call_broke")
    assert (line["effects"], line["task"]) == ([effect.id], "ledger.perform")
    assert line["job"] > 0


def test_a_job_that_breaks_is_one_line_with_its_ids(parcels, worker):
    effect = parcels.plan()
    parcels.while_recording = lambda: _break([])

    with logged() as lines, pytest.raises(AssertionError, match="jobs failed"):
        worker.drain()

    (line,) = [line for line in lines.all() if line["level"] == "error"]
    assert (line["task"], line["effects"]) == ("ledger.perform", [effect.id])
    assert line["job"] == witness.sql("SELECT id FROM procrastinate_jobs WHERE status = 'failed'")
    assert "KeyError" in line["exception"]


def test_a_job_that_is_a_coroutine_is_named_too(context, worker, monkeypatch):
    async def stumble(**options):
        structlog.get_logger().info("stumbling")
        return []

    monkeypatch.setattr(queue.job_manager, "get_stalled_jobs", stumble)
    transaction(defer, rescue, timestamp=0)

    with logged() as lines:
        worker.drain()

    said = lines.of("stumbling")  # more than once when the clock has rung for it as well
    assert said
    assert all(line["task"] == "jobs.rescue" and line["job"] for line in said)


def test_of_a_large_batch_some_are_named():
    with logged() as lines, log_context(range(1, 1001)):
        structlog.get_logger().info("calling")

    assert lines.of("calling")[0]["effects"] == list(range(1, LOGGED_AT_MOST + 1))


def _break(prepared):
    raise KeyError("a mistake of ours")
