"""An AiSensy of our own, empty, and the programme's webhook receiver as a list of what came in."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
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
from ffapp.providers.simulating import callbacks

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
}


@dataclass
class Receiver:
    """Posts that arrived, and the statuses with which the next ones are answered."""

    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def app(self) -> flask.Flask:
        app = flask.Flask("receiver")

        @app.post("/hooks/aisensy")
        def hook() -> tuple[str, int]:
            self.posts.append((dict(flask.request.headers), flask.request.get_data()))
            return "", self.answers.pop(0) if self.answers else 204

        return app

    def deliver(self) -> list[dict[str, Any]]:
        """Post what is due until nothing is; answers all envelopes, in the order of arrival."""
        while callbacks.due_callbacks():
            callbacks.deliver()
        return [json.loads(body) for _, body in self.posts]

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
def receiver(settings: config.Settings) -> Iterator[Receiver]:
    receiver = Receiver()
    callbacks.deliver_by("aisensy", delivery_policy(settings))
    with callbacks.posting_through(httpx.WSGITransport(receiver.app())):
        yield receiver


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
