"""The sync of 300 finished classes: how many calls to Zoom, how many seconds.

`python -m bench.sync`. The floor is reading the same answers without writing anything.
"""

import logging
import time
from datetime import timedelta

import structlog

from bench.instance import instance
from ffapp.classes.models import ClassSession
from ffapp.core import clock, runs
from ffapp.core.db import db, transaction
from ffapp.core.runs import Run
from ffapp.providers.simulating import store
from ffapp.providers.zoom.client import ZoomClient
from ffapp.providers.zoom.simulator import live_meetings
from ffapp.providers.zoom.wire import MeetingDetails, marker
from ffapp.recordings import sync
from ffapp.recordings.models import Recording
from tests.cast import make_cast

HOSTS, EACH = 3, 100  # Zoom lets a host make a hundred meetings a day


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with instance():
        now = clock.now()
        moment = [now]
        with clock.running_on(lambda: moment[0]):
            _hold_classes(moment)
            moment[0] += timedelta(hours=2)
            floor = _read_only()
            run, seconds = _sync()
    print(f"sync of {run.fact('classes')} finished classes of {run.total} hosts")
    print(f"  reading the same answers, writing nothing   {floor:6.2f} s   1.0")
    print(f"  the sync                                    {seconds:6.2f} s   {seconds / floor:.1f}")
    names = ("calls", "files_new", "became_available")
    calls, files, available = (run.fact(name) for name in names)
    print(f"  calls to Zoom {calls}, files {files}, available {available}")


def _hold_classes(moment: list) -> None:
    """Classes that were held one after the other, each in a meeting at the simulated Zoom."""
    store.set_switch("zoom", "webhooks", {"drop": True})
    cast = make_cast()
    begin = moment[0] - timedelta(hours=40)
    for host in range(HOSTS):
        for number in range(EACH):
            moment[0] = begin + timedelta(minutes=20 * number)
            _hold(cast.cohort.id, f"host{host}@futurefounders.example", number, moment)
    db.session.commit()


def _hold(cohort_id: int, host: str, number: int, moment: list) -> None:
    details = MeetingDetails(
        marker=marker(f"{host}{number}"),
        topic=f"Class {number}",
        start_at=moment[0],
        timezone="Asia/Kolkata",
        minutes=15,
    )
    db.session.commit()
    meeting = ZoomClient.current().create_meeting(host, details)
    db.session.add(
        ClassSession(
            cohort_id=cohort_id,
            title=f"Class {number}",
            starts_at=moment[0],
            duration_minutes=15,
            time_zone="Asia/Kolkata",
            created_at=moment[0],
            zoom_host_email=host,
            zoom_meeting_id=meeting.id,
            zoom_join_url=meeting.join_url,
        )
    )
    live_meetings.start(meeting.id)
    moment[0] += timedelta(minutes=15)
    live_meetings.end(meeting.id)


def _read_only() -> float:
    started = time.perf_counter()
    today = clock.now().date()
    for host in range(HOSTS):
        name = f"host{host}@futurefounders.example"
        list(ZoomClient.current().recordings_of_host(name, today - timedelta(days=4), today))
    return time.perf_counter() - started


def _sync() -> tuple[Run, float]:
    run = transaction(sync.start_sync, "the bench")
    started = time.perf_counter()
    runs.perform(run.id, 3600)
    seconds = time.perf_counter() - started
    files = db.session.scalar(db.select(db.func.count()).select_from(Recording))
    assert files, "the sync found nothing"
    return db.session.get_one(Run, run.id), seconds


if __name__ == "__main__":
    main()
