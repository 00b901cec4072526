"""Zoom down, slow or not itself: what the class page says meanwhile, and that nothing is lost."""

import threading

import pytest
from werkzeug.serving import make_server

from ffapp import simulators
from ffapp.core import config
from ffapp.core.db import db
from ffapp.ledger.models import Effect
from ffapp.providers.registry import read_settings
from ffapp.providers.simulating import store
from ffapp.providers.zoom.client import ZoomClient
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.web.rendering import span
from tests.conftest import ENVIRONMENT
from tests.processes.poll import poll

DEADLINE_SECONDS, SLOW_SECONDS = 1, 1.5
BUSY = "Zoom is getting too many requests at once. We try again shortly. It will be tried again."
ERROR_PAGE = "Zoom may or may not have managed to create the meeting: its answer was an error page."
BROKE_OFF = "The connection to Zoom broke off."
TOO_SLOW = "Zoom did not answer in time."
MADE, UNKNOWN = "The meeting is being made.", "Nobody knows yet whether the meeting was made"
# The kind of day → what the page says, and why; and whether Zoom acts all the same.
DAYS = {
    "down": (UNKNOWN, ERROR_PAGE, False),
    "limited": (MADE, BUSY, False),
    "drop_before": (UNKNOWN, BROKE_OFF, False),
    "drop_after": (UNKNOWN, BROKE_OFF, True),
    "slow_after": (UNKNOWN, TOO_SLOW, True),
}


@pytest.fixture
def zoom_over_a_socket(settings):
    """Zoom behind a real socket, which can break, and where a deadline can pass."""
    server = make_server("127.0.0.1", 0, simulators.create_api(settings), threaded=True)
    environment = {
        **ENVIRONMENT,
        "DATABASE_URL": settings.database_url,
        "SIMULATORS_URL": f"http://127.0.0.1:{server.port}",
        "PROVIDER_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
    }
    config.use(read_settings(environment))
    before = ZoomClient.current()
    ZoomClient(ZoomSettings.current(), None).use()
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield
    before.use()
    server.shutdown()
    serving.join()


def at_zoom():
    """The meetings that the simulated Zoom has now."""
    return store.find("zoom", "meeting")


@pytest.mark.parametrize("kind", DAYS)
def test_a_bad_day_is_waited_out_and_the_page_says_why_and_until_when(
    client, cast, worker, travel, zoom_over_a_socket, kind
):
    state, reason, acts = DAYS[kind]
    store.set_switch("zoom", "fault", {"kind": kind, "path": "/v2/", "seconds": SLOW_SECONDS})
    session = cast.schedule(hours=10)
    worker.drain()

    client.sign_in(cast.admin)
    card = _zoom_card(client, session)
    assert state in card
    assert reason in card
    assert f"in {span(_next_try() - travel.now)}" in card
    if acts:
        poll(at_zoom, "Zoom has acted all the same")

    for _ in range(2):
        travel.forward(minutes=3)
        worker.drain()
    assert state in _zoom_card(client, session), "it still waits"
    store.set_switch("zoom", "fault", None)
    for _ in range(4):
        travel.forward(minutes=16)
        worker.drain()

    db.session.refresh(session)
    assert [meeting["id"] for meeting in at_zoom()] == [session.zoom_meeting_id]
    assert ">Ready</span>" in _zoom_card(client, session)


def _next_try():
    db.session.rollback()
    return db.session.scalars(db.select(Effect.due_at).filter_by(kind="zoom.create")).one()


def _zoom_card(client, session):
    headers = {"HX-Request": "true", "HX-Target": "zoom-card"}
    return client.get(f"/admin/classes/{session.id}", headers=headers).text
