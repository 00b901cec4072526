"""Classes that are held in the simulated Zoom, and webhooks that get lost."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from ffapp.classes import phase
from ffapp.classes.models import ClassSession, MeetingInstance
from ffapp.core.db import db, transaction
from ffapp.core.runs import Run
from ffapp.providers.simulating import store
from ffapp.providers.zoom.simulator import live_meetings as zoom_live
from ffapp.recordings import sync as recording_sync
from tests.cast import Cast
from tests.conftest import Travel
from tests.drain import Drain


def add_instance(session: ClassSession, uuid: str = "u", minutes: int = 60) -> MeetingInstance:
    """The class's meeting was held at its time, under this uuid; its recordings belong to it."""
    start = session.starts_at
    instance = MeetingInstance(
        session_id=session.id,
        zoom_uuid=uuid,
        started_at=start,
        ended_at=start + timedelta(minutes=minutes),
    )
    db.session.add(instance)
    phase.decide_instances(session)
    return instance


@pytest.fixture
def session(cast: Cast, worker: Drain, travel: Travel) -> ClassSession:
    """A class with a meeting and three links, in thirty hours, made a minute ago."""
    session = cast.schedule(hours=30)
    worker.drain()
    db.session.refresh(session)
    travel.forward(minutes=1)
    return session


@pytest.fixture
def hold(worker: Drain, travel: Travel) -> Callable[..., None]:
    """Hold a class in the simulated Zoom, from its start for some minutes."""

    def hold_class(session: ClassSession, minutes: int = 60) -> None:
        db.session.refresh(session)
        travel.to(session.starts_at)
        zoom_live.start(session.zoom_meeting_id or 0)
        travel.forward(minutes=minutes)
        zoom_live.end(session.zoom_meeting_id or 0)

    return hold_class


@pytest.fixture
def without_webhooks() -> Iterator[None]:
    store.set_switch("zoom", "webhooks", {"drop": True})
    yield
    store.set_switch("zoom", "webhooks", None)


@pytest.fixture
def run_sync(cast: Cast, worker: Drain) -> Callable[..., Run]:
    """Press “Sync now”, for everything or for one class, and wait for the run."""

    def press(session: ClassSession | None = None) -> Run:
        run = transaction(recording_sync.start_sync, cast.admin, session)
        worker.drain()
        db.session.rollback()
        return db.session.get_one(Run, run.id)

    return press
