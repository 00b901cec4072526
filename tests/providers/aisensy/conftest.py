"""An AiSensy of our own, empty, and the programme's webhook receiver as a list of what came in."""

from collections.abc import Callable, Iterator
from typing import Any

import flask
import httpx
import pytest
from flask.testing import FlaskClient
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from ffapp.core import config
from ffapp.providers.aisensy import campaigns
from ffapp.providers.aisensy.client import AiSensyClient, TemplateMessage
from ffapp.providers.aisensy.settings import AiSensySettings
from ffapp.providers.aisensy.simulator.app import create_simulator
from ffapp.providers.aisensy.simulator.messages import delivery_policy
from tests.providers import receiver

NUMBER = "+919876543210"
VALUES = {
    "first_name": "Asha",
    "title": "Pricing",
    "cohort": "Winter 2026",
    "your_when": "Sat 5 Dec, 5:00 pm IST",
    "count": "3",
    "first": "Sat 5 Dec, 5:00 pm IST",
    "schedule_url": "http://localhost/schedule",
    "recordings_url": "http://localhost/recordings/classes/7",
    "link": "http://localhost/links/abc",
    "code": "123456",
}


class Receiver(receiver.Receiver):
    def statuses(self) -> list[str]:
        """The statuses told, in the order of arrival."""
        return [
            envelope["data"]["message"]["status"]
            for envelope in self.deliver()
            if envelope["topic"] == "message.status.updated"
        ]


@pytest.fixture(autouse=True)
def empty_store(settings: config.Settings, clean: None) -> None:
    """Each test begins and ends with nothing sent."""


@pytest.fixture
def simulator(settings: config.Settings) -> FlaskClient:
    return create_simulator(settings).test_client()


@pytest.fixture
def aisensy(settings: config.Settings) -> AiSensyClient:
    mounts = {"/aisensy": create_simulator(settings)}
    network = httpx.WSGITransport(DispatcherMiddleware(flask.Flask("nothing"), mounts))
    return AiSensyClient(settings.providers["aisensy"], network)


@pytest.fixture
def answering(settings) -> Callable[..., AiSensyClient]:
    """A client to which the network answers as told."""

    def make(status: int, **answer: object) -> AiSensyClient:
        transport = httpx.MockTransport(lambda request: httpx.Response(status, **answer))
        return AiSensyClient(settings.providers["aisensy"], transport)

    return make


@pytest.fixture(name="receiver")
def _receiver(settings: config.Settings) -> Iterator[Receiver]:
    with Receiver().listening_to("aisensy", delivery_policy(settings)) as found:
        yield found


@pytest.fixture
def body(settings: config.Settings) -> dict[str, Any]:
    """A send that AiSensy takes."""
    return {
        "apiKey": settings.providers["aisensy"].api_key,
        "campaignName": "class_scheduled",
        "destination": NUMBER,
        "userName": "Asha Rao",
        "templateParams": ["Asha", "Pricing", "Winter 2026", "Sat 5 Dec", "http://localhost"],
    }


def message(
    destination: str = NUMBER, notice: str = "class_scheduled", **changes: Any
) -> TemplateMessage:
    """A message about a notice, whose effect is 42."""
    campaign = campaigns.campaign_of(AiSensySettings.current(), notice)
    values: dict[str, Any] = {
        "campaign": campaign.name,
        "destination": destination,
        "name": "Asha Rao",
        "params": campaign.params(VALUES),
        "effect_id": "42",
    }
    return TemplateMessage(**{**values, **changes})
