"""A Bolna of our own, empty, and the programme's webhook receiver as a list of what came in."""

from collections.abc import Callable, Iterator
from typing import Any

import flask
import httpx
import pytest
from flask.testing import FlaskClient
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from ffapp.core import config
from ffapp.providers.bolna.client import BolnaClient, CallRequest
from ffapp.providers.bolna.settings import BolnaSettings
from ffapp.providers.bolna.simulator.app import create_simulator
from ffapp.providers.bolna.simulator.calls import delivery_policy
from tests.providers import receiver

NUMBER = "+919876543210"


class Receiver(receiver.Receiver):
    def statuses(self) -> list[str]:
        """The statuses told, in the order of arrival."""
        return [body["status"] for body in self.deliver()]


@pytest.fixture(autouse=True)
def empty_store(settings: config.Settings, clean: None) -> None:
    """Each test begins and ends with nobody called."""


@pytest.fixture
def own(settings: config.Settings) -> BolnaSettings:
    return settings.of(BolnaSettings)


@pytest.fixture
def simulator(settings: config.Settings, own: BolnaSettings) -> FlaskClient:
    """A stranger's HTTP client with our key."""
    client = create_simulator(settings).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {own.api_key}"
    return client


@pytest.fixture
def bolna(settings: config.Settings, own: BolnaSettings) -> BolnaClient:
    mounts = {"/bolna": create_simulator(settings)}
    network = httpx.WSGITransport(DispatcherMiddleware(flask.Flask("nothing"), mounts))
    return BolnaClient(own, network)


@pytest.fixture
def answering(own: BolnaSettings) -> Callable[..., BolnaClient]:
    """A client to which the network answers as told."""

    def make(status: int, **answer: object) -> BolnaClient:
        transport = httpx.MockTransport(lambda request: httpx.Response(status, **answer))
        return BolnaClient(own, transport)

    return make


@pytest.fixture(name="receiver")
def _receiver(settings: config.Settings) -> Iterator[Receiver]:
    with Receiver().listening_to("bolna", delivery_policy(settings)) as found:
        yield found


@pytest.fixture
def body(own: BolnaSettings) -> dict[str, Any]:
    """A call that Bolna takes."""
    return {
        "agent_id": own.default_agent_id,
        "recipient_phone_number": NUMBER,
        "user_data": {"callee_name": "Asha", "ffapp_effect": "42"},
    }


@pytest.fixture
def request_to(own: BolnaSettings) -> Callable[..., CallRequest]:
    """A call to a number, whose effect is 42."""

    def make(number: str = NUMBER, effect_id: str = "42") -> CallRequest:
        return CallRequest(own.default_agent_id, number, effect_id, {"callee_name": "Asha"})

    return make
