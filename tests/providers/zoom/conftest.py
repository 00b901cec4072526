"""The simulated Zoom in process, a client that talks to it, and a door that keeps what it posts."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import delete
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from zoom_lab import Clock, Door, a_class, fetch_token

from ffapp import clock, config
from ffapp.db import db
from ffapp.providers.simulating import callbacks, store
from ffapp.providers.token_lease import ProviderToken
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.client import ZoomClient
from ffapp.providers.zoom.simulator.app import create_simulator
from ffapp.providers.zoom.simulator.callbacks import timetable

SIMULATOR_TABLES = (
    store.journal,
    store.things,
    store.callbacks,
    store.switches,
    store.counters,
)


@pytest.fixture(autouse=True)
def _clean(settings: config.Settings) -> None:
    with store.open_store().connect() as connection:
        for table in SIMULATOR_TABLES:
            connection.execute(delete(table))
    with db.engine.begin() as connection:
        connection.execute(delete(ProviderToken))


@pytest.fixture
def wsgi(settings: config.Settings) -> Any:
    """The simulator under `/zoom`, as all of them are mounted."""
    return DispatcherMiddleware(NotFound(), {"/zoom": create_simulator(settings)})


@pytest.fixture
def transport(wsgi: Any) -> httpx.WSGITransport:
    return httpx.WSGITransport(wsgi)


@pytest.fixture
def zoom(settings: config.Settings, transport: httpx.WSGITransport) -> ZoomClient:
    return ZoomClient(settings.zoom, transport)


@pytest.fixture
def api(settings: config.Settings, transport: httpx.WSGITransport) -> Iterator[httpx.Client]:
    """The bare API with a token, for what the client does not do."""
    with httpx.Client(transport=transport, base_url=settings.zoom.base_url) as client:
        client.headers["Authorization"] = f"Bearer {fetch_token(client, settings)['access_token']}"
        yield client


@pytest.fixture
def browser(transport: httpx.WSGITransport) -> Iterator[httpx.Client]:
    with httpx.Client(transport=transport, follow_redirects=True) as client:
        yield client


@pytest.fixture
def details() -> wire.MeetingDetails:
    return a_class()


@pytest.fixture
def door(settings: config.Settings) -> Iterator[Door]:
    found = Door()
    callbacks.deliver_by("zoom", timetable(settings))
    callbacks.use_door(httpx.WSGITransport(found))
    yield found
    callbacks.use_door(None)


@pytest.fixture
def business_clock() -> Iterator[Clock]:
    found = Clock(datetime(2026, 12, 1, 4, 30, tzinfo=UTC))
    with clock.running_on(found):
        yield found
