"""The simulated Zoom in process, a client for it, and a receiver that keeps what it posts."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from ffapp.core import clock, config
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.client import ZoomClient
from ffapp.providers.zoom.simulator.app import create_simulator
from ffapp.providers.zoom.simulator.events import delivery_policy
from tests.providers.zoom.lab import Clock, Receiver, a_class, fetch_token


@pytest.fixture(autouse=True)
def _within(context: None) -> None:
    """Every test runs in the app's context: the client keeps its token in the database."""


@pytest.fixture
def wsgi(settings: config.Settings) -> Any:
    """The simulator under `/zoom`, as all of them are mounted."""
    return DispatcherMiddleware(NotFound(), {"/zoom": create_simulator(settings)})


@pytest.fixture
def transport(wsgi: Any) -> httpx.WSGITransport:
    return httpx.WSGITransport(wsgi)


@pytest.fixture
def zoom(settings: config.Settings, transport: httpx.WSGITransport) -> ZoomClient:
    return ZoomClient(settings.providers["zoom"], transport)


@pytest.fixture
def api(settings: config.Settings, transport: httpx.WSGITransport) -> Iterator[httpx.Client]:
    """The bare API with a token, for what the client does not do."""
    with httpx.Client(transport=transport, base_url=settings.providers["zoom"].base_url) as client:
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
def receiver(settings: config.Settings) -> Iterator[Receiver]:
    with Receiver().listening_to("zoom", delivery_policy(settings)) as found:
        yield found


@pytest.fixture
def business_clock() -> Iterator[Clock]:
    found = Clock(datetime(2026, 12, 1, 4, 30, tzinfo=UTC))
    with clock.running_on(found):
        yield found
